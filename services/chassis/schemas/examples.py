"""Examples of values whose type is explanation enough: times, days, opaque ids, truth values."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

_MOMENT = "2026-03-02T09:30:00+08:00"
_DAY = "2026-03-02"
_ID = "0198d3a4-7c1e-7b52-9f0e-6a1d2c3b4e5f"

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
CURSOR = "eyJhIjoxMDQyfQ"
BY_TYPE: dict[Any, Any] = {datetime: _MOMENT, date: _DAY, UUID: _ID, bool: True}
BY_FORMAT: dict[str, Any] = {"date-time": _MOMENT, "date": _DAY, "uuid": _ID}


def example_of(schema: dict[str, Any]) -> Any:
    """Return an example of a JSON schema of these types, or None; of alternatives the first's.

    A default is an example, too.
    """
    for one in (schema, *schema.get("anyOf", ())):
        if (example := BY_FORMAT.get(one.get("format"))) is not None:
            return example
        if one.get("type") == "boolean":
            return True
        if one.get("type") == "array" and (item := example_of(one["items"])) is not None:
            return [item]
    return schema.get("default")
