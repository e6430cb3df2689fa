"""Saving of exports at a terminal: wait, download, print how to resume."""

from pathlib import Path

import typer

from client import exit_codes
from client.api import JunhengClient
from client.console import message_console, print_message
from client.exports.job import ExportJob
from client.exports.progress_bars import ProgressBars
from client.problems import Problem, Unreachable
from client.settings import Settings
from client.text import Text

SAVED = Text("已导出 {size:,} 字节到 {file}", "exported {size:,} bytes to {file}")
_CONTINUES = Text(
    "导出仍在服务器上进行：\n  下载 junheng exports fetch {id} --output {file}\n"
    "  取消 junheng exports cancel {id}",
    "The export continues on the server.\n  fetch   junheng exports fetch {id} --output {file}\n"
    "  cancel  junheng exports cancel {id}",
)
_DOWNLOAD_INTERRUPTED = Text(
    "下载已中断，文件仍保留在服务器上：\n  下载 junheng exports fetch {id} --output {file}",
    "The download was interrupted. The file is still on the server.\n"
    "  fetch   junheng exports fetch {id} --output {file}",
)


def save(settings: Settings, client: JunhengClient, job: ExportJob, file: Path) -> None:
    """Wait for the end of an export and save its file.

    Raises:
        typer.Exit: the user pressed Ctrl-C.
        ExportFailed: the export failed or was cancelled.
        Problem: the platform refuses the request, or is unavailable.
        Unreachable: the platform does not answer.
    """
    try:
        with ProgressBars(message_console(), settings.language) as bars:
            bars.show(job, 0)
            job = client.wait_for_export(job, on_progress=bars.show)
            size = client.fetch_export(job, file, on_progress=bars.show)
    except KeyboardInterrupt:
        _print_next_steps(settings, job, file)
        raise typer.Exit(exit_codes.INTERRUPTED) from None
    except (Problem, Unreachable) as failure:
        if isinstance(failure, Unreachable) or failure.is_outage:
            _print_next_steps(settings, job, file)
        raise
    print_message(settings.render(SAVED, size=size, file=file))


def _print_next_steps(settings: Settings, job: ExportJob, file: Path) -> None:
    text = _DOWNLOAD_INTERRUPTED if job.is_completed else _CONTINUES
    print_message(settings.render(text, id=job.id, file=file))
