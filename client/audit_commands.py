"""`junheng audit …`: commands for auditors."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import JustifyMethod
from rich.table import Table

from client.audit import Fault, Trail, verify_audit
from client.audit_heads import AuditHeads
from client.console import message_console, output_console, print_message
from client.settings import Settings
from client.text import Text

audit_app = typer.Typer(no_args_is_help=True, help="审计 / audit")

_NOT_INTACT = 1
_HEADS_FILE = Path(typer.get_app_dir("junheng")) / "audit-heads.json"
_HEADINGS: tuple[tuple[Text, JustifyMethod], ...] = (
    (Text("服务", "Service"), "left"),
    (Text("封存条数", "Sealed"), "right"),
    (Text("封条", "Seals"), "right"),
    (Text("结果", "Result"), "left"),
    (Text("链尾", "Head"), "left"),
)
_INTACT, _BROKEN = Text("完好", "intact"), Text("异常", "NOT intact")
_KINDS = {
    "altered": Text("被改动", "altered"),
    "missing": Text("缺失", "missing"),
    "added": Text("被添加", "added"),
    "seal_broken": Text("封条损坏", "seal broken"),
    "cut_off": Text("被截断：已记录的封条不复存在", "truncated: the recorded seal is gone"),
}
_FIRST = Text(
    "{service}：首个异常为第 {id} 号记录{what}，{resource} {key}（{at}）",
    "{service}: first fault: entry {id} {what}, {resource} {key} ({at})",
)
_FIRST_SEAL = Text("{service}：第 {id} 号封条{what}", "{service}: seal {id} {what}")
_NEW = Text(
    "首次记录链尾：{services}；此前是否被截断无法核实",
    "head recorded for the first time: {services}; an earlier truncation cannot be detected",
)
_RECORDED = Text("链尾已记入 {path}", "heads recorded in {path}")


@audit_app.callback()
def audit() -> None:
    """审计 / audit."""


@audit_app.command()
def verify(
    context: typer.Context,
    noted: Annotated[
        Path,
        typer.Option(
            envvar="JUNHENG_NOTED_HEADS",
            dir_okay=False,
            help="记录链尾的文件，用于发现截断 / file of recorded heads, to detect truncation",
        ),
    ] = _HEADS_FILE,
) -> None:
    """核验各服务的审计记录，异常时退出码为 1 / verify all audit trails; exit code 1 on a fault."""
    settings: Settings = context.obj
    heads = AuditHeads(noted, settings.gateway_url)
    before = heads.read()
    with settings.client() as client:
        trails = verify_audit(client, before)
    _show(settings, trails)
    intact = {trail.service: trail.head for trail in trails if trail.is_intact}
    heads.record(intact)
    print_message(settings.render(_RECORDED, path=noted))
    separator = ", " if settings.language == "en" else "、"
    if new := [service for service in intact if service not in before]:
        print_message(settings.render(_NEW, services=separator.join(new)))
    if len(intact) < len(trails):
        raise typer.Exit(_NOT_INTACT)


def _show(settings: Settings, trails: list[Trail]) -> None:
    output_console().print(_table(settings, trails))
    for trail in trails:
        if trail.fault:
            message_console().print(
                _describe(settings, trail.service, trail.fault), style="bold red"
            )


def _table(settings: Settings, trails: list[Trail]) -> Table:
    table = Table()
    for heading, justify in _HEADINGS:
        table.add_column(settings.render(heading), justify=justify, overflow="fold")
    for trail in trails:
        result = settings.render(_INTACT if trail.is_intact else _BROKEN)
        table.add_row(
            trail.service, f"{trail.sealed_rows:,}", f"{trail.seals:,}", result, trail.head
        )
    return table


def _describe(settings: Settings, service: str, fault: Fault) -> str:
    return settings.render(
        _FIRST if fault.at else _FIRST_SEAL,
        service=service,
        id=fault.id,
        what=settings.render(_KINDS[fault.kind]),
        resource=fault.resource or "",
        key=fault.key or "",
        at=fault.at,
    )
