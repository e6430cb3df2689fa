"""The base of request bodies: JSON of exactly the documented types, without unknown properties.

Pydantic would take `0` for false and `"5"` for 5. What is sent so is a fault of the sender, and
the contract does not allow it. Query strings, forms and files of imports are text: they are
converted by their own readers.
"""

from pydantic import BaseModel, ConfigDict, Strict

STRICT = ConfigDict(extra="forbid", strict=True)
# For types that JSON writes as text (dates, UUIDs, enumerations) or as a number (decimals): the
# framework validates parsed JSON, where strict mode would ask for Python objects.
FROM_JSON = Strict(False)


class Body(BaseModel):
    """Base of every body that is not derived from SQLModel fields (for those see `Input`)."""

    model_config = STRICT
