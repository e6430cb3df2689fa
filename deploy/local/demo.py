"""`demo`: a complete appraisal year over HTTP, on a new platform or the running one."""

from deploy.local.options import Options
from deploy.local.session import platform_session, run_client, running_gateway, say


def demo(options: Options, arguments: list[str]) -> int:
    """Run `junheng demo` and return its exit status; an `--output` argument takes precedence."""
    say(f"正在启动平台，数据目录 {options.data}", f"starting the platform, data in {options.data}")
    words = ["client.cli", "demo", "--output", str(options.data / "demo"), *arguments]
    with platform_session(options) as platform:
        if platform is None:
            _, url = running_gateway(options)
            return run_client(options, url, *words).wait()
        play = run_client(options, options.url("gateway"), *words)
        try:
            platform.watch(lambda: play.poll() is not None)
        finally:
            if play.poll() is None:
                play.terminate()
        return play.wait()
