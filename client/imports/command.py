"""`junheng import`: imports a file and reports the outcome."""

import sys

import typer

from client.api import JunhengClient
from client.arguments import Imported, Year, check_year
from client.console import output_console
from client.imports.command_options import (
    AllowShrink,
    Delimiter,
    Delimiters,
    DryRun,
    Encoding,
    Encodings,
    FailedRowsFile,
    File,
    IgnoreUnknown,
    Like,
    Mapping,
    Mode,
    Modes,
    NoWait,
    Operation,
    Operations,
    Preview,
    Sheet,
    Values,
    Yes,
)
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

_BAD_VALUE = Text(
    "应写作 FIELD:WORD=VALUE，空单元格写作 FIELD:WORD= ：{given}",
    "must be FIELD:WORD=VALUE, or FIELD:WORD= for an empty cell: {given}",
)


def import_command(
    context: typer.Context,
    resource: Imported,
    file: File,
    cycle: Year = None,
    dry_run: DryRun = False,
    operation: Operations = Operation.UPSERT,
    mode: Modes = Mode.ALL_OR_NOTHING,
    mapping: Mapping = None,
    like: Like = None,
    value: Values = None,
    ignore_unknown_columns: IgnoreUnknown = False,
    allow_shrink: AllowShrink = False,
    encoding: Encodings = None,
    delimiter: Delimiters = None,
    sheet: Sheet = None,
    preview: Preview = False,
    no_wait: NoWait = False,
    failed_rows: FailedRowsFile = None,
    yes: Yes = False,
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
        "value_mapping": _values(settings, value or []),
        "ignore_unknown_columns": ignore_unknown_columns,
    }
    _set_given(options, like, encoding, delimiter, sheet)
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
        else:
            _conclude(settings, client, watcher, job, FailedRows(file, failed_rows), yes=yes)


def _set_given(
    options: ImportOptions,
    like: str | None,
    encoding: Encoding | None,
    delimiter: Delimiter | None,
    sheet: str | None,
) -> None:
    """Set the options that the platform would detect otherwise."""
    if like:
        options["like"] = like
    if encoding:
        options["encoding"] = encoding.value
    if delimiter:
        options["delimiter"] = "\t" if delimiter is Delimiter.TAB else delimiter.value
    if sheet:
        options["sheet"] = sheet


def _conclude(
    settings: Settings,
    client: JunhengClient,
    watcher: ImportWatcher,
    job: ImportJob,
    failed: FailedRows,
    *,
    yes: bool,
) -> None:
    """Report the outcome; after a dry run import the file if the user wants it."""
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


def _values(settings: Settings, given: list[str]) -> dict[str, dict[str, str | None]]:
    """Values by field and word, split at the first colon and the last equals sign."""
    mapping: dict[str, dict[str, str | None]] = {}
    for words in given:
        field, colon, pair = words.partition(":")
        word, equals, value = pair.rpartition("=")
        if not (field and colon and word and equals):
            raise typer.BadParameter(settings.render(_BAD_VALUE, given=words), param_hint="--value")
        mapping.setdefault(field, {})[word] = value or None
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
