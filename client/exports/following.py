"""What the commands about exports share: wait for one, fetch its file, say how to go on."""

from pathlib import Path

import typer

from client import exits
from client.api import JunhengClient
from client.console import message_console, tell
from client.exports.display import Bars
from client.exports.job import ExportJob
from client.problems import Problem, Unreachable
from client.settings import Settings
from client.text import Text

SAVED = Text("已导出 {size:,} 字节到 {file}", "exported {size:,} bytes to {file}")
_GOES_ON = Text(
    "导出仍在服务器上进行\n  下载 junheng exports fetch {id} --output {file}\n"
    "  取消 junheng exports cancel {id}",
    "The export goes on at the server.\n  fetch   junheng exports fetch {id} --output {file}\n"
    "  cancel  junheng exports cancel {id}",
)
_FETCH_AGAIN = Text(
    "下载已中断,文件仍在服务器上\n  下载 junheng exports fetch {id} --output {file}",
    "The download is interrupted; the file is kept at the server.\n"
    "  fetch   junheng exports fetch {id} --output {file}",
)


def save(settings: Settings, client: JunhengClient, job: ExportJob, file: Path) -> None:
    """Wait for the end of an export, and save its file.

    Raises:
        typer.Exit: somebody pressed Ctrl-C.
        ExportFailed: there is no file.
        Problem: the platform refuses it, or is away.
        Unreachable: the platform does not answer.
    """
    try:
        with Bars(message_console(), settings.language) as bars:
            bars.show(job, 0)
            job = client.wait_for_export(job, on_progress=bars.show)
            size = client.fetch_export(job, file, on_progress=bars.show)
    except KeyboardInterrupt:
        _say_how_to_go_on(settings, job, file)
        raise typer.Exit(exits.INTERRUPTED) from None
    except (Problem, Unreachable) as failure:
        if isinstance(failure, Unreachable) or failure.is_outage:
            _say_how_to_go_on(settings, job, file)
        raise
    tell(settings.say(SAVED, size=size, file=file))


def _say_how_to_go_on(settings: Settings, job: ExportJob, file: Path) -> None:
    text = _FETCH_AGAIN if job.is_completed else _GOES_ON
    tell(settings.say(text, id=job.id, file=file))
