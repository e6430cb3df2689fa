"""`dev.py up` as a process, with ports of its own."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.local import ports
from deploy.local.options import DEFAULT_PORTS, port_setting

UP = [sys.executable, "-m", "deploy.local", "up"]
LAST_LINE = "Ctrl-C stops it"


class Up:
    """A running `up`: what it has said, and its end."""

    def __init__(
        self, folder: Path, environment: dict[str, str], errors_to: Path | None = None
    ) -> None:
        self.environment = environment
        self.errors = errors_to or folder / "said"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [*UP, "--data", str(folder / "data")],
                env=environment,
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.said = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if LAST_LINE in line:
                return
        raise AssertionError(self.errors.read_text())

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return self.process.returncode

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.environment[port_setting(name)]}"


def own_environment() -> dict[str, str]:
    """Ports of our own, and none of the settings under which the other tests run."""
    inherited = {name: value for name, value in os.environ.items() if "JUNHENG" not in name}
    return inherited | {port_setting(name): str(ports.find_free()) for name in DEFAULT_PORTS}
