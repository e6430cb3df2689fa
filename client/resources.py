"""What can be imported and exported, and at which service each of it is at home."""

from dataclasses import dataclass

CYCLES = "/appraisal/v1/cycles"


@dataclass(frozen=True)
class Resource:
    """A kind of row.

    Attributes:
        name: in addresses (`staff`).
        service: where it is kept.
        is_of_cycle: whether it belongs to an appraisal year.
        is_imported: whether files of it are taken; it can be exported in any case.
    """

    name: str
    service: str
    is_of_cycle: bool = False
    is_imported: bool = True

    @property
    def imports(self) -> str:
        """The address of imports of it."""
        return imports_at(self.service)

    def template(self, form: str) -> str:
        """The address of the file to fill in, as `xlsx` or `csv`."""
        return f"/{self.service}/v1/import-templates/{self.name}.{form}"

    def rows(self, cycle_id: str | None) -> str:
        """The address of the list of its rows, in a year where it belongs to one."""
        parent = f"{CYCLES}/{cycle_id}" if self.is_of_cycle else f"/{self.service}/v1"
        return f"{parent}/{self.name}"


RESOURCES = {
    one.name: one
    for one in (
        Resource("schools", "schools"),
        Resource("staff", "schools"),
        Resource("assignments", "schools"),
        Resource("facts", "appraisal", is_of_cycle=True),
        Resource("scores", "appraisal", is_of_cycle=True),
        Resource("participants", "appraisal", is_of_cycle=True, is_imported=False),
        Resource("results", "appraisal", is_of_cycle=True, is_imported=False),
        Resource("cases", "accountability"),
    )
}
IMPORTED = tuple(name for name, one in RESOURCES.items() if one.is_imported)
IMPORTING_SERVICES = tuple(dict.fromkeys(RESOURCES[name].service for name in IMPORTED))
SERVICES = tuple(dict.fromkeys(one.service for one in RESOURCES.values()))


def resource_of(name: str) -> Resource:
    """What is imported under this name.

    Raises:
        ValueError: nothing is.
    """
    if name not in IMPORTED:
        raise ValueError(f"{name}: can be imported are {', '.join(IMPORTED)}")
    return RESOURCES[name]


def list_of(name: str) -> Resource:
    """What is listed, and can be exported, under this name.

    Raises:
        ValueError: nothing is.
    """
    if name not in RESOURCES:
        raise ValueError(f"{name}: can be exported are {', '.join(RESOURCES)}")
    return RESOURCES[name]


def imports_at(service: str) -> str:
    """The address of the imports of a service."""
    return f"/{service}/v1/imports"


def exports_at(service: str) -> str:
    """The address of the exports of a service."""
    return f"/{service}/v1/exports"
