"""RFC 7396 merge-patch: absent means unchanged, null clears, and only where null is allowed."""

from copy import copy
from typing import Any

from pydantic import BaseModel, ValidationInfo, create_model, field_validator

from services.chassis.core.text import Text
from services.chassis.schemas.strict_bodies import Body
from services.chassis.schemas.validation import invalid_value


class Patch(Body):
    """Base of every patch body."""

    @field_validator("*", mode="before")
    @classmethod
    def refuse_null(cls, value: Any, info: ValidationInfo) -> Any:
        """Explicit null is refused for fields that must have a value."""
        never_null: frozenset[str] = getattr(cls, "_never_null", frozenset())
        if value is None and info.field_name in never_null:
            message = Text("{field} 不能为空", "{field} cannot be null")
            raise invalid_value("patch.null", message, field=info.field_name)
        return value

    def changes(self) -> dict[str, Any]:
        """The fields that were sent."""
        return self.model_dump(exclude_unset=True)


def patch_of(schema: type[BaseModel], *, without: tuple[str, ...] = ()) -> type[Patch]:
    """A patch body with the fields of `schema`, all optional, except the keys in `without`."""
    fields: dict[str, Any] = {}
    never_null = set()
    for name, info in schema.model_fields.items():
        if name in without:
            continue
        if info.is_required() or info.default is not None:
            never_null.add(name)
        optional = copy(info)
        optional.default, optional.default_factory = None, None
        annotation: Any = info.annotation
        fields[name] = (annotation | None, optional)
    patch = create_model(schema.__name__.replace("Create", "") + "Patch", __base__=Patch, **fields)
    patch._never_null = frozenset(never_null)  # type: ignore[attr-defined]
    return patch
