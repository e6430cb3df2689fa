"""`junheng audit …`: what an auditor does at a terminal."""

import typer
from rich.table import Table

from client.audit import Fault, Trail, verify_audit
from client.console import message_console, output_console
from client.settings import Settings
from client.text import Text

audit_app = typer.Typer(no_args_is_help=True, help="审计 / audit")

_NOT_INTACT = 1
_HEADINGS = (
    Text("服务", "Service"),
    Text("封存条数", "Sealed"),
    Text("封条", "Seals"),
    Text("结果", "Result"),
    Text("链尾", "Head"),
)
_INTACT, _BROKEN = Text("完好", "intact"), Text("异常", "NOT intact")
_KINDS = {
    "altered": Text("被改动", "altered"),
    "missing": Text("缺失", "missing"),
    "added": Text("被添加", "added"),
    "seal_broken": Text("封条损坏", "seal broken"),
}
_FIRST = Text(
    "{service}:首个异常 第 {id} 号 {what} {resource} {key}({at})",
    "{service}: first fault: entry {id} {what}, {resource} {key} ({at})",
)


@audit_app.callback()
def audit() -> None:
    """审计 / audit."""


@audit_app.command()
def verify(context: typer.Context) -> None:
    """核验各服务的审计记录 / verify every service's audit trail; exit code 1 if not intact."""
    settings: Settings = context.obj
    with settings.client() as client:
        trails = verify_audit(client)
    output_console().print(_table(settings, trails))
    for trail in trails:
        if trail.fault:
            message_console().print(_says(settings, trail.service, trail.fault), style="bold red")
    if not all(trail.is_intact for trail in trails):
        raise typer.Exit(_NOT_INTACT)


def _table(settings: Settings, trails: list[Trail]) -> Table:
    table = Table()
    for heading in _HEADINGS:
        table.add_column(settings.say(heading), overflow="fold")
    for trail in trails:
        result = settings.say(_INTACT if trail.is_intact else _BROKEN)
        table.add_row(
            trail.service, f"{trail.sealed_rows:,}", f"{trail.seals:,}", result, trail.head
        )
    return table


def _says(settings: Settings, service: str, fault: Fault) -> str:
    return settings.say(
        _FIRST,
        service=service,
        id=fault.id,
        what=settings.say(_KINDS[fault.kind]),
        resource=fault.resource or "",
        key=fault.key or "",
        at=fault.at or "-",
    )
