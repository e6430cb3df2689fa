"""Query parameters of lists: parsed here, documented like those of the framework.

FastAPI looks at every declared parameter of every request, which for the thirty of a list takes
longer than PostgreSQL takes for the page. Here only what was sent is looked at.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams

from services.chassis.core.query_parameters import QueryReader, repeated_faults, takes_list
from services.chassis.lists.listing import Listing


class ModelQuery(QueryReader):
    """Reads the parameters of a model."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model
        self._repeatable = _repeatable(model)

    async def __call__(self, request: Request) -> Any:
        """The parameters of `request`.

        Raises:
            RequestValidationError: one is unknown or wrong.
        """
        query = request.query_params
        given: dict[str, Any] = dict(query)
        for name in self._repeatable & given.keys():
            given[name] = query.getlist(name)
        if len(query.multi_items()) > len(given):
            self._refuse_repeated(query)
        try:
            return self.model.model_validate(given)
        except ValidationError as error:
            raise _faults(error, "query") from error

    def _refuse_repeated(self, query: QueryParams) -> None:
        if faults := repeated_faults(query, self.model.model_fields.keys() - self._repeatable):
            raise RequestValidationError(faults)


class ListQuery(ModelQuery):
    """Reads the parameters of one list."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        super().__init__(listing.params)


def row_query_of(listing: Listing) -> Any:
    """Reads those of a single row: `params: Annotated[RowParams, row_query_of(STAFF)]`."""
    return Depends(ModelQuery(listing.row_params))


# Parameters of a single row, as `row_query_of` reads them for `Listing.one`.
RowParams = BaseModel


def read_selection(listing: Listing, given: dict[str, Any]) -> Any:
    """The same parameters out of a JSON body, without those that are about pages.

    What can be repeated in an address is a list here, or a single value.

    Raises:
        RequestValidationError: one is unknown or wrong; it stands under `query` in the body.
    """
    values = dict(given)
    for name in _repeatable(listing.selection) & values.keys():
        if not isinstance(values[name], list):
            values[name] = [values[name]]
    try:
        return listing.selection.model_validate(values)
    except ValidationError as error:
        raise _faults(error, "body", "query") from error


def document_lists(app: FastAPI, document: dict[str, Any]) -> None:
    """Add the parameters of every list and single row to the OpenAPI document."""
    for route in routes_of(app.routes):
        for dependency in route.dependant.dependencies:
            if isinstance(dependency.call, ModelQuery):
                operation = document["paths"][route.path]["get"]
                schema = dependency.call.model.model_json_schema(ref_template=_COMPONENT)
                document["components"]["schemas"].update(schema.pop("$defs", {}))
                operation.setdefault("parameters", []).extend(_parameters(schema))


_COMPONENT = "#/components/schemas/{model}"


def _parameters(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, described in schema["properties"].items():
        if described.get("default", ...) is None:
            del described["default"]
        parameter = {"name": name, "in": "query", "required": False, "schema": described}
        if described.get("type") == "array":  # of a single string: see `Listing`
            parameter |= {"style": "form", "explode": False}
        if description := described.get("description"):
            parameter["description"] = description
        yield parameter


def routes_of(routes: Any) -> Iterator[Any]:
    """Every route that takes dependencies, those of included routers too."""
    for route in routes:
        if included := getattr(route, "effective_route_contexts", None):
            yield from routes_of(included())
        elif hasattr(route, "dependant"):
            yield route


def _faults(error: ValidationError, *place: str) -> RequestValidationError:
    faults = [{**fault, "loc": (*place, *fault["loc"])} for fault in error.errors()]
    return RequestValidationError(faults)


def _repeatable(model: type[BaseModel]) -> set[str]:
    return {name for name, info in model.model_fields.items() if takes_list(info.annotation)}
