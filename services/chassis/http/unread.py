"""Closes connections whose clients do not read their responses."""

import asyncio
import struct
import sys
from typing import Any

import structlog

if sys.platform != "win32":
    import fcntl
    import termios

log = structlog.get_logger()

# A client must read this much in this time; the last hop moves in steps of 64 to 128 KiB.
UNREAD_SECONDS = 60.0
BYTES_PER_SECOND = 500


class UnreadWatch:
    """Watches one connection while data wait to be read by its client.

    What waits is counted in our own buffer and in the system's: a client that reads slowly empties
    the system's first, for minutes perhaps, before anything leaves ours.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._timer: asyncio.TimerHandle | None = None
        self._waiting = 0

    def begin(self) -> None:
        """Watch from now on, unless it is being watched already."""
        if self._timer is None:
            self._note()

    def end(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _note(self) -> None:
        self._waiting = self._transport.get_write_buffer_size() + _in_system(self._transport)
        self._timer = self._loop.call_later(UNREAD_SECONDS, self._look)

    def _look(self) -> None:
        self._timer = None
        before = self._waiting
        if not self._transport.get_write_buffer_size():
            return
        self._note()
        if before - self._waiting < UNREAD_SECONDS * BYTES_PER_SECOND:
            self.end()
            log.info("answer not read: connection ended")
            self._transport.abort()


def _in_system(transport: asyncio.Transport) -> int:
    """Bytes that the system buffers for the client; 0 on systems that do not report it."""
    connection: Any = transport.get_extra_info("socket")
    if sys.platform == "win32" or connection is None:
        return 0
    try:
        answer = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:
        return 0
    return int(struct.unpack("i", answer)[0])
