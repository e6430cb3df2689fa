"""The query parameter that names the order of a list: `sort=name,-updated_at`."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticKnownError

from services.chassis.core.text import Text
from services.chassis.lists.keyset import SortKey
from services.chassis.schemas.validation import invalid_value

# Fields that one order may have.
MAX_SORTS = 3


def sort_parameter(keys: Mapping[str, SortKey], default: str) -> tuple[Any, Any]:
    """One parameter with a list in it.

    Args:
        keys: everything that it can name.
        default: the order without it.
    """
    schema: dict[str, Any] = {
        "type": "array",
        "items": {"type": "string", "enum": [*keys]},
        "minItems": 1,
        "maxItems": MAX_SORTS,
        "uniqueItems": True,
        "default": [default],
    }
    about = f"Order: up to {MAX_SORTS} fields, `-` for descending (排序)"

    def known(value: str) -> str:
        _require_known(value.split(","), keys)
        return value

    return (
        Annotated[str, AfterValidator(known)],
        Field(default, description=about, json_schema_extra=schema),
    )


def _require_known(terms: list[str], keys: Mapping[str, SortKey]) -> None:
    if len(terms) > MAX_SORTS:
        limits = {"max_length": MAX_SORTS, "actual_length": len(terms), "field_type": "List"}
        raise PydanticKnownError("too_long", limits)
    if not keys.keys() >= {*terms}:
        raise PydanticKnownError("literal_error", {"expected": ", ".join(keys)})
    if len({term.removeprefix("-") for term in terms}) < len(terms):
        raise invalid_value(
            "sort.repeated",
            Text("同一字段只能排序一次", "A field can occur only once in the order"),
        )
