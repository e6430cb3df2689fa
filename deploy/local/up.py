"""`up`: the platform until Ctrl-C, empty or with the sample county."""

import argparse
import subprocess

from deploy.errors import SetupError
from deploy.local.options import Options
from deploy.local.session import platform_session, run_client, running_gateway, say


def up(options: Options, arguments: list[str]) -> int:
    """Run the platform in the foreground; say how to use it."""
    parser = argparse.ArgumentParser(prog="dev.py up", allow_abbrev=False)
    parser.add_argument("--sample", action="store_true", help="示例县 / with the sample county")
    wishes = ["--sample"] if parser.parse_args(arguments).sample else []
    say(f"正在启动平台，数据目录 {options.data}", f"starting the platform, data in {options.data}")
    with platform_session(options) as platform:
        if platform is None:
            pid, url = running_gateway(options)
            say(f"平台已在运行（进程 {pid}）：{url}", f"already running (process {pid}): {url}")
            return 0
        welcome = run_client(options, options.url("gateway"), "deploy.local.welcome", *wishes)
        platform.watch(lambda: _is_welcomed(welcome))
    return 0


def _is_welcomed(welcome: "subprocess.Popen[bytes]") -> bool:
    """Tell that the platform need not go on, because it could not be prepared; never otherwise."""
    if welcome.poll() not in (None, 0):
        raise SetupError("无法准备示例账号", "the sample logins could not be prepared")
    return False
