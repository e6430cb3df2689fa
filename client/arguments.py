"""Arguments shared by several commands: the resource and the appraisal year."""

from typing import Annotated

import typer

from client.resources import IMPORTED, RESOURCES, Resource
from client.settings import Settings
from client.text import Text

_NEEDS_CYCLE = Text("{resource} 须用 --cycle 指定考核年度", "{resource} requires --cycle YEAR")
_NO_CYCLE = Text(
    "{resource} 不属于考核年度，不能使用 --cycle",
    "{resource} takes no --cycle: it does not belong to a year",
)


def imported(name: str) -> Resource:
    """The importable resource of this name.

    Raises:
        typer.BadParameter: no importable resource has this name.
    """
    if name not in IMPORTED:
        raise typer.BadParameter(f"{name}: {' | '.join(IMPORTED)}")
    return RESOURCES[name]


def exported(name: str) -> Resource:
    """The exportable resource of this name.

    Raises:
        typer.BadParameter: no exportable resource has this name.
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
Year = Annotated[
    int | None, typer.Option("--cycle", metavar="YEAR", help="考核年度 / appraisal year")
]


def check_year(settings: Settings, resource: Resource, cycle: int | None) -> None:
    """Check that a year is given exactly when the resource belongs to one.

    Raises:
        typer.BadParameter: the year is missing or must not be given.
    """
    if resource.is_of_cycle and cycle is None:
        raise typer.BadParameter(settings.render(_NEEDS_CYCLE, resource=resource.name))
    if cycle is not None and not resource.is_of_cycle:
        raise typer.BadParameter(settings.render(_NO_CYCLE, resource=resource.name))
