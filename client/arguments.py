"""Arguments that several commands take: what is imported or exported, and of which year."""

from typing import Annotated

import typer

from client.resources import IMPORTED, RESOURCES, Resource
from client.settings import Settings
from client.text import Text

_NEEDS_CYCLE = Text("{resource} 需要 --cycle 年度", "{resource} needs --cycle YEAR")
_NO_CYCLE = Text("{resource} 不分年度", "{resource} belong to no year")


def imported(name: str) -> Resource:
    """A resource that can be imported, from its name.

    Raises:
        typer.BadParameter: there is none.
    """
    if name not in IMPORTED:
        raise typer.BadParameter(f"{name}: {' | '.join(IMPORTED)}")
    return RESOURCES[name]


def exported(name: str) -> Resource:
    """A resource that can be exported, from its name.

    Raises:
        typer.BadParameter: there is none.
    """
    if name not in RESOURCES:
        raise typer.BadParameter(f"{name}: {' | '.join(RESOURCES)}")
    return RESOURCES[name]


Imported = Annotated[
    Resource, typer.Argument(parser=imported, metavar="RESOURCE", help=" | ".join(IMPORTED))
]
Exported = Annotated[
    Resource, typer.Argument(parser=exported, metavar="RESOURCE", help=" | ".join(RESOURCES))
]
Year = Annotated[int | None, typer.Option("--cycle", metavar="YEAR", help="考核年度 / year")]


def check_year(settings: Settings, resource: Resource, cycle: int | None) -> None:
    """A year is named where the rows belong to one, and nowhere else.

    Raises:
        typer.BadParameter: it is not so.
    """
    if resource.is_of_cycle and cycle is None:
        raise typer.BadParameter(settings.say(_NEEDS_CYCLE, resource=resource.name))
    if cycle is not None and not resource.is_of_cycle:
        raise typer.BadParameter(settings.say(_NO_CYCLE, resource=resource.name))
