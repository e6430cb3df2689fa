"""What a file looks like to an import, before there is one."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from client.problems import Fault
from client.text import Language


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class PreviewField(_Answer):
    """A field, with its titles."""

    field: str
    title_zh: str
    title_en: str

    def title(self, language: Language) -> str:
        """What people call it."""
        return self.title_en if language == "en" else self.title_zh


class PreviewColumn(_Answer):
    """A column of the file.

    Attributes:
        header: as the file names it.
        field: what it is taken for, if anything.
        is_ignored: whether it is passed over; otherwise, without a field, an import is refused.
        suggestions: fields it may mean, the likeliest first.
    """

    header: str
    field: str | None
    is_ignored: bool
    suggestions: list[PreviewField]


class PreviewRow(_Answer):
    """One of the first rows.

    Attributes:
        cells: as they stand in the file, one for each column.
        values: by field, as they are read.
    """

    row: int
    cells: list[Any]
    values: dict[str, Any]


class Preview(_Answer):
    """The beginning of a file, as an import would read it.

    Attributes:
        missing: required fields that no column gives.
        rows: the first ones.
        rows_checked: how many rows were checked.
        fault_count: how many faults the header and those rows have.
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

    @property
    def first_faults(self) -> list[Fault]:
        """The first faults."""
        return [Fault.of_row(fault) for fault in self.faults]
