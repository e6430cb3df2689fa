"""Answers that the routes of a kind share: files of lists, 304 of what is known already."""

from typing import Any

from services.chassis.files.formats import MEDIA_TYPES, FileKind
from services.chassis.openapi.operation import Operation
from services.chassis.openapi.response_headers import shows_version

_KINDS = [*map(FileKind, MEDIA_TYPES), FileKind("csv", "gzip")]
# A file has no schema: it is as many bytes as there are rows.
FILES: dict[str, Any] = {kind.media_type.partition(";")[0]: {} for kind in _KINDS}
_NOT_MODIFIED = {"description": "Not modified: as `If-None-Match` has it (未变化)"}


def add_successes(operation: Operation) -> None:
    """Add the media types of a list's files, and 304 where a version is shown."""
    if operation.is_list:
        operation.responses["200"]["content"] |= FILES
    if operation.method == "get" and shows_version(operation):
        operation.responses["304"] = dict(_NOT_MODIFIED)
