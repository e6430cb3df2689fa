"""Writes log lines in a separate thread, so that logging never blocks or fails the caller.

A full disk, a closed standard error, a pipe that nobody reads: the lines are lost, the caller does
not notice. Lost lines are counted, and the first line that can be written again says how many.
"""

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Callable

# More than a few lines wait only while the log cannot be written.
_MOST_BYTES = 4 << 20
_RETRY_SECONDS, _EXIT_SECONDS = 0.05, 2.0


class LogSink:
    """Accepts lines from any thread and writes them to a file descriptor."""

    def __init__(
        self,
        descriptor: int | None,
        on_lost: Callable[[int], None],
        report: Callable[[int], bytes],
        most_bytes: int = _MOST_BYTES,
    ) -> None:
        """Nothing is written yet: the thread starts with the first line.

        Args:
            descriptor: where to write; None when there is nothing to write to.
            on_lost: called with the number of lines whenever some are lost.
            report: makes the line that reports so many lost lines.
            most_bytes: how much may wait to be written.
        """
        self._descriptor, self._on_lost, self._report = descriptor, on_lost, report
        self._most_bytes = most_bytes
        # Reentrant: a finalizer that logs may run in a thread that holds it.
        self._changed = threading.Condition(threading.RLock())
        self._lines: deque[bytes] = deque()
        self._waiting_bytes = self._unreported = 0
        self._is_writing = self._is_torn = False
        self._thread: threading.Thread | None = None

    def put(self, line: bytes) -> None:
        """Queue a line, which ends with a line feed; it is lost when too much waits already."""
        with self._changed:
            is_taken = self._waiting_bytes + len(line) <= self._most_bytes and self._has_thread()
            if is_taken:
                self._lines.append(line)
                self._waiting_bytes += len(line)
                self._changed.notify_all()
        if not is_taken:
            self.lose(1)

    def lose(self, lines: int) -> None:
        """Count lines that could not be written."""
        with self._changed:
            self._unreported += lines
        self._on_lost(lines)

    def flush(self, seconds: float = _EXIT_SECONDS) -> bool:
        """Wait until every line is written or lost, but not longer; whether that is so."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, seconds)

    def _is_idle(self) -> bool:
        return not self._lines and not self._is_writing

    def _has_thread(self) -> bool:
        if self._thread is None:
            thread = threading.Thread(target=self._run, daemon=True, name="log")
            try:
                thread.start()
            except RuntimeError:  # there are too many threads: a later line tries again
                return False
            self._thread = thread
            atexit.register(self.flush)
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines)
                batch = b"".join(self._lines)
                self._lines.clear()
                self._waiting_bytes, self._is_writing = 0, True
            lost = self._write_after_report(batch)
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
            if lost:
                self.lose(lost)

    def _write_after_report(self, batch: bytes) -> int:
        """How many lines of a batch could not be written; earlier losses are reported first."""
        unreported = self._unreported
        if unreported:
            if self._write(self._report(unreported)):
                return batch.count(b"\n")
            with self._changed:
                self._unreported -= unreported
        return self._write(batch)

    def _write(self, lines: bytes) -> int:
        """How many lines could not be written; one that was cut off earlier is ended first."""
        data = b"\n" + lines if self._is_torn else lines
        done = 0
        try:
            while done < len(data):
                done += self._write_some(data, done)
        except OSError:
            if done:
                self._is_torn = not data[:done].endswith(b"\n")
            return data[max(done, len(data) - len(lines)) :].count(b"\n")
        self._is_torn = False
        return 0

    def _write_some(self, data: bytes, done: int) -> int:
        if self._descriptor is None:
            raise OSError
        try:
            return os.write(self._descriptor, memoryview(data)[done:])
        except BlockingIOError:
            time.sleep(_RETRY_SECONDS)
            return 0
