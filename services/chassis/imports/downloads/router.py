"""Routes of the row results of an import: faults, failed rows, applied rows."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from services.chassis.audit.log import record
from services.chassis.core.errors import documents
from services.chassis.core.tags import IMPORTS_TAG
from services.chassis.core.text import current_language
from services.chassis.database.auth import Caller
from services.chassis.exports.answers import Lists, query_of
from services.chassis.files.formats import MEDIA_TYPES
from services.chassis.files.workbook import stream_rows
from services.chassis.http.streams import StreamedFile
from services.chassis.imports.downloads.corrections import correction_workbook
from services.chassis.imports.downloads.downloads import (
    FAULT_COLUMNS,
    RESULT_COLUMNS,
    Marked,
    NotInspected,
    Rows,
    as_csv,
    as_ndjson,
    names_without_mapping,
    require_files,
)
from services.chassis.imports.engine.access import CanImport, TheImports
from services.chassis.imports.engine.imports import FileUnreadable, Imports
from services.chassis.imports.engine.kind import IMPORTS
from services.chassis.imports.engine.queries import ImportLists, require_job
from services.chassis.lists.listing import PageParams
from services.chassis.openapi.response_headers import references
from services.chassis.operations.store import Job

router = APIRouter(prefix="/v1/imports/{import_id}", tags=[IMPORTS_TAG])

_PROBLEMS = IMPORTS.problems
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "In the format of the upload",
        "content": {media_type.partition(";")[0]: {} for media_type in MEDIA_TYPES.values()},
        "headers": references("Content-Disposition"),
    },
    **documents(_PROBLEMS.not_found, _PROBLEMS.expired, FileUnreadable, NotInspected),
}
FORM = Query(
    alias="format",
    description="`upload` for the format of the upload, `xlsx` for a workbook (格式)",
    examples=["xlsx"],
)
# Only its parameters are used: they are the same for every service.
_FAULTS = ImportLists(()).faults("zh-CN")


@router.get(
    "/faults",
    summary="List the faults of an import (错误列表)",
    response_model=_FAULTS.page_schema,
    responses=documents(_PROBLEMS.not_found, _PROBLEMS.expired),
)
async def list_faults(
    import_id: UUID,
    params: Annotated[PageParams, query_of(_FAULTS)],
    caller: CanImport,
    imports: TheImports,
    lists: Lists,
) -> Response:
    """The first faults with row, field, code and words, which may quote the row.

    How many there are of all is in `faults` of the import; `failed-rows` has every faulty row.
    """
    async with imports.database.connection(caller) as connection:
        job = await require_job(connection, imports.lists, caller, import_id)
        require_files(imports.spec(job["resource"]), caller, job)
        if job["subject"] != caller.subject:
            await record(connection, caller, "faults", job["resource"], import_id)
    listing = imports.lists.faults(current_language.get())
    return await lists.answer(listing, caller, params, {"job_id": import_id})


@router.get(
    "/failed-rows",
    summary="Download the failed rows (下载错误行)",
    response_class=StreamingResponse,
    responses=_FILE,
)
async def get_failed_rows(
    import_id: UUID,
    caller: CanImport,
    imports: TheImports,
    form: Annotated[Literal["upload", "xlsx"], FORM] = "upload",
) -> Response:
    """The faulty rows in the format of the upload, with row, fields, codes and messages added.

    Correct them and import this very file: the added columns are passed over, and no
    `column_mapping` is needed. In a workbook the faulty cells are coloured, and their comments say
    what is wrong.
    """
    job = await _job(imports, caller, import_id, "failed_rows")
    language = current_language.get()
    names = names_without_mapping(imports.spec(job["resource"]), job, language)
    rows = Rows(imports, caller, job, names)
    if "xlsx" in (form, rows.form):
        content = correction_workbook(rows, rows.failed(language))
        return _file_of(rows, content, "failed", "xlsx")
    return _as_file(rows, rows.failed(language), FAULT_COLUMNS, "failed")


@router.get(
    "/applied-rows",
    summary="Download the applied rows (下载已导入行)",
    response_class=StreamingResponse,
    responses=_FILE,
)
async def get_applied_rows(import_id: UUID, caller: CanImport, imports: TheImports) -> Response:
    """The rows that are stored as the file has them, with the id of each record added."""
    rows = Rows(imports, caller, await _job(imports, caller, import_id, "applied_rows"))
    return _as_file(rows, rows.applied(), RESULT_COLUMNS, "applied")


async def _job(imports: Imports, caller: Caller, import_id: UUID, what: str) -> Job:
    async with imports.database.connection(caller) as connection:
        job: Job = await require_job(connection, imports.lists, caller, import_id)
        require_files(imports.spec(job["resource"]), caller, job)
        if job["layout"] is None:
            raise NotInspected(state=job["state"])
        await record(connection, caller, what, job["resource"], import_id)
    return job


def _as_file(
    rows: Rows, batches: AsyncIterator[list[Marked]], added: Sequence[str], what: str
) -> Response:
    content: AsyncGenerator[bytes, None]
    if rows.form == "ndjson":
        content = as_ndjson(rows, batches, added)
    elif rows.form == "xlsx":
        cells = (rows.cells(batch) async for batch in batches)
        content = stream_rows(rows.header(added), cells, rows.scratch)
    else:
        content = as_csv(rows, batches, added)
    return _file_of(rows, content, what, rows.form)


def _file_of(rows: Rows, content: AsyncGenerator[bytes, None], what: str, form: str) -> Response:
    name = f"{rows.resource}-{what}.{form}"
    return StreamedFile(content, media_type=MEDIA_TYPES[form], name=name)
