"""`junheng`: command line for imports, exports, audits and the demo."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from client import VERSION
from client.audit_commands import audit_app
from client.command_group import CommandGroup
from client.console import output_console
from client.demo.command import run_demo
from client.exports.command import export_command
from client.exports.commands import exports_app
from client.imports.command import import_command
from client.imports.commands import imports_app
from client.request_commands import changes_command, get_command, post_command
from client.settings import Settings
from client.template_command import template_command
from client.text import Language, language_of

app = typer.Typer(
    cls=CommandGroup,
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="均衡平台命令行 / command line of the Junheng platform",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("import")(import_command)
app.add_typer(imports_app, name="imports")
app.command("export")(export_command)
app.add_typer(exports_app, name="exports")
app.command("template")(template_command)
app.add_typer(audit_app, name="audit")
app.command("get")(get_command)
app.command("post")(post_command)
app.command("changes")(changes_command)
_LANGUAGES: dict[str, Language] = {"zh": "zh-CN", "zh-cn": "zh-CN", "en": "en"}
_BAD_LANGUAGE = "zh | en"


def _variable(name: str, words: str) -> Any:
    return typer.Option(envvar=f"JUNHENG_{name}", help=words)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"junheng {VERSION}")
        raise typer.Exit


@app.callback()
def connect(
    context: typer.Context,
    gateway_url: Annotated[
        str, _variable("GATEWAY_URL", "网关地址 / address of the gateway")
    ] = "http://127.0.0.1:8700",
    username: Annotated[str | None, _variable("USERNAME", "用户名 / user name")] = None,
    password: Annotated[str | None, _variable("PASSWORD", "密码 / password")] = None,
    client_id: Annotated[str | None, _variable("CLIENT_ID", "接口标识 / API client id")] = None,
    client_secret: Annotated[
        str | None, _variable("CLIENT_SECRET", "接口密钥 / API client secret")
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="显示版本 / show the version"
        ),
    ] = False,
    lang: Annotated[
        str | None, typer.Option(help="zh | en，默认随系统 / default: language of the system")
    ] = None,
) -> None:
    """Read the options shared by all commands, placed before or after the command."""
    del version  # its callback has shown it
    if lang is not None and lang.lower() not in _LANGUAGES:
        raise typer.BadParameter(_BAD_LANGUAGE, param_hint="--lang")
    language = _LANGUAGES[lang.lower()] if lang else language_of(os.environ)
    context.obj = Settings(gateway_url, language, username, password, client_id, client_secret)


@app.command()
def login(context: typer.Context) -> None:
    """登录并打印令牌 / log in and print the access token."""
    with _settings(context).client() as client:
        print(client.token())


@app.command()
def demo(
    context: typer.Context,
    bootstrap_password: Annotated[
        str,
        _variable(
            "BOOTSTRAP_PASSWORD", "初始管理员的密码 / password of the initial administrators"
        ),
    ],
    schools: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="真实学校名单（CSV） / CSV list of real schools"
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option(help="导出文件的目录 / folder for the exported files")
    ] = Path("junheng-demo"),
    as_json: Annotated[
        bool, typer.Option("--json", help="只输出一个 JSON 对象 / print only one JSON object")
    ] = False,
) -> None:
    """演示一个完整的考核年度 / run a complete appraisal year over HTTP."""
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


def main() -> None:
    """Run the command line."""
    app(prog_name="junheng")


if __name__ == "__main__":
    main()
