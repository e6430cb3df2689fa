"""Resources that can be imported or exported, and the services they belong to."""

from dataclasses import dataclass

CYCLES = "/appraisal/v1/cycles"


@dataclass(frozen=True)
class Resource:
    """A resource.

    Attributes:
        name: name in addresses (`staff`).
        service: service that stores it.
        is_of_cycle: whether it belongs to an appraisal year.
        is_imported: whether it can be imported; every resource can be exported.
    """

    name: str
    service: str
    is_of_cycle: bool = False
    is_imported: bool = True

    @property
    def imports(self) -> str:
        """The address of its imports."""
        return imports_at(self.service)

    def template(self, form: str) -> str:
        """The address of its import template as `xlsx` or `csv`."""
        return f"/{self.service}/v1/import-templates/{self.name}.{form}"

    def rows(self, cycle_id: str | None) -> str:
        """The address of its list, within a cycle if it belongs to one."""
        parent = f"{CYCLES}/{cycle_id}" if self.is_of_cycle else f"/{self.service}/v1"
        return f"{parent}/{self.name}"


RESOURCES = {
    one.name: one
    for one in (
        Resource("schools", "schools"),
        Resource("staff", "schools"),
        Resource("assignments", "schools"),
        Resource("participation-records", "appraisal", is_of_cycle=True),
        Resource("scores", "appraisal", is_of_cycle=True),
        Resource("participants", "appraisal", is_of_cycle=True, is_imported=False),
        Resource("results", "appraisal", is_of_cycle=True, is_imported=False),
        Resource("cases", "accountability"),
    )
}
IMPORTED = tuple(name for name, one in RESOURCES.items() if one.is_imported)
IMPORTING_SERVICES = tuple(dict.fromkeys(RESOURCES[name].service for name in IMPORTED))
SERVICES = tuple(dict.fromkeys(one.service for one in RESOURCES.values()))


def imported_resource(name: str) -> Resource:
    """The importable resource of this name.

    Raises:
        ValueError: no importable resource has this name.
    """
    if name not in IMPORTED:
        raise ValueError(f"{name} cannot be imported; importable: {', '.join(IMPORTED)}")
    return RESOURCES[name]


def exported_resource(name: str) -> Resource:
    """The exportable resource of this name.

    Raises:
        ValueError: no exportable resource has this name.
    """
    if name not in RESOURCES:
        raise ValueError(f"{name} cannot be exported; exportable: {', '.join(RESOURCES)}")
    return RESOURCES[name]


def imports_at(service: str) -> str:
    """The address of a service's imports."""
    return f"/{service}/v1/imports"


def exports_at(service: str) -> str:
    """The address of a service's exports."""
    return f"/{service}/v1/exports"
