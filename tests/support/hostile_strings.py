"""Strings that CSV, XLSX, SQL or JSON might misread."""

from collections.abc import Sequence
from unicodedata import category

from hypothesis import strategies as st

HOSTILE = (
    "=", "+", "-", "@", "'", "'=", "''=", "'+'", '"', '""', ",", ";", "\t", "|", "\n", "\r\n",
    "\r", "\\", "\\N", "\\.", "\\t", "0", "00123", "1e5", "１２３", "全角", "é", "e\u0301", "😀",
    "𠮷", "\u202e", "\u00a0", "\u200b", "\ufeff", "\x01", "\x1f", "\x7f", "\x85", "\u2028",
    "_x000D_", "_x0041_", "&amp;", "<t>", "]]>", "null", "NULL", "true", '=HYPERLINK("x")',
    "2020-01-01", "王",
)  # fmt: skip

# What a field of one line takes.
IN_A_LINE = [one for one in HOSTILE if not {*map(category, one)} & {"Cc", "Zl", "Zp"}]


def hostile_texts(longest: int, pieces: Sequence[str] = HOSTILE) -> list[str]:
    """Each of them alone, at either end and in between, and a text as long as may be."""
    made = [
        f"{before}{one}{after}" for one in pieces for before in ("", "a") for after in ("", "b")
    ]
    return [
        *dict.fromkeys(text.strip() for text in made if text.strip()),
        "=" + "长" * (longest - 1),
    ]


def texts(longest: int) -> st.SearchStrategy[str | None]:
    """What a field of one line and this length takes, or none."""
    of_line = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
    pieces = st.lists(st.sampled_from(IN_A_LINE) | st.text(of_line, max_size=4), max_size=6)
    made = pieces.map(lambda found: "".join(found)[:longest].strip())
    return made.map(lambda text: text or None)


def names(longest: int) -> st.SearchStrategy[str]:
    """The same, and never none."""
    return texts(longest).map(lambda text: text or "'")
