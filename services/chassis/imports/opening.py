"""Opens imports, with or without their files."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from services.chassis.core.errors import AppError, Fault, Invalid, MissingScope
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.files.encrypted_files import wrap_key
from services.chassis.http.idempotency import KeyReused
from services.chassis.imports.imports import Imports
from services.chassis.imports.readable import SUFFIXES
from services.chassis.imports.schemas import ImportOptions, ReadingOptions
from services.chassis.imports.spec import ImportSpec

# Of one account, from being opened to their end: each may hold a whole file on the server's disk.
MOST_WAITING = 100
_RETRY_AFTER = 10
_NEEDED = Text("导入 {resource} 时必填", "Needed to import {resource}")
_NOT_TAKEN = Text("导入 {resource} 时不可用", "Not taken when {resource} are imported")
_NO_REPLACE = Text("{resource} 不支持 replace", "{resource} cannot be replaced")
_ALL_NEEDED = Text(
    "replace 只能与 all_or_nothing 同用,以免误删有错的行",
    "`replace` goes with `all_or_nothing` only: faulty rows would be removed",
)


class TooManyWaiting(AppError):
    """The account has opened as many imports as may be unfinished at a time."""

    status = 429
    code = "import.too_many_waiting"
    title = Text("未完成的导入过多", "Too many imports waiting")
    detail = Text(
        "您已有 {limit} 个导入尚未完成;请等待其结束,或取消后再试。",
        "{limit} of your imports have not ended yet; wait for them, or cancel some.",
    )

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": str(_RETRY_AFTER)}, limit=MOST_WAITING)


class Opened(NamedTuple):
    """An import that exists now.

    Attributes:
        id: of the import.
        is_new: False when the same request had opened it before.
    """

    id: UUID
    is_new: bool


def check_options(spec: ImportSpec, options: ImportOptions) -> None:
    """Refuse options that do not go together.

    Raises:
        Invalid: with everything that is wrong.
    """
    faults = within_faults(spec, options)
    if options.operation == "replace":
        if spec.removal is None:
            params = {"resource": spec.resource}
            faults.append(Fault("/operation", "import.no_replace", _NO_REPLACE, params))
        elif options.mode != "all_or_nothing":
            faults.append(Fault("/mode", "import.replace_needs_all", _ALL_NEEDED, {}))
    if faults:
        raise Invalid(faults)


def within_faults(spec: ImportSpec, options: ReadingOptions) -> list[Fault]:
    """What is wrong with what the rows are said to belong to."""
    params = {"resource": spec.resource}
    missing = [name for name in spec.within if name not in options.within]
    unknown = [name for name in options.within if name not in spec.within]
    return [
        *(Fault(f"/within/{name}", "missing", _NEEDED, params) for name in missing),
        *(Fault(f"/within/{name}", "extra_forbidden", _NOT_TAKEN, params) for name in unknown),
    ]


def require_scope(spec: ImportSpec, caller: Caller) -> None:
    """Whoever imports a resource must be allowed to write it.

    Raises:
        MissingScope: it is not.
    """
    if not caller.may(spec.scope):
        raise MissingScope(scope=spec.scope)


def declared_format(options: ReadingOptions, file_name: str | None) -> str | None:
    """What the caller says the file is, by option or by name."""
    name = re.sub(r"\.gz$", "", (file_name or "").lower())
    return options.format or SUFFIXES.get(Path(name).suffix)


def wishes_of(options: ReadingOptions, file_name: str | None) -> dict[str, Any]:
    """The options that reading the file needs, as they are kept."""
    names = ("encoding", "delimiter", "sheet", "column_mapping")
    wishes = {name: getattr(options, name) for name in names}
    return wishes | {"format": declared_format(options, file_name)}


_WAITING = """
select count(*) from import_job
where subject = $1 and state in ('open', 'queued', 'validating', 'loading')
"""
_OPEN = """
insert into import_job (id, bureau_code, subject, created_by, caller, resource, operation, mode,
    dry_run, allow_shrink, within, wishes, idempotency_key, request_digest, state, file_name,
    file_key, size, sha256, bytes, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'open', $15, $16, $17, $18,
    0, now() + $19)
on conflict (subject, idempotency_key) do nothing returning id
"""


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
        TooManyWaiting: the account has too many that have not ended; nothing is written down.
    """
    spec = imports.spec(options.resource)
    digest = hashlib.sha256(options.model_dump_json().encode()).digest()
    is_new = await connection.fetchval(
        _OPEN,
        job_id,
        caller.bureau_code,
        caller.subject,
        caller.name,
        caller.model_dump(mode="json"),
        spec.resource,
        options.operation,
        options.mode,
        options.dry_run,
        options.allow_shrink,
        {name: str(value) for name, value in options.within.items()},
        wishes_of(options, options.file_name),
        idempotency_key,
        digest,
        options.file_name,
        wrap_key(file_key, imports.settings.files_key_bytes),
        options.size,
        options.sha256,
        timedelta(days=imports.settings.import_days),
    )
    if is_new:
        if await connection.fetchval(_WAITING, caller.subject) > MOST_WAITING:
            raise TooManyWaiting
        return Opened(job_id, is_new=True)
    before = await connection.fetchrow(
        "select id, request_digest from import_job where subject = $1 and idempotency_key = $2",
        caller.subject,
        idempotency_key,
    )
    if before is None or before["request_digest"] != digest:
        raise KeyReused
    return Opened(before["id"], is_new=False)
