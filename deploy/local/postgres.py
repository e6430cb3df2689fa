"""An embedded PostgreSQL 18: TCP on the loopback address, one password, removable completely."""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

from deploy.errors import SetupError
from deploy.local import ports
from deploy.local.account import Account, server_account
from deploy.local.binaries import SYSTEM_PLACE, find_binaries, program
from deploy.local.cluster import SUPERUSER, create_cluster
from deploy.local.log_files import open_log, tail_of
from deploy.local.orphan import end_orphans
from services.chassis.core.file_lock import FileLock

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
LOCK_SECONDS = 20
PORT_SETTING = "JUNHENG_POSTGRES_PORT"
# If the creation of an unlogged table was rolled back just before a crash, recovery finds the file
# and PostgreSQL exits; the next start recovers (PostgreSQL bug 17731, still in 18).
_RECOVERY_CONFLICT = re.compile(r"could not create file .*: File exists")

# For two cores and 1 GiB for the whole platform: a small cache; the system caches the rest.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
# For tests: a crash of the machine may lose all data, and many processes connect at once.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
}


class EmbeddedPostgres:
    """One server with its data in `home`; it ends with this process at the latest.

    Args:
        home: folder of the server; if the account that runs the server cannot enter it, the data
            are in a system folder, whose path is in `home/location`.
        port: port on 127.0.0.1.
        password: the superuser's; it is set when the data are created.
        log: file for the server's messages.
        fast: less safe after a crash of the machine but faster, for tests.
    """

    def __init__(
        self, home: Path, *, port: int, password: str, log: Path, fast: bool = False
    ) -> None:
        self.home = home.resolve()
        self.port = port
        self.password = password
        self.log = log.resolve()
        self.fast = fast
        self.data = self.home / "data"
        self._account = Account()
        self._guard: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def url(self, database: str = "postgres") -> str:
        """The superuser's address of a database."""
        password = quote(self.password, safe="")
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{self.port}/{database}"

    def claim(self) -> None:
        """Ensure that no other process uses the data or the port.

        Raises:
            SetupError: another process uses one of them.
        """
        self._settle()
        self._end_predecessor()
        ports.require_free(self.port, PORT_SETTING)

    def start(self) -> None:
        """Create the data if missing, and start the server.

        Raises:
            SetupError: the port is taken, the data are in use, or the server does not start.
        """
        self.claim()
        binaries = find_binaries(self._account)
        if not self.data.exists():
            create_cluster(self.data, binaries, self._account, self.password, sync=not self.fast)
        try:
            self._start_guard(binaries)
        except SetupError as error:
            if not _RECOVERY_CONFLICT.search(str(error)):
                raise
            self._start_guard(binaries)

    def stop(self) -> None:
        """Shut the server down and wait for its end."""
        if self._guard is not None:
            self._guard.communicate()
            self._guard = None

    def restart(self) -> None:
        """Restart the server after it has ended unexpectedly.

        Raises:
            SetupError: it does not start.
        """
        self.stop()
        self.start()

    def status(self) -> int | None:
        """The exit status of the server; None while it runs."""
        return None if self._guard is None else self._guard.poll()

    def is_running(self) -> bool:
        """Whether the server is running."""
        return self._guard is not None and self._guard.poll() is None

    def remove(self) -> None:
        """Stop the server and delete its data, wherever they are."""
        self.stop()
        for folder in (self.data.parent, self.home):
            shutil.rmtree(folder, ignore_errors=True)

    def _settle(self) -> None:
        """Find or choose the location of the data and the account that owns them."""
        self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        location = self.home / "location"
        if location.is_file():
            self.data = Path(location.read_text("utf-8").strip())
        self._account = server_account(self.data)
        if self._account.can_enter(self.data.parent):
            return
        if self.data.exists():
            raise SetupError(
                f"账户 {self._account.uid} 无法进入数据目录 {self.data}",
                f"account {self._account.uid} cannot enter the data folder {self.data}",
            )
        SYSTEM_PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix="postgres-", dir=SYSTEM_PLACE))
        place.chmod(0o755)
        location.write_text(f"{place / 'data'}\n", "utf-8")
        self.data = place / "data"

    def _end_predecessor(self) -> None:
        """Wait until an earlier server on these data has shut down; end orphaned ones."""
        lock = FileLock(self.home / "lock")
        give_up = time.monotonic() + LOCK_SECONDS
        while not lock.acquire():
            if time.monotonic() > give_up:
                raise SetupError(
                    f"数据目录正由另一个进程使用：{self.home}",
                    f"the data folder is in use by another process: {self.home}",
                )
            time.sleep(0.05)
        end_orphans(self.data)
        lock.release()

    def _start_guard(self, binaries: Path) -> None:
        settings = {**SETTINGS, **(FAST if self.fast else {}), "port": str(self.port)}
        account = [str(self._account.uid or ""), str(self._account.gid or "")]
        words = [sys.executable, "-m", "deploy.local.guard", str(self.home / "lock")]
        words += [str(self.data), *account, str(program(binaries, "postgres"))]
        words += ["-D", str(self.data)]
        words += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open_log(self.log) as log:
            start_of_log = log.tell()
            self._guard = subprocess.Popen(
                words,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self._guard.stdout is not None
        pid = self._guard.stdout.readline().strip()
        give_up = time.monotonic() + START_SECONDS
        while not self._is_ready(pid):
            if self._guard.poll() is not None or time.monotonic() > give_up:
                self.stop()
                raise self._not_started(start_of_log)
            time.sleep(0.005)

    def _is_ready(self, pid: str) -> bool:
        """Whether the server's status file reports that it accepts connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text("utf-8").splitlines()
        except OSError:
            return False
        return bool(pid) and lines[:1] == [pid] and len(lines) > 7 and lines[7].strip() == "ready"

    def _not_started(self, start_of_log: int) -> SetupError:
        said = tail_of(self.log, start_of_log)
        return SetupError(f"PostgreSQL 没有启动：\n{said}", f"PostgreSQL did not start:\n{said}")
