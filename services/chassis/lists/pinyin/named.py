"""Rows with a name: the columns that hold its keys, kept right, and the search on them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, event
from sqlmodel import Field, SQLModel

from services.chassis.core.visible_text import visible_name
from services.chassis.lists.pinyin.names import key_sought, keys_of
from services.chassis.lists.search import contains

# As columns of an import. Derived from the name, and so in no answer, export or change log.
NAME_KEYS = {"name_pinyin": "text", "name_initials": "text"}
# The order of bytes, whatever the database's own order is: a beginning is a range in it.
_BYTES = String(collation="C")


class Named(SQLModel):
    """Second base of a table with a `name` to be searched.

    Whatever writes such a table without the ORM sets the two columns itself: `name_columns`.
    """

    name_pinyin: str = Field(default=None, sa_type=_BYTES)
    name_initials: str = Field(default=None, sa_type=_BYTES)


@event.listens_for(Named, "before_insert", propagate=True)
@event.listens_for(Named, "before_update", propagate=True)
def keep_keys(_mapper: Any, _connection: Any, row: Any) -> None:
    """Let the keys follow the name in every ORM write."""
    row.name_pinyin, row.name_initials = keys_of(row.name)


def name_columns(name: str) -> dict[str, str]:
    """The two columns of a name, for a write without the ORM."""
    return dict(zip(NAME_KEYS, keys_of(name), strict=True))


@dataclass(frozen=True)
class NameSearch:
    """Rows found by a piece of the name itself, its full pinyin or its initials.

    Attributes:
        name: the column of the name; its keys stand beside it.
        anywhere: pinyin is found in the middle of a name, too, without an index: for tables of
            some hundred rows, such as schools, whose names all begin alike.
    """

    name: str = "name"
    anywhere: bool = False
    description = "A piece of the name, full pinyin or initials (姓名片段、全拼或首字母)"

    @property
    def examples(self) -> tuple[str, ...]:
        """See `Search`."""
        return ("实验", "shiyan", "syxx") if self.anywhere else ("小明", "wangxiaoming", "wxm")

    def condition(self, q: str) -> tuple[str, list[str]]:
        """See `Search`."""
        key = key_sought(q)
        if key is None:
            return contains(self.name), [visible_name(q)]
        keys = (f"{self.name}_pinyin", f"{self.name}_initials")
        if self.anywhere:
            return contains(*keys), [key]  # which hold the name's own letters, too
        # Under row security no index serves LIKE, which might leak what it compares; it does
        # serve comparisons. Keys hold letters and digits alone: all that begin so are in here.
        within = [f"({column} >= {{0}} and {column} < {{1}})" for column in keys]
        return f"({' or '.join(within)})", [key, key[:-1] + chr(ord(key[-1]) + 1)]
