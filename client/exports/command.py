"""`junheng export`: saves a list as a file, streamed or written by a job."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from client.arguments import Exported, Year, check_year
from client.console import print_message
from client.cycles import get_cycle
from client.exports.saving import SAVED, save
from client.settings import Settings
from client.text import Text

_BINARY = Text(
    "终端不能显示此类文件，请用 --output 指定文件",
    "a terminal cannot show this format: choose a file with --output",
)
_BOM_OF_CSV = Text("--bom 只适用于 CSV", "--bom applies to CSV only")
_NO_TABLE = Text("只有 CSV 和 XLSX 有表头和名称", "only CSV and XLSX have titles and labels")
# Not filters: parameters with options of their own, and parameters about pages.
_OF_FILES = ("form", "format", "gzip", "compress", "bom", "titles", "codes")
_OF_PAGES = ("limit", "cursor", "total")
_NO_FILTERS = {*_OF_FILES, *_OF_PAGES, "fields", "sort"}
_BAD_FILTER = Text("应为“字段=值”：{given}", "must be FIELD=VALUE: {given}")


class Titles(StrEnum):
    """Headers of a table."""

    CODE = "code"
    ZH = "zh"
    EN = "en"


class Codes(StrEnum):
    """Contents of coded cells."""

    CODE = "code"
    LABEL = "label"


class Form(StrEnum):
    """Export formats."""

    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"


TitlesOption = Annotated[
    Titles, typer.Option(help="表头：字段名，或中、英文标题 / header: names or titles")
]
CodesOption = Annotated[Codes, typer.Option(help="代码列写代码或名称 / codes or their labels")]


def export_command(
    context: typer.Context,
    resource: Exported,
    cycle: Year = None,
    output: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="文件，默认标准输出 / file, default: standard output"),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="格式 / format")] = Form.CSV,
    bom: Annotated[
        bool,
        typer.Option("--bom", help="供 Excel 打开的 CSV / CSV for Excel, with byte order mark"),
    ] = False,
    gzip: Annotated[bool, typer.Option("--gzip", help="gzip 压缩 / compress with gzip")] = False,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=VALUE", help="筛选，可重复 / filter, repeatable"),
    ] = None,
    fields: Annotated[
        str | None, typer.Option(metavar="A,B", help="只导出这些字段 / export only these fields")
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(metavar="[-]FIELD,…", help="排序，“-”为降序 / order, - for descending"),
    ] = None,
    titles: TitlesOption = Titles.CODE,
    codes: CodesOption = Codes.CODE,
    job: Annotated[
        bool,
        typer.Option(
            "--job", help="后台任务，下载中断可续 / run as a job with a resumable download"
        ),
    ] = False,
) -> None:
    """导出全部行 / export all rows."""
    settings: Settings = context.obj
    if output is None and not job and (gzip or form is Form.XLSX) and sys.stdout.isatty():
        raise typer.BadParameter(settings.render(_BINARY), param_hint="--output")
    if bom and form is not Form.CSV:
        raise typer.BadParameter(settings.render(_BOM_OF_CSV), param_hint="--bom")
    shown = _shown(settings, form, titles, codes)
    check_year(settings, resource, cycle)
    query = _filters(settings, where or []) | {"fields": fields, "sort": sort} | shown
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
    print_message(settings.render(SAVED, size=size, file=output))


def _shown(settings: Settings, form: Form, titles: Titles, codes: Codes) -> dict[str, Any]:
    """Parameters of tables for people."""
    chosen = {"titles": titles, "codes": codes}
    shown = {name: one.value for name, one in chosen.items() if one.value != "code"}
    if shown and form is Form.NDJSON:
        hint = f"--{next(iter(shown))}"
        raise typer.BadParameter(settings.render(_NO_TABLE), param_hint=hint)
    return shown


def _filters(settings: Settings, given: list[str]) -> dict[str, Any]:
    """Filter values by field; a repeated field has several alternatives."""
    filters: dict[str, Any] = {}
    for words in given:
        name, equals, value = words.partition("=")
        if not equals or not name.isidentifier() or name in _NO_FILTERS:
            raise typer.BadParameter(
                settings.render(_BAD_FILTER, given=words), param_hint="--where"
            )
        filters.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in filters.items()}
