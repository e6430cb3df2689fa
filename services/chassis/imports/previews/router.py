"""Route of previews, which show the outcome of an import before it is opened."""

from uuid import uuid4

from fastapi import APIRouter, Request

from services.chassis.core.errors import BodyTooLarge, Invalid, StorageFull, documents
from services.chassis.core.tags import IMPORTS_TAG
from services.chassis.core.temp_dirs import scratch_folder
from services.chassis.core.threads import in_thread
from services.chassis.database.auth import Caller
from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.files.file_keys import new_key
from services.chassis.files.held_files import QuotaExceeded, Room
from services.chassis.http.route_rules import DONE_AGAIN, TAKES_FORM_WITH_FILE
from services.chassis.imports.engine.access import CanImport, TheImports
from services.chassis.imports.engine.earlier import as_earlier, earlier_with_header
from services.chassis.imports.engine.imports import Imports, ResourceUnknown
from services.chassis.imports.engine.schemas import ReadingOptions
from services.chassis.imports.formats.readable import Wishes
from services.chassis.imports.previews.beginning import only_beginning
from services.chassis.imports.previews.preview import preview
from services.chassis.imports.previews.schemas import PreviewRead, preview_read
from services.chassis.imports.uploads.form import Form, FormInvalid
from services.chassis.imports.uploads.form_options import form_schema, options_of
from services.chassis.imports.uploads.opening import (
    require_scope,
    value_faults,
    wishes_of,
    within_faults,
)
from services.chassis.imports.uploads.receiving import receive

router = APIRouter(tags=[IMPORTS_TAG])


@router.post(
    "/v1/imports:preview",
    summary="Preview a file (预览文件)",
    responses=documents(
        ResourceUnknown, BodyTooLarge, Invalid, FormInvalid, QuotaExceeded, StorageFull
    ),
    openapi_extra=DONE_AGAIN
    | TAKES_FORM_WITH_FILE
    | {
        "requestBody": {
            "required": True,
            "description": "A form with the file and how it is to be read. Of a text its first "
            "megabyte does; a workbook is sent whole",
            "content": {
                "multipart/form-data": {"schema": form_schema(ReadingOptions, "PreviewForm")}
            },
        }
    },
)
async def preview_import(
    request: Request,
    caller: CanImport,
    imports: TheImports,
) -> PreviewRead:
    """Detected columns, the first rows, and their faults.

    Nothing is stored; the file is discarded after the response.
    """
    form, room = Form(request), imports.quota.room(caller, uuid4())
    async with room.lent():
        return await _preview(form, room, caller, imports)


async def _preview(form: Form, room: Room, caller: Caller, imports: Imports) -> PreviewRead:
    with scratch_folder(imports.settings.scratch_dir) as folder:
        upload, rows = (
            EncryptedFile(folder / name, new_key()) for name in ("file.upload", "file.rows")
        )
        await receive(upload, only_beginning(form.file()), room)
        options = options_of(form, ReadingOptions)
        spec = imports.spec(options.resource)
        require_scope(spec, caller)
        async with imports.database.connection(caller) as connection:
            options = await as_earlier(connection, imports.lists, caller, options)
        if faults := [*within_faults(spec, options), *value_faults(spec, options)]:
            raise Invalid(faults)
        wishes = Wishes(**wishes_of(options, options.file_name))
        most = imports.settings.max_unpacked_bytes
        found = await in_thread(preview, spec, upload, rows, wishes, most)
    async with imports.database.connection(caller) as connection:
        header = found.head.layout.header
        earlier = await earlier_with_header(
            connection, imports.lists, caller, spec.resource, header
        )
    return preview_read(spec, found, earlier)
