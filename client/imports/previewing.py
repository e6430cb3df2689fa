"""Has the platform look at a file before it is imported."""

import io
import json
from pathlib import Path
from typing import BinaryIO, Unpack

from client.connection import Call
from client.imports.opening import Opening
from client.imports.options import ImportOptions
from client.imports.preview import Preview
from client.resources import resource_of

# Files that can only be read whole: zip, gzip, and what old or locked workbooks are.
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
_BEGINNING = 1 << 20
_READING = ("within", "column_mapping", "format", "encoding", "delimiter", "sheet")


class Previewing(Opening):
    """Files that are looked at."""

    def preview_file(self, resource: str, file: Path, **options: Unpack[ImportOptions]) -> Preview:
        """What the columns of a file are taken for, its first rows and their faults.

        Nothing is stored. Of a text, only the beginning is sent. Options that say what is to be
        done with the rows make no difference.

        Raises:
            Problem: the platform cannot read it.
            ValueError: the resource cannot be imported, or `cycle` does not fit it.
        """
        kind = resource_of(resource)
        given = self._with_ids(kind, options)
        wishes = {name: given[name] for name in _READING if name in given}
        form = {"options": json.dumps({"resource": resource, **wishes})}
        with file.open("rb") as content:
            sent = (file.name, _needed(content), "application/octet-stream")
            body = {"data": form, "files": {"file": sent}}
            call = Call("POST", f"{kind.imports}:preview", True, body=body)
            return Preview.model_validate(self._send(call))


def _needed(content: BinaryIO) -> BinaryIO:
    """As much of a file as can be looked at."""
    head = content.read(_BEGINNING)
    if not head.startswith(_PACKED):
        return io.BytesIO(head)
    content.seek(0)
    return content
