"""Query parameters of every route: unknown and repeated ones are refused.

Frameworks pass over an unknown parameter and take the last of two values. The caller would get
another answer than the one asked for, and not notice.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, get_args, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.datastructures import QueryParams

_ONCE = {"zh": "只能出现一次", "en": "May be given once"}


class QueryReader:
    """Base of dependencies that read the whole query string, and check it, themselves."""


class Parameter(NamedTuple):
    """A query parameter of a route.

    Attributes:
        name: in the address.
        is_repeatable: whether it takes several values.
    """

    name: str
    is_repeatable: bool


def refuse_stray_parameters(request: Request) -> None:
    """Check the query string of a request against the parameters that its route declares.

    Raises:
        RequestValidationError: one is unknown, or is repeated and takes one value.
    """
    if not (query := request.query_params):
        return
    dependant = request.scope["route"].dependant
    if _reads_itself(dependant):
        return
    known = {one.name: one for one in _declared(dependant)}
    unknown = [_fault("extra_forbidden", name) for name in query if name not in known]
    single = {one.name for one in known.values() if not one.is_repeatable}
    if faults := unknown + repeated_faults(query, single):
        raise RequestValidationError(faults)


def repeated_faults(query: QueryParams, single: Iterable[str]) -> list[dict[str, Any]]:
    """A fault for each parameter of `single` that is given more than once."""
    repeated = [name for name in single if len(query.getlist(name)) > 1]
    return [_fault("parameter.repeated", name, _ONCE) for name in repeated]


def takes_list(annotation: Any) -> bool:
    """Whether a field of this type takes several values."""
    return get_origin(annotation) is list or any(map(takes_list, get_args(annotation)))


def _reads_itself(dependant: Any) -> bool:
    return any(isinstance(one.call, QueryReader) for one in dependant.dependencies)


def _declared(dependant: Any) -> Iterator[Parameter]:
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for name, info in annotation.model_fields.items():
                yield Parameter(info.alias or name, takes_list(info.annotation))
        else:
            yield Parameter(field.alias, takes_list(annotation))
    for dependency in dependant.dependencies:
        yield from _declared(dependency)


def _fault(code: str, name: str, words: dict[str, str] | None = None) -> dict[str, Any]:
    return {"type": code, "loc": ("query", name), "ctx": words or {}}
