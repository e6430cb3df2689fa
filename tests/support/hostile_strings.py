"""Strings that CSV, XLSX, SQL or JSON might misread."""

from collections.abc import Sequence
from unicodedata import category

from hypothesis import strategies as st

from services.chassis.core.visible_text import lost_character, visible, visible_name

HOSTILE = (
    "=", "+", "-", "@", "'", "'=", "''=", "'+'", '"', '""', ",", ";", "\t", "|", "\n", "\r\n",
    "\r", "\\", "\\N", "\\.", "\\t", "0", "00123", "1e5", "１２３", "全角", "é", "e\u0301", "😀",
    "𠮷", "\u202e", "\u00a0", "\u200b", "\ufeff", "\x01", "\x1f", "\x7f", "\x85", "\u2028",
    "_x000D_", "_x0041_", "&amp;", "<t>", "]]>", "null", "NULL", "true", '=HYPERLINK("x")',
    "2020-01-01", "王",
)  # fmt: skip

# What a field of one line takes.
IN_A_LINE = [
    one for one in HOSTILE if not {*map(category, one)} & {"Cc", "Zl", "Zp"} and visible(one) == one
]


def hostile_texts(longest: int, pieces: Sequence[str] = HOSTILE) -> list[str]:
    """Each of them alone, at either end and in between, and a text as long as may be."""
    made = [
        f"{before}{one}{after}" for one in pieces for before in ("", "a") for after in ("", "b")
    ]
    shown = (visible(text, keep_spaces=True).strip() for text in made)
    return [
        *dict.fromkeys(text for text in shown if text),
        "=" + "长" * (longest - 1),
    ]


def is_kept(text: str) -> bool:
    """Whether a text is stored as it is: nothing of it is hidden, looks like another, or is lost.

    What becomes of other texts is tested with `visible_text`.
    """
    return visible(text) == text and lost_character(text) is None


def texts(longest: int) -> st.SearchStrategy[str | None]:
    """What a field of one line and this length takes, or none."""
    of_line = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")).filter(is_kept)
    pieces = st.lists(st.sampled_from(IN_A_LINE) | st.text(of_line, max_size=4), max_size=6)
    made = pieces.map(lambda found: "".join(found)[:longest].strip())
    return made.map(lambda text: visible(text).strip()[:longest] or None)


def names(longest: int) -> st.SearchStrategy[str]:
    """The same, and never none."""
    return texts(longest).map(lambda text: visible_name(text or "'"))
