"""`junheng export`: rows of the platform as a file here, streamed or written by a job first."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from client.arguments import Exported, Year, check_year
from client.console import tell
from client.cycles import get_cycle
from client.exports.following import SAVED, save
from client.settings import Settings
from client.text import Text

_BINARY = Text(
    "终端不能显示这种文件,请用 --output 指定文件",
    "a terminal cannot show such a file: name one with --output",
)
_BOM_OF_CSV = Text("--bom 只用于 csv", "--bom is for csv only")
# Options of their own, or about pages.
_OF_FILES, _OF_PAGES = ("form", "format", "gzip", "compress", "bom"), ("limit", "cursor", "total")
_NO_FILTERS = {*_OF_FILES, *_OF_PAGES, "fields", "sort"}
_BAD_FILTER = Text("应为 字段=值:{given}", "must be FIELD=VALUE: {given}")


class Form(StrEnum):
    """Formats of an export."""

    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"


def export_command(
    context: typer.Context,
    resource: Exported,
    cycle: Year = None,
    output: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="文件,默认标准输出 / file, by default standard output"),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="格式 / format")] = Form.CSV,
    bom: Annotated[
        bool, typer.Option("--bom", help="Excel 可直接打开的 CSV / CSV for Excel")
    ] = False,
    gzip: Annotated[bool, typer.Option("--gzip", help="压缩 / compressed")] = False,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=VALUE", help="筛选,可重复 / filter, may be repeated"),
    ] = None,
    fields: Annotated[
        str | None, typer.Option(metavar="A,B", help="只要这些字段 / only these fields")
    ] = None,
    sort: Annotated[
        str | None, typer.Option(metavar="[-]FIELD,…", help="排序,- 为降序 / order, - descending")
    ] = None,
    job: Annotated[
        bool,
        typer.Option("--job", help="后台任务,断线可续 / a job, whose download can be resumed"),
    ] = False,
) -> None:
    """导出全部行 / export every row."""
    settings: Settings = context.obj
    if output is None and not job and (gzip or form is Form.XLSX) and sys.stdout.isatty():
        raise typer.BadParameter(settings.say(_BINARY), param_hint="--output")
    if bom and form is not Form.CSV:
        raise typer.BadParameter(settings.say(_BOM_OF_CSV), param_hint="--bom")
    check_year(settings, resource, cycle)
    query = _filters(settings, where or []) | {"fields": fields, "sort": sort}
    with settings.client() as client:
        cycle_id = get_cycle(client, cycle).id if cycle else None
        if job:
            opened = client.open_export(
                resource.name, cycle_id=cycle_id, form=form.value, gzip=gzip, bom=bom, query=query
            )
            save(settings, client, opened, output or Path(opened.file_name))
            return
        path, query["bom"] = resource.rows(cycle_id), True if bom else None
        if output is None:
            client.export_to(path, sys.stdout.buffer, form=form.value, gzip=gzip, **query)
            return
        size = client.export(path, output, form=form.value, gzip=gzip, **query)
    tell(settings.say(SAVED, size=size, file=output))


def _filters(settings: Settings, given: list[str]) -> dict[str, Any]:
    """Fields with what they must be; one that is repeated may be any of its values."""
    filters: dict[str, Any] = {}
    for words in given:
        name, equals, value = words.partition("=")
        if not equals or not name.isidentifier() or name in _NO_FILTERS:
            raise typer.BadParameter(settings.say(_BAD_FILTER, given=words), param_hint="--where")
        filters.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in filters.items()}
