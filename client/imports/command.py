"""`junheng import`: a file from here into the platform, and what became of its rows."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from client.arguments import Imported, Year, check_year
from client.console import output_console
from client.imports.failed_rows import FailedRows
from client.imports.following import Following
from client.imports.job import ImportJob
from client.imports.options import ImportOptions
from client.imports.outcome import Outcome, outcome_of
from client.imports.preview_report import PreviewReport
from client.settings import Settings
from client.text import Text

_ASK = Text("导入?", "import?")
_ASK_TO_REMOVE = Text(
    "导入,并移除文件中没有的 {removed:,} 条现有记录?",
    "import, and remove {removed:,} stored row(s) that the file does not have?",
)
_COMMIT = Text(
    "导入该文件\n  junheng imports commit {id}", "To import it:\n  junheng imports commit {id}"
)
_BAD_MAPPING = Text(
    "应为 列名=字段,或 列名= 以忽略该列:{given}",
    "must be HEADER=FIELD, or HEADER= to pass the column over: {given}",
)


class Operation(StrEnum):
    """What is done with the rows."""

    INSERT = "insert"
    UPSERT = "upsert"
    REPLACE = "replace"


class Mode(StrEnum):
    """What is done about faulty rows."""

    ALL_OR_NOTHING = "all_or_nothing"
    VALID_ROWS = "valid_rows"


class Encoding(StrEnum):
    """Encodings of text."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"


class Delimiter(StrEnum):
    """What separates the columns of CSV."""

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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只校验 / only check")] = False,
    operation: Annotated[
        Operation, typer.Option(metavar="NAME", help=" | ".join(Operation))
    ] = Operation.UPSERT,
    mode: Annotated[
        Mode, typer.Option(metavar="NAME", help=" | ".join(Mode))
    ] = Mode.ALL_OR_NOTHING,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="列名=FIELD", help="列名= 忽略该列 / HEADER= skips it"),
    ] = None,
    allow_shrink: Annotated[bool, typer.Option("--allow-shrink", help="replace > 20 %")] = False,
    encoding: Annotated[
        Encoding | None, typer.Option(metavar="NAME", help=" | ".join(Encoding))
    ] = None,
    delimiter: Annotated[
        Delimiter | None, typer.Option(metavar="SIGN", help=",  ;  tab  |")
    ] = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="工作表 / sheet")] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="只看列与前几行 / only look at its beginning")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="上传后即返回 / end after the upload")
    ] = False,
    failed_rows: Annotated[
        Path | None,
        typer.Option(dir_okay=False, metavar="FILE", help="错误行 / for the faulty rows"),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="试运行后即导入 / import after a dry run")
    ] = False,
) -> None:
    """导入文件 / import a file.

    退出码 / exit code: 0 全部 / all rows, 2 部分 / some, 3 没有 / none.
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
        following = Following(settings, client)
        job = following.wait(
            lambda told: client.import_file(
                resource.name, file, wait=not no_wait, on_progress=told, **options
            ),
            begins=True,
        )
        if no_wait:
            print(job.id)
            following.goes_on(job)
            return
        failed = FailedRows(file, failed_rows)
        following.conclude(job, failed)
        if job.dry_run and outcome_of(job) is not Outcome.NONE:
            if yes or _agrees(settings, job):
                job = following.wait(
                    lambda told: client.wait_for(client.commit(job), on_progress=told)
                )
                following.conclude(job, failed)
            else:
                following.say(_COMMIT, id=job.id)
        following.end(job)


def _mapping(settings: Settings, given: list[str]) -> dict[str, str | None]:
    """Headers with their fields; the last equals sign counts, as no field has one."""
    mapping: dict[str, str | None] = {}
    for words in given:
        header, equals, field = words.rpartition("=")
        if not equals or not header:
            raise typer.BadParameter(settings.say(_BAD_MAPPING, given=words), param_hint="--map")
        mapping[header] = field or None
    return mapping


def _agrees(settings: Settings, job: ImportJob) -> bool:
    """Whether somebody who sits at a terminal wants it imported."""
    if not sits_at_terminal():
        return False
    try:
        removed = job.progress.removed
        question = settings.say(_ASK_TO_REMOVE if removed else _ASK, removed=removed)
        return typer.confirm(question, err=True)
    except typer.Abort:
        typer.echo(err=True)
        return False


def sits_at_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
