"""Supervision of one process: announces its end and restarts it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from deploy.errors import SetupError
from deploy.local.restarts import Restarts

Say = Callable[[str, str], None]


class _Stage(Enum):
    WORKS = "works"
    STARTED = "started"
    ENDED = "ended"


@dataclass
class Supervised:
    """A supervised process.

    Attributes:
        name: name in messages.
        log: its log file.
        status: its exit status; None while it runs.
        tail: the last lines of its log.
        start: restarts it.
        answers: whether it is working.
        say: prints a message in Chinese and English.
        restarts: schedule of its restarts.
    """

    name: str
    log: Path
    status: Callable[[], int | None]
    tail: Callable[[], str]
    start: Callable[[], None]
    answers: Callable[[], bool]
    say: Say
    restarts: Restarts
    _stage: _Stage = field(default=_Stage.WORKS, init=False)

    def check(self) -> None:
        """Check the process once: announce its end, or restart it when due.

        Raises:
            SetupError: restarts have failed for too long.
        """
        if self._stage is _Stage.ENDED:
            if self.restarts.is_due:
                self._start()
        elif (status := self.status()) is not None:
            self._announce_end(status)
            self._wait()
        elif self._stage is _Stage.STARTED and self.answers():
            self._stage = _Stage.WORKS
            self.restarts.works()
            self.say(f"{self.name} 已恢复", f"{self.name} is running again")

    def _announce_end(self, status: int) -> None:
        self.say(
            f"{self.name} 意外退出（状态 {status}），日志 {self.log}：\n{self.tail()}",
            f"{self.name} ended unexpectedly (status {status}), log {self.log}",
        )

    def _start(self) -> None:
        self.say(f"正在重新启动 {self.name}", f"restarting {self.name}")
        try:
            self.start()
        except (SetupError, OSError) as error:
            chinese, english = _both(error)
            self.say(f"{self.name} 未能启动：{chinese}", f"{self.name} did not start: {english}")
            self._wait()
        else:
            self._stage = _Stage.STARTED

    def _wait(self) -> None:
        self._stage = _Stage.ENDED
        delay = self.restarts.ended()
        if self.restarts.is_hopeless:
            raise SetupError(
                f"{self.name} 长时间无法恢复，日志 {self.log}",
                f"{self.name} could not be restarted for a long time, log {self.log}",
            )
        if delay:
            self.say(
                f"{delay:g} 秒后重新启动 {self.name}",
                f"restarting {self.name} in {delay:g} s",
            )


def _both(error: SetupError | OSError) -> tuple[str, str]:
    if isinstance(error, SetupError):
        return error.chinese, error.english
    return str(error), str(error)
