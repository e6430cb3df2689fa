"""What the commands about imports share: wait for one, report it, end with its exit code."""

from collections.abc import Callable

import typer

from client import exits
from client.api import JunhengClient
from client.console import message_console, output_console, tell
from client.imports.bars import Bars
from client.imports.display import Display
from client.imports.failed_rows import FailedRows
from client.imports.job import ImportFailed, ImportJob
from client.imports.lines import Lines
from client.imports.opening import OnProgress
from client.imports.outcome import outcome_of
from client.imports.report import Report
from client.problems import Problem, Unreachable
from client.settings import Settings
from client.text import Text

_UPLOAD_BROKEN = Text(
    "上传已中断(导入 {id})。再次运行同一命令,会从中断处继续。",
    "The upload is interrupted (import {id}). The same command again goes on from there.",
)
_GOES_ON = Text(
    "导入仍在服务器上进行\n  查看 junheng imports show {id} --wait\n"
    "  取消 junheng imports cancel {id}",
    "The import goes on at the server.\n  watch   junheng imports show {id} --wait\n"
    "  cancel  junheng imports cancel {id}",
)
_FETCH_FAILED = Text(
    "下载错误行\n  junheng imports failed {id} --output FILE",
    "The faulty rows can be fetched:\n  junheng imports failed {id} --output FILE",
)


class Following:
    """Follows imports for one run of the command line."""

    def __init__(self, settings: Settings, client: JunhengClient) -> None:
        self._settings, self._client = settings, client

    def wait(self, work: Callable[[OnProgress], ImportJob], *, begins: bool = False) -> ImportJob:
        """Show how far an import is while `work` sends it or waits for it; how it ended.

        Args:
            work: takes what is to be told of the import.
            begins: whether the import is to begin now.

        Raises:
            typer.Exit: somebody pressed Ctrl-C.
            Problem: the platform refuses it, or is away.
            Unreachable: the platform does not answer.
        """
        display = self._display(begins)
        try:
            with display:
                return work(display.update)
        except ImportFailed as failure:
            return failure.job
        except KeyboardInterrupt:
            self._tell(display.job)
            raise typer.Exit(exits.INTERRUPTED) from None
        except (Problem, Unreachable) as failure:
            if isinstance(failure, Unreachable) or failure.is_outage:
                self._tell(display.job)
            raise

    def conclude(self, job: ImportJob, failed_rows: FailedRows | None = None) -> None:
        """Report an import that has ended, and save its faulty rows where they belong."""
        Report(output_console(), self._client, self._settings.language).show(job)
        if not job.progress.failed or job.is_expired:
            return
        if failed_rows:
            tell(failed_rows.save(self._client, job, self._settings.language))
        else:
            self.say(_FETCH_FAILED, id=job.id)

    def end(self, job: ImportJob) -> None:
        """End with the exit code of an import.

        Raises:
            typer.Exit: always.
        """
        raise typer.Exit(outcome_of(job))

    def goes_on(self, job: ImportJob) -> None:
        """Say how to watch or cancel an import that nobody waits for."""
        self.say(_GOES_ON, id=job.id)

    def say(self, text: Text, **params: object) -> None:
        """Say something on standard error."""
        tell(self._settings.say(text, **params))

    def _display(self, begins: bool) -> Display:
        console = message_console()
        kind = Bars if console.is_terminal else Lines
        return kind(console, self._settings.language, begins=begins)

    def _tell(self, job: ImportJob | None) -> None:
        if job is not None and job.is_open:
            self.say(_UPLOAD_BROKEN, id=job.id)
        elif job is not None:
            self.goes_on(job)
