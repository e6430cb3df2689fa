"""Objects of a process, found by their type: one database, one clock, one of each.

A route or job asks for the type it needs. Layers below need not know those above, and the type
checker knows what each answer is.
"""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from fastapi import Depends, Request

T = TypeVar("T")


class Resources:
    """The objects of one process, by type."""

    def __init__(self) -> None:
        self._by_type: dict[type, object] = {}

    def add(self, thing: T) -> T:
        """Make `thing` available under its own type and its base types."""
        for kind in type(thing).__mro__[:-1]:
            self._by_type[kind] = thing
        return thing

    def __getitem__(self, kind: type[T]) -> T:
        """The object of this type.

        Raises:
            LookupError: the process has none.
        """
        found = self._by_type.get(kind)
        if not isinstance(found, kind):
            raise LookupError(f"this process has no {kind.__name__}")
        return found

    def has(self, kind: type) -> bool:
        """Whether there is an object of this type."""
        return kind in self._by_type


class Provider(Protocol):
    """Adds a feature's objects to the resources while the process runs."""

    def __call__(self, resources: Resources, /) -> AbstractAsyncContextManager[None]:
        """Open it; leaving the context closes it."""


def resources_of(request: Request) -> Resources:
    """The resources of the process that serves `request`."""
    resources: Resources = request.app.state.resources
    return resources


class FindResource:
    """A dependency of routes: the object of one type.

    Attributes:
        kind: the type.
    """

    def __init__(self, kind: type[Any]) -> None:
        self.kind = kind

    async def __call__(self, request: Request) -> Any:
        """The object in the process that serves `request`."""
        return resources_of(request)[self.kind]


def resource(kind: type[Any]) -> Any:
    """`Annotated[Database, resource(Database)]` gives a route the object of that type."""
    return Depends(FindResource(kind))
