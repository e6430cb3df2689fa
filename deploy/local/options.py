"""Options of a local platform: data folder, ports, an existing PostgreSQL."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import SetupError

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PORTS = {
    "gateway": 8700,
    "schools": 8701,
    "appraisal": 8702,
    "accountability": 8703,
    "postgres": 8704,
}
RESTART_MINUTES = 10.0


@dataclass(frozen=True)
class Options:
    """The options of one platform on this machine.

    Attributes:
        data: folder of the database, the secrets, the logs and the files.
        ports: port by process.
        host: address at which the gateway listens; everything else stays on 127.0.0.1.
        database_url: PostgreSQL to use instead of the embedded one, with its administrator.
        restart_minutes: how long unsuccessful restarts of a process are repeated.
    """

    data: Path
    ports: Mapping[str, int]
    host: str = "127.0.0.1"
    database_url: str | None = None
    restart_minutes: float = RESTART_MINUTES

    @classmethod
    def read(cls, data: str | None = None) -> "Options":
        """Read the options from `JUNHENG_*`; a data folder on the command line takes precedence.

        Raises:
            SetupError: a port is not a number from 1 to 65535, two ports are the same, or the
                minutes are not a positive number.
        """
        chosen = data or os.environ.get("JUNHENG_DATA") or ROOT / ".junheng"
        ports = {name: _read_port(name, default) for name, default in DEFAULT_PORTS.items()}
        if len(set(ports.values())) < len(ports):
            raise SetupError("有两个端口设置相同", "two ports are set to the same number")
        return cls(
            data=Path(chosen).expanduser().resolve(),
            ports=ports,
            host=os.environ.get("JUNHENG_HOST") or "127.0.0.1",
            database_url=os.environ.get("JUNHENG_DATABASE_URL") or None,
            restart_minutes=_read_minutes("JUNHENG_RESTART_MINUTES", RESTART_MINUTES),
        )

    @property
    def secrets(self) -> Path:
        """The folder of the secret files."""
        return self.data / "secrets"

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self.data / "logs" / f"{name}.log"

    def url(self, name: str) -> str:
        """The address of the gateway or a service, as seen from this machine."""
        everywhere = self.host in ("0.0.0.0", "::")  # noqa: S104 - names it, does not bind it
        host = "127.0.0.1" if name != "gateway" or everywhere else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.ports[name]}"


def port_setting(name: str) -> str:
    """The environment variable that sets a port."""
    return f"JUNHENG_{name.upper()}_PORT"


def _read_port(name: str, default: int) -> int:
    value = os.environ.get(port_setting(name)) or str(default)
    if not value.isdecimal() or not 0 < int(value) < 65536:
        setting = port_setting(name)
        raise SetupError(
            f"{setting} 应为 1 到 65535 的整数，当前为 {value!r}",
            f"{setting} must be a number from 1 to 65535, but is {value!r}",
        )
    return int(value)


def _read_minutes(setting: str, default: float) -> float:
    value = os.environ.get(setting) or str(default)
    try:
        minutes = float(value)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes < float("inf"):
        raise SetupError(
            f"{setting} 应为正数（分钟），当前为 {value!r}",
            f"{setting} must be a positive number of minutes, but is {value!r}",
        )
    return minutes
