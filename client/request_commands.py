"""`junheng get`, `post` and `changes`: requests to any path, for scripts."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from client.console import print_message
from client.settings import Settings
from client.text import Text

_NO_JSON = Text("不是合法的 JSON：{reason}", "not JSON: {reason}")
_GO_ON = Text(
    "继续：junheng changes {service} --after {cursor}",
    "to go on: junheng changes {service} --after {cursor}",
)
_WAIT_SECONDS, _PAGE = 30, 1000


class Service(StrEnum):
    """Services whose changes can be followed."""

    SCHOOLS = "schools"
    APPRAISAL = "appraisal"
    ACCOUNTABILITY = "accountability"


def get_command(context: typer.Context, path: str) -> None:
    """读取一个地址，如 /schools/v1/schools?limit=5 / send a GET request and print the answer."""
    settings: Settings = context.obj
    with settings.client() as client:
        _print(client.get(path))


def post_command(
    context: typer.Context,
    path: str,
    body: Annotated[str | None, typer.Argument(metavar="JSON|@FILE|-", help="内容 / body")] = None,
    if_match: Annotated[
        str | None,
        typer.Option(metavar="ETAG", help="所依据的版本，* 为任意版本 / version, * for any"),
    ] = None,
) -> None:
    """发送一个 POST 请求，断线时安全重发 / send a POST request, safely repeated."""
    settings: Settings = context.obj
    content = _json_of(settings, body)
    with settings.client() as client:
        _print(client.post(path, content, if_match=if_match, repeatable=True))


def changes_command(
    context: typer.Context,
    service: Service,
    after: Annotated[
        str | None,
        typer.Option(metavar="CURSOR", help="从此处继续，now 为现在 / begin here, now for the end"),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="持续等待新的变更 / wait for new changes")
    ] = False,
) -> None:
    """逐行输出变更，每行一个 JSON 对象 / print changes, one JSON object per line."""
    settings: Settings = context.obj
    cursor = after or ("now" if follow else None)
    path, wait = f"/{service.value}/v1/changes", _WAIT_SECONDS if follow else None
    with settings.client() as client:
        try:
            while True:
                page = client.get(path, after=cursor, wait=wait, limit=_PAGE)
                for change in page["data"]:
                    print(json.dumps(change, ensure_ascii=False), flush=True)
                cursor = page["next_cursor"]
                if not follow and not page["data"]:
                    break
        finally:
            if cursor not in (None, "now"):
                print_message(settings.render(_GO_ON, service=service.value, cursor=cursor))


def _json_of(settings: Settings, body: str | None) -> Any:
    """The body: JSON itself, of a file, or from standard input."""
    if body is None:
        return None
    if body == "-":
        text = sys.stdin.read()
    elif body.startswith("@"):
        try:
            text = Path(body[1:]).read_text("utf-8")
        except OSError as error:
            raise typer.BadParameter(f"{body[1:]}: {error.strerror}") from error
    else:
        text = body
    try:
        return json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(settings.render(_NO_JSON, reason=error)) from error


def _print(answer: Any) -> None:
    if answer is not None:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
