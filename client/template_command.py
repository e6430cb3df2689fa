"""`junheng template`: saves an import template."""

from pathlib import Path
from typing import Annotated

import typer

from client.arguments import Imported
from client.console import print_message
from client.settings import Settings
from client.text import Text

_EXISTS = Text(
    "{file} 已存在，请用 --output 另选文件名", "{file} exists: choose another file with --output"
)
_SAVED = Text("模板已保存为 {file}", "template saved as {file}")


def template_command(
    context: typer.Context,
    resource: Imported,
    output: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="文件（.xlsx 或 .csv） / file, default: RESOURCE.xlsx"),
    ] = None,
) -> None:
    """下载导入模板 / save an import template."""
    settings: Settings = context.obj
    file = output or Path(f"{resource.name}.xlsx")
    if output is None and file.exists():  # it may be filled in already
        raise typer.BadParameter(settings.render(_EXISTS, file=file), param_hint="--output")
    with settings.client() as client:
        client.template(resource.name, file)
    print_message(settings.render(_SAVED, file=file))
