"""Preview of a file as an import would read it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from client.imports.job import ImportNotice
from client.problems import Fault
from client.text import Language


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class PreviewField(_Answer):
    """A field with its titles."""

    field: str
    title_zh: str
    title_en: str

    def title(self, language: Language) -> str:
        """The title in a language."""
        return self.title_en if language == "en" else self.title_zh


class PreviewColumn(_Answer):
    """A column of the file.

    Attributes:
        header: header in the file.
        field: field recognised from the header, None if none is.
        is_ignored: whether the column is ignored; an import is refused if a column has no field
            and is not ignored.
        suggestions: possible fields, the most likely first.
    """

    header: str
    field: str | None
    is_ignored: bool
    suggestions: list[PreviewField]


class PreviewRow(_Answer):
    """One of the first rows.

    Attributes:
        cells: cells of the file, one for each column.
        values: parsed values by field.
    """

    row: int
    cells: list[Any]
    values: dict[str, Any]


class EarlierImport(_Answer):
    """An earlier import of a file with the same header, whose mappings can be taken over."""

    id: str
    file_name: str | None


class Preview(_Answer):
    """The beginning of a file, as an import would read it.

    Attributes:
        earlier: the latest import of a file with this header that had mappings.
        missing: required fields without a column.
        rows: the first rows.
        rows_checked: number of rows checked.
        fault_count: number of faults in the header and those rows.
        notices: what is read, passed over and taken along.
    """

    format: str
    encoding: str | None
    delimiter: str | None
    sheets: list[str]
    sheet: str | None
    header_row: int | None
    columns: list[PreviewColumn]
    missing: list[PreviewField]
    rows: list[PreviewRow]
    rows_checked: int
    faults: list[dict[str, Any]]
    fault_count: int
    earlier: EarlierImport | None = None
    notices: list[ImportNotice] = Field(default_factory=list)

    @property
    def first_faults(self) -> list[Fault]:
        """The first faults."""
        return [Fault.of_row(fault) for fault in self.faults]
