"""`up`: the platform until Ctrl-C, empty or with the sample county."""

from deploy.local.options import Options
from deploy.local.session import platform_session, running_gateway, say


def up(options: Options, _arguments: list[str]) -> int:
    """Run the platform in the foreground; say how to use it."""
    say(f"正在启动平台，数据目录 {options.data}", f"starting the platform, data in {options.data}")
    with platform_session(options) as platform:
        if platform is None:
            pid, url = running_gateway(options)
            say(f"平台已在运行（进程 {pid}）：{url}", f"already running (process {pid}): {url}")
            return 0
        print(options.url("gateway"), flush=True)
        platform.watch(lambda: False)
    return 0
