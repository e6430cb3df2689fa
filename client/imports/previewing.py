"""Previews of files before they are imported."""

import io
import json
from pathlib import Path
from typing import BinaryIO, Unpack

from client.connection import Call
from client.imports.options import ImportOptions
from client.imports.preview import Preview
from client.imports.uploading import ImportUploads
from client.resources import imported_resource

# First bytes of files that can only be read as a whole: zip, gzip, and OLE (.xls, locked .xlsx).
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
_BEGINNING = 1 << 20
_READ_OPTIONS = (
    "within",
    "column_mapping",
    "value_mapping",
    "ignore_unknown_columns",
    "like",
    "format",
    "encoding",
    "delimiter",
    "sheet",
)


class ImportPreviews(ImportUploads):
    """Calls that preview a file."""

    def preview_file(self, resource: str, file: Path, **options: Unpack[ImportOptions]) -> Preview:
        """Preview a file: the fields of its columns, its first rows and their faults.

        Nothing is stored. Only the first MiB of a text file is sent. Options other than `cycle`,
        `within` and those about reading the file have no effect.

        Raises:
            Problem: the platform cannot read the file.
            ValueError: the resource cannot be imported, or `cycle` does not fit it.
        """
        kind = imported_resource(resource)
        given = self._with_ids(kind, options)
        read_options = {name: given[name] for name in _READ_OPTIONS if name in given}
        form = {"options": json.dumps({"resource": resource, **read_options})}
        with file.open("rb") as content:
            sent = (file.name, _part_to_send(content), "application/octet-stream")
            body = {"data": form, "files": {"file": sent}}
            call = Call("POST", f"{kind.imports}:preview", True, body=body)
            return Preview.model_validate(self._send(call))


def _part_to_send(content: BinaryIO) -> BinaryIO:
    """The part of a file to send: the first MiB of text, everything of a packed file."""
    head = content.read(_BEGINNING)
    if not head.startswith(_PACKED):
        return io.BytesIO(head)
    content.seek(0)
    return content
