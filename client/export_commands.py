"""`junheng export` and `junheng template`: files from the platform."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from client.arguments import Exported, Imported, Year, check_year
from client.console import tell
from client.cycles import get_cycle
from client.settings import Settings
from client.text import Text

_BINARY = Text(
    "终端不能显示这种文件,请用 --output 指定文件",
    "a terminal cannot show such a file: name one with --output",
)
_BOM_OF_CSV = Text("--bom 只用于 csv", "--bom is for csv only")
_EXISTS = Text("{file} 已存在,请用 --output 另选", "{file} exists: name another with --output")
_TO_FILL_IN = Text("模板已存为 {file}", "template saved as {file}")
_SAVED = Text("已导出 {size:,} 字节到 {file}", "exported {size:,} bytes to {file}")


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
        Path | None, typer.Option(help="文件,默认标准输出 / file, by default standard output")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="格式 / format")] = Form.CSV,
    bom: Annotated[
        bool, typer.Option("--bom", help="Excel 可直接打开的 CSV / CSV for Excel")
    ] = False,
    gzip: Annotated[bool, typer.Option("--gzip", help="压缩 / compressed")] = False,
) -> None:
    """导出全部行 / export every row."""
    settings: Settings = context.obj
    if output is None and (gzip or form is Form.XLSX) and sys.stdout.isatty():
        raise typer.BadParameter(settings.say(_BINARY), param_hint="--output")
    if bom and form is not Form.CSV:
        raise typer.BadParameter(settings.say(_BOM_OF_CSV), param_hint="--bom")
    check_year(settings, resource, cycle)
    with settings.client() as client:
        path = resource.rows(get_cycle(client, cycle).id if cycle else None)
        mark = True if bom else None
        if output is None:
            client.export_to(path, sys.stdout.buffer, form=form.value, gzip=gzip, bom=mark)
            return
        size = client.export(path, output, form=form.value, gzip=gzip, bom=mark)
    tell(settings.say(_SAVED, size=size, file=output))


def template_command(
    context: typer.Context,
    resource: Imported,
    output: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="文件 .xlsx 或 .csv / file, by default RESOURCE.xlsx"),
    ] = None,
) -> None:
    """下载导入模板 / save a file to fill in for an import."""
    settings: Settings = context.obj
    file = output or Path(f"{resource.name}.xlsx")
    if output is None and file.exists():  # somebody may have filled it in
        raise typer.BadParameter(settings.say(_EXISTS, file=file), param_hint="--output")
    with settings.client() as client:
        client.template(resource.name, file)
    tell(settings.say(_TO_FILL_IN, file=file))
