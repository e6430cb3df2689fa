"""Parameters of a list that ask for something which is no field of its rows."""

from typing import Any, NamedTuple


class Related(NamedTuple):
    """A parameter that asks for something which is no field of the row.

    Attributes:
        description: what it asks for.
        condition: the condition on its value, `{}`.
        kind: its type; a list can be repeated and means membership.
        example: of its value, where the type does not show one.
    """

    description: str
    condition: str
    kind: Any = list[str]
    example: Any = None
