"""Description of each column of a resource, from its schema and its hints."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from services.chassis.core.text import Text
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.schemas.codes import CodeList

Kind = Literal["text", "code", "date", "integer", "decimal"]
_NUMBERS: dict[str, Kind] = {"integer": "integer", "number": "decimal"}


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column of a template.

    Attributes:
        field: what it gives.
        title: its header.
        meaning: what goes into it.
        kind: what its cells are.
        codes: what a coded one may say.
        is_required: whether no row can be created without it.
        is_key: whether rows are recognised by it.
        lowest: of numbers.
        highest: of numbers.
        longest: how many characters a text may have.
        example: a value that fits those of the other columns; None for a cell left empty.
    """

    field: str
    title: Text
    meaning: Text
    kind: Kind
    codes: CodeList | None
    is_required: bool
    is_key: bool
    lowest: float | None
    highest: float | None
    longest: int | None
    example: Any

    @property
    def is_text(self) -> bool:
        """Whether its cells must be formatted as text, or digits would be lost."""
        return self.kind in ("text", "code")


def template_columns(spec: ImportSpec) -> list[TemplateColumn]:
    """The columns of a resource: key first, then what is required, then the rest."""
    schemas = spec.row.model_json_schema()["properties"]
    columns = [_column(spec, name, schemas[name]) for name in spec.row.model_fields]
    return sorted(columns, key=lambda one: (not one.is_key, not one.is_required))


def _column(spec: ImportSpec, name: str, schema: dict[str, Any]) -> TemplateColumn:
    shape = next(one for one in schema.get("anyOf", [schema]) if one.get("type", "") != "null")
    title, codes = spec.title_of(name), spec.code_list(name)
    hint = spec.hints.get(name)
    kind = _kind(shape, codes)
    return TemplateColumn(
        field=name,
        title=title,
        meaning=Text(
            (hint.meaning if hint else "") or title.zh,
            schema.get("description") or title.en,
        ),
        kind=kind,
        codes=codes,
        is_required=name in spec.required,
        is_key=name in spec.key,
        lowest=shape.get("minimum"),
        highest=shape.get("maximum"),
        longest=shape.get("maxLength"),
        example=_example(kind, schema.get("examples", [None])[0]),
    )


def _kind(shape: dict[str, Any], codes: CodeList | None) -> Kind:
    if codes:
        return "code"
    if shape.get("format") == "date":
        return "date"
    return _NUMBERS.get(shape.get("type", ""), "text")


def _example(kind: Kind, example: Any) -> Any:
    return date.fromisoformat(example) if kind == "date" and example else example
