"""`junheng imports …`: commands for existing imports."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from client.api import JunhengClient
from client.console import output_console, print_message
from client.imports.job import ImportJob
from client.imports.report import headline
from client.imports.watcher import ImportWatcher
from client.resources import IMPORTING_SERVICES, imports_at
from client.settings import Settings
from client.text import Text

imports_app = typer.Typer(no_args_is_help=True, help="导入任务 / imports")

_SAVED = Text("已写入 {file}（{size:,} 字节）", "{file} written ({size:,} bytes)")
_DISCARDED = Text("已删除", "deleted")
_NONE = Text("没有导入任务", "there are no imports")
_COUNTS = Text("共 {rows:,} 行，错误 {failed:,} 行", "{rows:,} rows, {failed:,} failed")
_TIME = "%Y-%m-%d %H:%M"

ImportId = Annotated[str, typer.Argument(metavar="ID", help="导入任务标识 / import id")]
Output = Annotated[Path, typer.Option(dir_okay=False, help="文件 / file")]


@imports_app.callback()
def imports() -> None:
    """导入任务 / imports."""


@imports_app.command("list")
def list_imports(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多条数 / maximum number")] = 20,
) -> None:
    """列出最近的导入任务 / list the latest imports."""
    settings: Settings = context.obj
    console = output_console()
    with settings.client() as client:
        found = list(_latest(client, limit))
    if not found:
        console.print(settings.render(_NONE))
    for job in found:
        counts = settings.render(_COUNTS, rows=job.progress.rows, failed=job.progress.failed)
        head = f"{job.id}  {job.created_at.astimezone():{_TIME}}  {job.created_by}"
        for line in (head, f"  {headline(job, settings.language)}", f"  {counts}"):
            console.print(line, highlight=False, markup=False, soft_wrap=True)


@imports_app.command()
def show(
    context: typer.Context,
    import_id: ImportId,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="等到结束，退出码同 import / wait for the end; exit code as for import"
        ),
    ] = False,
) -> None:
    """查看导入任务 / show an import."""
    settings: Settings = context.obj
    with settings.client() as client:
        job = client.find_import(import_id)
        watcher = ImportWatcher(settings, client)
        if not wait:
            watcher.conclude(job)
            return
        job = watcher.wait(lambda report: client.wait_for(job, on_progress=report))
        watcher.conclude(job)
        watcher.end(job)


@imports_app.command()
def cancel(context: typer.Context, import_id: ImportId) -> None:
    """取消导入任务 / cancel an import."""
    settings: Settings = context.obj
    with settings.client() as client:
        job = client.cancel(client.find_import(import_id))
        print_message(headline(job, settings.language))


@imports_app.command()
def discard(context: typer.Context, import_id: ImportId) -> None:
    """删除文件和逐行结果 / delete the file and results of an import that has ended."""
    settings: Settings = context.obj
    with settings.client() as client:
        client.discard(client.find_import(import_id))
    print_message(settings.render(_DISCARDED))


@imports_app.command()
def commit(context: typer.Context, import_id: ImportId) -> None:
    """提交试运行 / apply a dry run."""
    settings: Settings = context.obj
    with settings.client() as client:
        watcher = ImportWatcher(settings, client)
        job = client.commit(client.find_import(import_id))
        job = watcher.wait(lambda report: client.wait_for(job, on_progress=report))
        watcher.conclude(job)
        watcher.end(job)


@imports_app.command()
def failed(context: typer.Context, import_id: ImportId, output: Output) -> None:
    """下载错误行 / save the faulty rows."""
    settings: Settings = context.obj
    with settings.client() as client:
        size = client.failed_rows(client.find_import(import_id), output)
    print_message(settings.render(_SAVED, file=output, size=size))


@imports_app.command()
def applied(context: typer.Context, import_id: ImportId, output: Output) -> None:
    """下载已写入的行 / save the applied rows with their ids."""
    settings: Settings = context.obj
    with settings.client() as client:
        size = client.applied_rows(client.find_import(import_id), output)
    print_message(settings.render(_SAVED, file=output, size=size))


def _latest(client: JunhengClient, limit: int) -> Iterator[ImportJob]:
    """The latest imports of all services, newest first."""
    found: list[ImportJob] = []
    for service in IMPORTING_SERVICES:
        page = client.get(imports_at(service), sort="-created_at", limit=limit)
        found += map(ImportJob.model_validate, page["data"])
    return islice(sorted(found, key=lambda job: job.created_at, reverse=True), limit)
