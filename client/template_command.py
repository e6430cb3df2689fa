"""`junheng template`: the workbook in which rows are filled in for an import."""

from pathlib import Path
from typing import Annotated

import typer

from client.arguments import Imported
from client.console import tell
from client.settings import Settings
from client.text import Text

_EXISTS = Text("{file} 已存在,请用 --output 另选", "{file} exists: name another with --output")
_SAVED = Text("已写入 {file}({size:,} 字节)", "{file} written ({size:,} bytes)")


def template_command(
    context: typer.Context,
    resource: Imported,
    output: Annotated[
        Path | None, typer.Option(dir_okay=False, help="文件 / file, RESOURCE.xlsx")
    ] = None,
) -> None:
    """下载导入模板 / save the workbook to fill in for an import."""
    settings: Settings = context.obj
    file = output or Path(f"{resource.name}.xlsx")
    if output is None and file.exists():  # somebody may have filled it in
        raise typer.BadParameter(settings.say(_EXISTS, file=file), param_hint="--output")
    with settings.client() as client:
        size = client.template(resource.name, file)
    tell(settings.say(_SAVED, size=size, file=file))
