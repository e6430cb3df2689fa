"""Formats of exported files."""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, ValidationInfo

from services.chassis.core.text import Text
from services.chassis.files import workbook
from services.chassis.schemas.validation import invalid_value

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "xlsx": workbook.MEDIA_TYPE,
}
_GZIP = "application/gzip"
_TEXTS = ("csv", "ndjson")
_NO_TEXT = Text("只有 csv 与 ndjson 可以压缩", "Only csv and ndjson can be compressed")


def _of_text(compress: str, info: ValidationInfo) -> str:
    if compress != "none" and info.data.get("format") not in _TEXTS:
        raise invalid_value("compress.no_text", _NO_TEXT)
    return compress


# Stands behind the field `format`, which it looks at.
Compress = Annotated[Literal["none", "gzip"], AfterValidator(_of_text)]


class FileKind(NamedTuple):
    """How rows are written down.

    Attributes:
        format: `csv`, `ndjson` or `xlsx`.
        compress: `gzip` or `none`.
        bom: whether CSV begins with a byte order mark.
    """

    format: str
    compress: str = "none"
    bom: bool = False

    @classmethod
    def of(cls, wanted: Any) -> "FileKind":
        """The kind that somebody wants, from anything with these attributes."""
        return cls(wanted.format, wanted.compress, wanted.bom)

    @property
    def media_type(self) -> str:
        """For `Content-Type`."""
        return _GZIP if self.compress == "gzip" else MEDIA_TYPES[self.format]

    @property
    def suffix(self) -> str:
        """The ending of its name."""
        return f"{self.format}.gz" if self.compress == "gzip" else self.format
