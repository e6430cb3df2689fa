"""`demo`: a whole appraisal year over HTTP, on a platform of its own or the one that runs."""

import os
import subprocess
import sys
from typing import Any

from deploy.local.options import Options
from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret
from deploy.local.session import platform_session, running_gateway, say


def demo(options: Options, arguments: list[str]) -> int:
    """Run `junheng demo`; its exit status is ours."""
    say(f"正在启动平台，数据目录 {options.data}", f"starting the platform, data in {options.data}")
    with platform_session(options) as platform:
        if platform is None:
            _, url = running_gateway(options)
            return _start(options, url, arguments).wait()
        play = _start(options, options.url("gateway"), arguments)
        try:
            platform.watch(lambda: play.poll() is not None)
        finally:
            if play.poll() is None:
                play.terminate()
        return play.wait()


def _start(options: Options, url: str, arguments: list[str]) -> "subprocess.Popen[Any]":
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "client.cli", "demo", *arguments],
        env={
            **os.environ,
            "JUNHENG_GATEWAY_URL": url,
            "JUNHENG_BOOTSTRAP_PASSWORD": read_secret(options.secrets, BOOTSTRAP_PASSWORD),
        },
    )
