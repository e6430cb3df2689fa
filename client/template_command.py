"""`junheng template`: a file in which rows are filled in for an import."""

from pathlib import Path
from typing import Annotated

import typer

from client.arguments import Imported
from client.console import tell
from client.settings import Settings
from client.text import Text

_EXISTS = Text("{file} 已存在,请用 --output 另选", "{file} exists: name another with --output")
_SAVED = Text("模板已存为 {file}", "template saved as {file}")


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
    tell(settings.say(_SAVED, file=file))
