"""`junheng`: the command line for people who script imports and exports, and for the demo."""

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from client.audit_commands import audit_app
from client.command_group import CommandGroup
from client.console import message_console, output_console
from client.cycles import CYCLES, get_cycle
from client.demo.command import run_demo
from client.demo.tally import Tally
from client.settings import Settings
from client.text import Language, Text, language_of

app = typer.Typer(
    cls=CommandGroup,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="均衡平台命令行 / command line of the Junheng platform",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(audit_app, name="audit")
_LANGUAGES: dict[str, Language] = {"zh": "zh-CN", "zh-cn": "zh-CN", "en": "en"}
_NEEDS_CYCLE = Text("{resource} 需要 --cycle 年度", "{resource} needs --cycle YEAR")
_BAD_LANGUAGE = "zh | en"


class Import(StrEnum):
    """What can be imported."""

    SCHOOLS = "schools"
    STAFF = "staff"
    FACTS = "facts"
    SCORES = "scores"
    CASES = "cases"


class Export(StrEnum):
    """What can be exported."""

    SCHOOLS = "schools"
    STAFF = "staff"
    PARTICIPANTS = "participants"
    RESULTS = "results"
    CASES = "cases"


class Form(StrEnum):
    """Formats of an export."""

    CSV = "csv"
    NDJSON = "ndjson"


_PATHS = {
    "schools": "/schools/v1/schools",
    "staff": "/schools/v1/staff",
    "cases": "/accountability/v1/cases",
}
Year = Annotated[int | None, typer.Option("--cycle", metavar="YEAR", help="考核年度 / year")]


def _variable(name: str, words: str) -> Any:
    return typer.Option(envvar=f"JUNHENG_{name}", help=words)


@app.callback()
def connect(
    context: typer.Context,
    gateway_url: Annotated[
        str, _variable("GATEWAY_URL", "网关地址 / gateway address")
    ] = "http://127.0.0.1:8700",
    username: Annotated[str | None, _variable("USERNAME", "用户名 / account")] = None,
    password: Annotated[str | None, _variable("PASSWORD", "密码 / its password")] = None,
    client_id: Annotated[str | None, _variable("CLIENT_ID", "接口标识 / API client")] = None,
    client_secret: Annotated[
        str | None, _variable("CLIENT_SECRET", "接口密钥 / its secret")
    ] = None,
    lang: Annotated[
        str | None, typer.Option(help="zh | en,默认随系统 / by default the system's")
    ] = None,
) -> None:
    """Take the options that every command shares; they may stand before it or after it."""
    if lang is not None and lang.lower() not in _LANGUAGES:
        raise typer.BadParameter(_BAD_LANGUAGE, param_hint="--lang")
    language = _LANGUAGES[lang.lower()] if lang else language_of(os.environ)
    context.obj = Settings(gateway_url, language, username, password, client_id, client_secret)


@app.command()
def login(context: typer.Context) -> None:
    """登录并打印令牌 / log in and print the access token."""
    with _settings(context).client() as client:
        print(client.token())


@app.command("import")
def import_file(
    context: typer.Context,
    resource: Import,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    cycle: Year = None,
) -> None:
    """导入 CSV 或 NDJSON 文件 / import a file: every row of it, or none."""
    settings = _settings(context)
    with settings.client() as client:
        path = _path(settings, client, resource, cycle)
        try:
            report = client.import_file(f"{path}:import", file)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="FILE") from error
    print(f"{report.rows:,}: {Tally.of(report).says(settings.language)}")


@app.command()
def export(
    context: typer.Context,
    resource: Export,
    cycle: Year = None,
    output: Annotated[
        Path | None, typer.Option(help="文件,默认标准输出 / file, by default standard output")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="格式 / format")] = Form.CSV,
) -> None:
    """导出全部行 / export every row."""
    settings = _settings(context)
    with settings.client() as client:
        path = _path(settings, client, resource, cycle)
        if output is None:
            client.export_to(path, sys.stdout.buffer, form=form.value)
            return
        size = client.export(path, output, form=form.value)
    said = Text("已导出 {size:,} 字节到 {file}", "exported {size:,} bytes to {file}")
    message_console().print(settings.say(said, size=size, file=output), soft_wrap=True)


@app.command()
def get(context: typer.Context, path: str) -> None:
    """读取一个地址,如 /schools/v1/schools?limit=5 / read an address."""
    with _settings(context).client() as client:
        print(json.dumps(client.get(path), ensure_ascii=False, indent=2))


@app.command()
def demo(
    context: typer.Context,
    bootstrap_password: Annotated[
        str, _variable("BOOTSTRAP_PASSWORD", "首个管理员的密码 / of the first administrators")
    ],
    schools: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="真实学校名单 / list of real schools"),
    ] = None,
    output: Annotated[
        Path, typer.Option(help="导出文件的目录 / folder of the exported files")
    ] = Path("junheng-demo"),
    as_json: Annotated[
        bool, typer.Option("--json", help="只输出一个 JSON 对象 / print one JSON object only")
    ] = False,
) -> None:
    """跑完一个考核年度 / run a whole appraisal year over HTTP."""
    run_demo(
        _settings(context),
        bootstrap_password,
        schools=schools,
        output=output,
        results=None if as_json else output_console(),
    )


def _settings(context: typer.Context) -> Settings:
    settings: Settings = context.obj
    return settings


def _path(settings: Settings, client: Any, resource: StrEnum, year: int | None) -> str:
    """The address of a resource; some belong to a year."""
    if path := _PATHS.get(resource.value):
        return path
    if year is None:
        raise typer.BadParameter(settings.say(_NEEDS_CYCLE, resource=resource.value))
    return f"{CYCLES}/{get_cycle(client, year).id}/{resource.value}"


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
