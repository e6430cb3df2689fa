"""The options beside the file of a form: as fields of their own, or together as JSON."""

from typing import Any, TypeVar

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from services.chassis.http.json_structure import checked_json
from services.chassis.imports.engine.schemas import ReadingOptions
from services.chassis.imports.uploads.form import FILE, Form, FormInvalid

Options = TypeVar("Options", bound=ReadingOptions)
_TOGETHER = "options"
_OBJECTS = ("within", "column_mapping", "value_mapping")


def options_of(form: Form, kind: type[Options]) -> Options:
    """The options of a form that has been read to its end.

    Raises:
        FormInvalid: what should be JSON is none.
        BadRequest: it is JSON that no body may be.
        RequestValidationError: they are not valid.
    """
    try:
        together = _read(form.fields.pop(_TOGETHER, "{}"))
        objects = {name: _read(form.fields.pop(name)) for name in _OBJECTS if name in form.fields}
    except orjson.JSONDecodeError as error:
        raise FormInvalid from error
    if not isinstance(together, dict):
        raise FormInvalid
    try:
        texts = {name: _typed(kind, name, text) for name, text in form.fields.items()}
        return kind.model_validate({"file_name": form.file_name} | together | objects | texts)
    except ValidationError as error:
        raise request_fault(error) from error


def _read(text: str) -> Any:
    """A field of a form that holds JSON, under the bounds of a body."""
    return orjson.loads(checked_json(text.encode()))


def _typed(kind: type[ReadingOptions], name: str, text: str) -> Any:
    """The value of a form field, which is text; the schema refuses what cannot be converted."""
    if name not in kind.model_fields:
        return text
    wanted: Any = kind.model_fields[name].annotation
    try:
        return TypeAdapter(wanted).validate_strings(text)
    except ValidationError:
        return text


def request_fault(error: ValidationError) -> RequestValidationError:
    """Faults of options as those of a body."""
    faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
    return RequestValidationError(faults)


def form_schema(kind: type[ReadingOptions], title: str) -> dict[str, Any]:
    """The schema of a form with a file and these options."""
    options = kind.model_json_schema()
    together = {
        "type": "string",
        "description": "The other fields together, as JSON (选项)",
        "examples": ['{"resource": "staff"}'],
    }
    file = {"type": "string", "format": "binary", "description": "The file (文件)"}
    return options | {
        "title": title,
        "required": [*options["required"], FILE],
        "properties": {**options["properties"], _TOGETHER: together, FILE: file},
    }
