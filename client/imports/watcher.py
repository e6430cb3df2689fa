"""Watching of imports at a terminal: progress, report and exit code."""

from collections.abc import Callable

import typer

from client import exit_codes
from client.api import JunhengClient
from client.console import message_console, output_console, print_message
from client.imports.display import ImportDisplay
from client.imports.failed_rows import FailedRows
from client.imports.job import ImportFailed, ImportJob
from client.imports.outcome import outcome_of
from client.imports.progress_bars import ProgressBars
from client.imports.progress_lines import ProgressLines
from client.imports.report import Report
from client.imports.uploading import OnProgress
from client.problems import Problem, Unreachable
from client.settings import Settings
from client.text import Text

_UPLOAD_INTERRUPTED = Text(
    "上传已中断（导入 {id}）。再次运行同一命令，会从中断处继续。",
    "The upload was interrupted (import {id}). Run the same command again to resume it.",
)
_CONTINUES = Text(
    "导入仍在服务器上进行：\n  查看 junheng imports show {id} --wait\n"
    "  取消 junheng imports cancel {id}",
    "The import continues on the server.\n  watch   junheng imports show {id} --wait\n"
    "  cancel  junheng imports cancel {id}",
)
_DOWNLOAD_FAILED_ROWS = Text(
    "下载错误行：\n  junheng imports failed {id} --output FILE",
    "To download the faulty rows:\n  junheng imports failed {id} --output FILE",
)


class ImportWatcher:
    """Watches imports during one run of the command line."""

    def __init__(self, settings: Settings, client: JunhengClient) -> None:
        self._settings, self._client = settings, client

    def wait(self, work: Callable[[OnProgress], ImportJob], *, is_new: bool = False) -> ImportJob:
        """Show the progress of an import while `work` sends it or waits. Returns its final state.

        Args:
            work: sends the import or waits for it, and reports its state to the given function.
            is_new: whether the user starts an import rather than watching one.

        Raises:
            typer.Exit: the user pressed Ctrl-C.
            Problem: the platform refuses the import, or is unavailable.
            Unreachable: the platform does not answer.
        """
        display = self._display(is_new)
        try:
            with display:
                return work(display.update)
        except ImportFailed as failure:
            return failure.job
        except KeyboardInterrupt:
            self._explain_interruption(display.job)
            raise typer.Exit(exit_codes.INTERRUPTED) from None
        except (Problem, Unreachable) as failure:
            if isinstance(failure, Unreachable) or failure.is_outage:
                self._explain_interruption(display.job)
            raise

    def conclude(self, job: ImportJob, failed_rows: FailedRows | None = None) -> None:
        """Print the report of an import and save its faulty rows, or the command for it."""
        Report(output_console(), self._client, self._settings.language).show(job)
        if not job.progress.failed or job.is_expired:
            return
        if failed_rows:
            print_message(failed_rows.save(self._client, job, self._settings.language))
        else:
            self.print(_DOWNLOAD_FAILED_ROWS, id=job.id)

    def end(self, job: ImportJob) -> None:
        """Exit with the exit code of an import.

        Raises:
            typer.Exit: always.
        """
        raise typer.Exit(outcome_of(job))

    def print_next_steps(self, job: ImportJob) -> None:
        """Print how to watch or cancel an import that is no longer waited for."""
        self.print(_CONTINUES, id=job.id)

    def print(self, text: Text, **params: object) -> None:
        """Print a text on standard error."""
        print_message(self._settings.render(text, **params))

    def _display(self, is_new: bool) -> ImportDisplay:
        console = message_console()
        kind = ProgressBars if console.is_terminal else ProgressLines
        return kind(console, self._settings.language, is_new=is_new)

    def _explain_interruption(self, job: ImportJob | None) -> None:
        if job is not None and job.is_open:
            self.print(_UPLOAD_INTERRUPTED, id=job.id)
        elif job is not None:
            self.print_next_steps(job)
