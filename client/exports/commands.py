"""`junheng exports …`: commands for existing export jobs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal

from client.console import output_console, print_message, show_problem
from client.exports.headline import headline
from client.exports.job import ExportJob
from client.exports.saving import save
from client.settings import Settings
from client.text import Text

exports_app = typer.Typer(no_args_is_help=True, help="导出任务 / exports")

_DISCARDED = Text("已删除", "deleted")
_NONE = Text("没有导出任务", "there are no exports")
_COUNTS = Text("共 {rows} 行，{size}", "{rows} rows, {size}")
_TIME = "%Y-%m-%d %H:%M"

ExportId = Annotated[str, typer.Argument(metavar="ID", help="导出任务标识 / export id")]


@exports_app.callback()
def exports() -> None:
    """导出任务 / exports."""


@exports_app.command("list")
def list_exports(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多条数 / maximum number")] = 20,
) -> None:
    """列出我最近的导出任务 / list my latest exports."""
    settings: Settings = context.obj
    with settings.client() as client:
        found = client.latest_exports(limit)
    if not found:
        output_console().print(settings.render(_NONE))
    for job in found:
        _show(settings, job)


@exports_app.command()
def show(context: typer.Context, export_id: ExportId) -> None:
    """查看导出任务 / show an export."""
    settings: Settings = context.obj
    with settings.client() as client:
        job = client.find_export(export_id)
    _show(settings, job)
    if job.refusal:
        show_problem(output_console(), job.refusal, settings.language)


@exports_app.command()
def fetch(
    context: typer.Context,
    export_id: ExportId,
    output: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="文件，默认用任务的文件名 / file, default: file name of the export"
        ),
    ] = None,
) -> None:
    """等待完成并下载 / wait for the end and download the file."""
    settings: Settings = context.obj
    with settings.client() as client:
        job = client.find_export(export_id)
        save(settings, client, job, output or Path(job.file_name))


@exports_app.command()
def cancel(context: typer.Context, export_id: ExportId) -> None:
    """取消导出任务 / cancel an export."""
    settings: Settings = context.obj
    with settings.client() as client:
        job = client.cancel_export(client.find_export(export_id))
    print_message(headline(job, settings.language))


@exports_app.command()
def discard(context: typer.Context, export_id: ExportId) -> None:
    """删除文件 / delete the file of an export that has ended."""
    settings: Settings = context.obj
    with settings.client() as client:
        client.discard_export(client.find_export(export_id))
    print_message(settings.render(_DISCARDED))


def _show(settings: Settings, job: ExportJob) -> None:
    rows = "-" if job.rows is None else f"{job.rows:,}"
    counts = settings.render(_COUNTS, rows=rows, size=decimal(job.bytes))
    head = f"{job.id}  {job.created_at.astimezone():{_TIME}}  {job.created_by}"
    for line in (head, f"  {headline(job, settings.language)}", f"  {counts}"):
        output_console().print(line, highlight=False, markup=False, soft_wrap=True)
