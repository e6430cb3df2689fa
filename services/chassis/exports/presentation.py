"""Presentation of a table to people: titles in the header, labels instead of codes.

Files for programs have names and codes. Whatever is chosen, an import reads the file back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Language, Text, current_language
from services.chassis.lists.listing import Listing
from services.chassis.lists.page_params import SHOWN
from services.chassis.schemas.codes import code_list_of
from services.chassis.schemas.titles import title_of

_TABLES = ("csv", "xlsx")
_NO_TABLE = Text("只有 csv 与 xlsx 有表头和标签", "Only csv and xlsx have titles and labels")
_LANGUAGES: dict[str, Language] = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True)
class Presentation:
    """How the fields of a list are shown in a table.

    Attributes:
        titles: what stands in the header: names of fields, or titles in a language.
        codes: whether coded cells hold codes or labels.
        language: of the labels.
    """

    titles: Literal["code", "zh", "en"] = "code"
    codes: Literal["code", "label"] = "code"
    language: Language = "zh-CN"

    @classmethod
    def of(
        cls, chosen: Any, file_format: str, place: str = "", language: Language | None = None
    ) -> "Presentation":
        """The presentation that somebody has chosen.

        Args:
            chosen: parameters of the list.
            file_format: of the file, or `json`.
            place: of the parameters in the request.
            language: of labels where titles have none; of the request, unless given.

        Raises:
            Invalid: the format has no header.
        """
        if chosen.titles == chosen.codes == "code":
            return cls()
        if file_format not in _TABLES:
            wrong = [name for name in SHOWN if getattr(chosen, name) != "code"]
            raise Invalid([Fault(f"{place}/{one}", "titles.no_table", _NO_TABLE) for one in wrong])
        language = _LANGUAGES.get(chosen.titles, language or current_language.get())
        return cls(chosen.titles, chosen.codes, language)

    @property
    def is_for_people(self) -> bool:
        """Whether the header is in words: then nested values are shown as text, or left out."""
        return self.titles != "code"

    def heading(self, listing: Listing, name: str) -> str:
        """The header of a column."""
        if self.titles == "code":
            return name
        return title_of(name, listing.item.model_fields[name]).render(self.language)

    def headings(self, listing: Listing, names: Sequence[str]) -> list[str]:
        """The headers of a table; what occurs twice also has the name of its field."""
        found = [self.heading(listing, name) for name in names]
        return [
            title if found.count(title) == 1 else f"{title} {name}"
            for title, name in zip(found, names, strict=True)
        ]

    def labelled(self, listing: Listing, name: str, sql: str) -> str:
        """The SQL of a cell with its label, where it is coded and labels are wanted."""
        codes = code_list_of(listing.item.model_fields[name])
        if self.codes == "code" or codes is None:
            return sql
        pairs = " ".join(
            f"when {_quoted(code)} then {_quoted(label.render(self.language))}"
            for code, label in codes.labels.items()
        )
        return f"case {sql} {pairs} else {sql} end"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
