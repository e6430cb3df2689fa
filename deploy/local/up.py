"""`up`: runs the platform until Ctrl-C, empty or with the sample county."""

import argparse
import subprocess

from deploy.errors import SetupError
from deploy.local.options import Options
from deploy.local.restarts import TRY_AGAIN, Restarts
from deploy.local.session import platform_session, run_client, running_gateway, say


def up(options: Options, arguments: list[str]) -> int:
    """Run the platform in the foreground and print how to use it."""
    parser = argparse.ArgumentParser(prog="dev.py up", allow_abbrev=False)
    parser.add_argument("--sample", action="store_true", help="示例县 / with the sample county")
    flags = ["--sample"] if parser.parse_args(arguments).sample else []
    say(f"正在启动平台，数据目录 {options.data}", f"starting the platform, data in {options.data}")
    with platform_session(options) as platform:
        if platform is None:
            pid, url = running_gateway(options)
            say(f"平台已在运行（进程 {pid}）：{url}", f"already running (process {pid}): {url}")
            return 0
        welcome = _Welcome(options, flags)
        platform.watch(welcome.check)
    return 0


class _Welcome:
    """Prepares the sample logins and prints first steps, in a separate process."""

    def __init__(self, options: Options, flags: list[str]) -> None:
        self._options, self._flags = options, flags
        self._restarts = Restarts(options.restart_minutes * 60)
        self._process: subprocess.Popen[bytes] | None = None
        self._is_done = False

    def check(self) -> bool:
        """Start it, or restart it after it or a service was killed. Always returns False.

        Raises:
            SetupError: the logins cannot be prepared.
        """
        if self._is_done:
            return False
        if self._process is None:
            if self._restarts.is_due:
                self._process = self._start()
            return False
        status = self._process.poll()
        if status:
            self._process = None
            self._restarts.ended()
            if not (status < 0 or status == TRY_AGAIN) or self._restarts.is_hopeless:
                raise SetupError("无法准备示例账号", "the sample logins could not be prepared")
        self._is_done = status == 0
        return False

    def _start(self) -> "subprocess.Popen[bytes]":
        url = self._options.url("gateway")
        return run_client(self._options, url, "deploy.local.welcome", *self._flags)
