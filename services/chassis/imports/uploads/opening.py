"""Opens imports, with or without their files."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

from services.chassis.core.errors import Fault, Invalid, MissingScope
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.files.file_keys import wrap_key
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.engine.kind import ImportState
from services.chassis.imports.engine.schemas import ImportOptions, ReadingOptions
from services.chassis.imports.formats.readable import SUFFIXES
from services.chassis.imports.headers.layout import NO_FIELD
from services.chassis.operations.opening import Opened, Request, open_operation

_NEEDED = Text("导入 {resource} 时必填", "Required to import {resource}")
_NOT_TAKEN = Text("导入 {resource} 时不可用", "Not accepted when importing {resource}")
_NO_REPLACE = Text("{resource} 不支持 replace", "`replace` is not available for {resource}")
_ALL_NEEDED = Text(
    "replace 只能与 all_or_nothing 同用，以免误删有错的行",
    "`replace` requires `all_or_nothing`: otherwise faulty rows would be removed",
)


def check_options(spec: ImportSpec, options: ImportOptions) -> None:
    """Refuse options that do not go together.

    Raises:
        Invalid: with everything that is wrong.
    """
    faults = [*within_faults(spec, options), *value_faults(spec, options)]
    if options.operation == "replace":
        if spec.removal is None:
            params = {"resource": spec.resource}
            faults.append(Fault("/operation", "import.no_replace", _NO_REPLACE, params))
        elif options.mode != "all_or_nothing":
            faults.append(Fault("/mode", "import.replace_needs_all", _ALL_NEEDED, {}))
    if faults:
        raise Invalid(faults)


def within_faults(spec: ImportSpec, options: ReadingOptions) -> list[Fault]:
    """The faults of the given parents."""
    params = {"resource": spec.resource}
    missing = [name for name in spec.within if name not in options.within]
    unknown = [name for name in options.within if name not in spec.within]
    return [
        *(Fault(f"/within/{name}", "missing", _NEEDED, params) for name in missing),
        *(Fault(f"/within/{name}", "extra_forbidden", _NOT_TAKEN, params) for name in unknown),
    ]


def value_faults(spec: ImportSpec, options: ReadingOptions) -> list[Fault]:
    """The faults of a mapping of values: fields and codes that there are not."""
    faults = []
    for name, words in options.value_mapping.items():
        pointer = f"/value_mapping/{escaped(name)}"
        if name not in spec.row.model_fields:
            faults.append(Fault(pointer, "import.unknown_field", NO_FIELD, {"field": name}))
        elif codes := spec.code_list(name):
            for word, value in words.items():
                if value is not None and (wrong := codes.fault_of(value)):
                    faults.append(Fault(f"{pointer}/{escaped(word)}", "code.unknown", *wrong))
    return faults


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def require_scope(spec: ImportSpec, caller: Caller) -> None:
    """Require the scope to write the resource.

    Raises:
        MissingScope: it is not.
    """
    if not caller.may(spec.scope):
        raise MissingScope(scope=spec.scope)


def declared_format(options: ReadingOptions, file_name: str | None) -> str | None:
    """The format declared by option or by name."""
    name = re.sub(r"\.gz$", "", (file_name or "").lower())
    return options.format or SUFFIXES.get(Path(name).suffix)


def wishes_of(options: ReadingOptions, file_name: str | None) -> dict[str, Any]:
    """The options that reading the file needs, as they are kept."""
    names = (
        "encoding",
        "delimiter",
        "sheet",
        "column_mapping",
        "value_mapping",
        "ignore_unknown_columns",
    )
    wishes = {name: getattr(options, name) for name in names}
    return wishes | {"format": declared_format(options, file_name)}


async def open_import(
    connection: Conn,
    imports: Imports,
    caller: Caller,
    options: ImportOptions,
    *,
    job_id: UUID,
    file_key: bytes,
    idempotency_key: str,
) -> Opened:
    """Write an import down, or find the one that the same request has opened before.

    Raises:
        KeyReused: the key belongs to another request.
        TooManyUnfinished: the account has too many; nothing is written down.
    """
    spec = imports.spec(options.resource)
    return await open_operation(
        connection,
        imports,
        caller,
        Request(idempotency_key, options.model_dump_json()),
        id=job_id,
        state=ImportState.OPEN,
        resource=spec.resource,
        operation=options.operation,
        mode=options.mode,
        dry_run=options.dry_run,
        allow_shrink=options.allow_shrink,
        within={name: str(value) for name, value in options.within.items()},
        wishes=wishes_of(options, options.file_name),
        file_name=options.file_name,
        file_key=wrap_key(file_key, imports.settings.files_key_bytes),
        size=options.size,
        sha256=options.sha256,
    )
