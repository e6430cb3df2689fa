"""Checks whether a port of this machine is free, and finds free ports."""

import errno
import os
import secrets
import socket
import time
from itertools import count

from deploy.errors import SetupError

# Systems choose ports of outgoing connections from 32768 on, or even higher ones.
_FOR_SERVERS = range(20_000, 32_000)
_turn = count(secrets.randbelow(len(_FOR_SERVERS)))


def require_free(
    port: int, setting: str, host: str = "127.0.0.1", *, patience: float = 0.0
) -> None:
    """Ensure that a server can listen on the port, waiting at most `patience` seconds.

    Raises:
        SetupError: it is taken; the message names the setting that changes it.
    """
    give_up = time.monotonic() + patience
    while (error := _try_bind(port, host)) is not None and time.monotonic() < give_up:
        time.sleep(0.1)
    if error is not None:
        reason = "已被占用" if error.errno == errno.EADDRINUSE else f"不可用（{error.strerror}）"
        address = f"{host}:{port}"
        raise SetupError(
            f"端口 {address} {reason}；请停止占用该端口的程序，或用环境变量 {setting} 改用其他端口",
            f"port {address} cannot be used ({error.strerror}): stop the program that uses it,"
            f" or set another port in the environment variable {setting}",
        ) from error


def _try_bind(port: int, host: str) -> OSError | None:
    try:
        _bind(port, host)
    except OSError as error:
        return error
    return None


def find_free() -> int:
    """A free port; this process does not get it again, nor does any outgoing connection."""
    while True:
        port = _FOR_SERVERS[next(_turn) % len(_FOR_SERVERS)]
        if _try_bind(port, "127.0.0.1") is None:
            return port


def _bind(port: int, host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            # As servers do: connections that are still closing do not occupy the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        probe.listen()
