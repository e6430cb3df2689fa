"""One platform per data folder: starts it, or finds the running one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from deploy.errors import SetupError
from deploy.local.options import Options
from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret
from services.chassis.core.file_lock import FileLock
from services.chassis.core.log_sink import LogSink
from services.chassis.core.standard_streams import standard_error

PREDECESSOR_SECONDS = 20.0


@contextmanager
def platform_session(options: Options) -> Iterator[Platform | None]:
    """Run the platform in the context; yields None if another process runs it on this folder."""
    options.data.mkdir(mode=0o711, parents=True, exist_ok=True)
    lock = FileLock(options.data / "platform.lock")
    if not lock.acquire():
        yield None
        return
    record = _record(options)
    # A record without its lock: the last run was killed, and its processes may still be ending.
    patience = PREDECESSOR_SECONDS if record.exists() else 0.0
    platform = Platform(options, say)
    try:
        record.write_text(json.dumps({"pid": os.getpid(), "gateway_url": options.url("gateway")}))
        platform.start(patience)
        yield platform
    finally:
        platform.stop()
        record.unlink(missing_ok=True)
        lock.release()


def running_gateway(options: Options) -> tuple[int, str]:
    """Process id and gateway address of the platform that runs on this folder.

    Raises:
        SetupError: it is starting or stopping.
    """
    try:
        found = json.loads(_record(options).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(
            f"另一个进程正在启动或停止该数据目录上的平台：{options.data}",
            f"another process is starting or stopping the platform on {options.data}",
        ) from error
    return int(found["pid"]), str(found["gateway_url"])


def run_client(options: Options, gateway_url: str, *words: str) -> "subprocess.Popen[bytes]":
    """Start a module that uses the platform over HTTP, in the caller's own folder."""
    known = {
        "JUNHENG_GATEWAY_URL": gateway_url,
        "JUNHENG_BOOTSTRAP_PASSWORD": read_secret(options.secrets, BOOTSTRAP_PASSWORD),
    }
    return subprocess.Popen([sys.executable, "-P", "-m", *words], env={**os.environ, **known})


def say(chinese: str, english: str) -> None:
    """Print a message on standard error; standard output is for results.

    If it cannot be written (a closed pipe, a full disk, a halted terminal), the platform keeps
    running all the same.
    """
    _standard_error().put(f"{chinese}\n{english}\n".encode("utf-8", "replace"))


@cache
def _standard_error() -> LogSink:
    def report(lines: int) -> bytes:
        return f"{lines} 行输出未能写出\n{lines} lines of output were lost\n".encode()

    return LogSink(standard_error(), on_lost=lambda _lines: None, report=report)


def _record(options: Options) -> Path:
    return options.data / "platform.json"
