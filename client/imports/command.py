"""`junheng import`: imports a file and reports the outcome."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from client.arguments import Imported, Year, check_year
from client.console import output_console
from client.imports.failed_rows import FailedRows
from client.imports.job import ImportJob
from client.imports.options import ImportOptions
from client.imports.outcome import Outcome, outcome_of
from client.imports.preview_report import PreviewReport
from client.imports.watcher import ImportWatcher
from client.settings import Settings
from client.text import Text

_ASK = Text("是否导入？", "Import?")
_ASK_TO_REMOVE = Text(
    "是否导入，并移除文件中没有的 {removed:,} 条现有记录？",
    "Import, and remove {removed:,} stored row(s) that are missing from the file?",
)
_COMMIT = Text(
    "导入该文件：\n  junheng imports commit {id}", "To import it:\n  junheng imports commit {id}"
)
_BAD_MAPPING = Text(
    "应为“列名=字段”，或用“列名=”忽略该列：{given}",
    "must be HEADER=FIELD, or HEADER= to ignore the column: {given}",
)


class Operation(StrEnum):
    """Operation on the stored rows."""

    INSERT = "insert"
    UPSERT = "upsert"
    REPLACE = "replace"


class Mode(StrEnum):
    """Treatment of faulty rows."""

    ALL_OR_NOTHING = "all_or_nothing"
    VALID_ROWS = "valid_rows"


class Encoding(StrEnum):
    """Text encodings."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"


class Delimiter(StrEnum):
    """Column delimiters of CSV."""

    COMMA = ","
    SEMICOLON = ";"
    TAB = "tab"
    BAR = "|"


def import_command(
    context: typer.Context,
    resource: Imported,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, metavar="FILE", help="CSV, NDJSON, XLSX"
        ),
    ],
    cycle: Year = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只校验，不写入 / check without storing")
    ] = False,
    operation: Annotated[
        Operation, typer.Option(metavar="NAME", help=" | ".join(Operation))
    ] = Operation.UPSERT,
    mode: Annotated[
        Mode, typer.Option(metavar="NAME", help=" | ".join(Mode))
    ] = Mode.ALL_OR_NOTHING,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="HEADER=FIELD",
            help="列名对应的字段；“列名=”忽略该列 / field of a column; HEADER= ignores it",
        ),
    ] = None,
    allow_shrink: Annotated[
        bool,
        typer.Option(
            "--allow-shrink", help="允许 replace 移除超过 20 % / let replace remove more than 20 %"
        ),
    ] = False,
    encoding: Annotated[
        Encoding | None, typer.Option(metavar="NAME", help=" | ".join(Encoding))
    ] = None,
    delimiter: Annotated[
        Delimiter | None, typer.Option(metavar="SIGN", help=",  ;  tab  |")
    ] = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="工作表 / sheet")] = None,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="只预览列与前几行 / only preview columns and first rows"),
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="上传后即返回 / return after the upload")
    ] = False,
    failed_rows: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, metavar="FILE", help="保存错误行的文件 / file for the faulty rows"
        ),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", "-y", help="试运行后直接导入 / import after the dry run without asking"
        ),
    ] = False,
) -> None:
    """导入文件 / import a file.

    退出码 / exit code: 0 全部行 / all rows, 2 部分行 / some rows, 3 没有行 / no rows.
    """
    settings: Settings = context.obj
    check_year(settings, resource, cycle)
    options: ImportOptions = {
        "operation": operation.value,
        "mode": mode.value,
        "dry_run": dry_run,
        "allow_shrink": allow_shrink,
        "column_mapping": _mapping(settings, mapping or []),
    }
    if encoding:
        options["encoding"] = encoding.value
    if delimiter:
        options["delimiter"] = "\t" if delimiter is Delimiter.TAB else delimiter.value
    if sheet:
        options["sheet"] = sheet
    if cycle is not None:
        options["cycle"] = cycle
    with settings.client() as client:
        if preview:
            found = client.preview_file(resource.name, file, **options)
            PreviewReport(output_console(), settings.language).show(found)
            return
        watcher = ImportWatcher(settings, client)
        job = watcher.wait(
            lambda report: client.import_file(
                resource.name, file, wait=not no_wait, on_progress=report, **options
            ),
            is_new=True,
        )
        if no_wait:
            print(job.id)
            watcher.print_next_steps(job)
            return
        failed = FailedRows(file, failed_rows)
        watcher.conclude(job, failed)
        if job.dry_run and outcome_of(job) is not Outcome.NONE:
            if yes or _is_confirmed(settings, job):
                job = watcher.wait(
                    lambda report: client.wait_for(client.commit(job), on_progress=report)
                )
                watcher.conclude(job, failed)
            else:
                watcher.print(_COMMIT, id=job.id)
        watcher.end(job)


def _mapping(settings: Settings, given: list[str]) -> dict[str, str | None]:
    """Fields by header, split at the last equals sign since no field contains one."""
    mapping: dict[str, str | None] = {}
    for words in given:
        header, equals, field = words.rpartition("=")
        if not equals or not header:
            raise typer.BadParameter(settings.render(_BAD_MAPPING, given=words), param_hint="--map")
        mapping[header] = field or None
    return mapping


def _is_confirmed(settings: Settings, job: ImportJob) -> bool:
    """Whether the user at the terminal, if there is one, confirms the import."""
    if not is_interactive():
        return False
    try:
        removed = job.progress.removed
        question = settings.render(_ASK_TO_REMOVE if removed else _ASK, removed=removed)
        return typer.confirm(question, err=True)
    except typer.Abort:
        typer.echo(err=True)
        return False


def is_interactive() -> bool:
    """Whether input and messages are at a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()
