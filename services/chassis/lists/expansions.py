"""Records of other lists that a row contains on request: `expand=school`.

They are declared on the `Listing` of the row. A record is selected by the condition of its own list
under the row security of the same caller, so it is what its own route answers, or null.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema, create_model
from pydantic_core import PydanticKnownError

from services.chassis.core.errors import MissingScope
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.sql_conditions import Where
from services.chassis.schemas.validation import invalid_value

if TYPE_CHECKING:
    from services.chassis.lists.listing import Listing


@dataclass(frozen=True)
class Expansion:
    """A record that a row names by its natural key within the bureau.

    Attributes:
        listing: the list of these records.
        key: column of both tables.
        scope: the one that reading the record demands.
        title: Chinese name of the record.
    """

    listing: "Listing"
    key: str
    scope: str
    title: str

    @property
    def columns(self) -> tuple[str, str]:
        """Columns of the row that find the record."""
        return "bureau_code", self.key

    def sql(self, caller: Caller, place: str, where: Where) -> str:
        """The record as JSON: null where there is none that the caller sees.

        Args:
            caller: the reader.
            place: how the statement refers to a column of the row, `{}`.
            where: of the statement, which takes the arguments.
        """
        seen = Where()
        seen.args = where.args
        self.listing.scope(caller, seen)
        table = self.listing.table
        seen.conditions += [f"{table}.{name} = {place.format(name)}" for name in self.columns]
        record = self.listing.object_of(self.listing.row_schema.model_fields)
        return f"(select {record} from {self.listing.source} {seen.sql()})"


Expansions = Mapping[str, Expansion]


def expanded(params: Any) -> list[str]:
    """The names in `expand` of a request."""
    names: str | None = getattr(params, "expand", None)
    return names.split(",") if names else []


def columns_of(expansions: Expansions, names: Iterable[str]) -> list[str]:
    """The columns of a row that these expansions need."""
    return [*dict.fromkeys(column for name in names for column in expansions[name].columns)]


def embedded_sql(
    expansions: Expansions, caller: Caller, names: Iterable[str], place: str, where: Where
) -> dict[str, str]:
    """The SQL of the records that a request embeds, by name; see `Expansion.sql`.

    Raises:
        MissingScope: the caller may not read one of them by its own route.
    """
    for name in names:
        if not caller.may(scope := expansions[name].scope):
            raise MissingScope(scope=scope)
    return {name: expansions[name].sql(caller, place, where) for name in names}


def expand_parameter(expansions: Expansions) -> dict[str, Any]:
    """The query parameter `expand`, where there is something to expand."""
    if not expansions:
        return {}

    def known(value: str) -> str:
        names = value.split(",")
        if not expansions.keys() >= {*names}:
            raise PydanticKnownError("literal_error", {"expected": ", ".join(expansions)})
        if len({*names}) < len(names):
            raise invalid_value(
                "expand.repeated",
                Text("同一名称只能出现一次", "A name can occur only once"),
            )
        return value

    schema = {
        "type": "array",
        "items": {"type": "string", "enum": [*expansions]},
        "minItems": 1,
        "uniqueItems": True,
    }
    about = "Records to embed, comma-separated; not in files (展开)"
    asked = Annotated[str | None, AfterValidator(known), WithJsonSchema(schema)]
    return {"expand": (asked, Field(None, description=about, examples=[[next(iter(expansions))]]))}


def with_expansions(schema: type[BaseModel], name: str, expansions: Expansions) -> Any:
    """The schema of a row that may contain the records."""
    if not expansions:
        return schema
    fields: dict[str, Any] = {}
    for field, one in expansions.items():
        about = f"Only with `expand={field}`; null if you cannot read it ({one.title})"
        shown = one.listing.row_schema | None
        fields[field] = (shown, Field(None, title=one.title, description=about))
    return create_model(name, __base__=schema, **fields)
