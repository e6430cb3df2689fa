"""The pages of the documentation, and what stands in them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.M)
_ROW = re.compile(r"^\|(.+)\|$", re.M)


def name_of(page: Path) -> str:
    """A page as messages name it."""
    return str(page.relative_to(ROOT))


def text_of(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text("utf-8")


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in these languages, in order."""
    return [body for kind, body in _FENCE.findall(page.read_text("utf-8")) if kind in languages]


def without_blocks(page: Path) -> str:
    """A page's text without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def links(page: Path) -> list[str]:
    """Where a page's links and pictures lead."""
    return _LINK.findall(without_blocks(page))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    titles = _HEADING.findall(without_blocks(page))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the tables below a heading, without their head rows."""
    section = re.split(rf"^#+ {re.escape(heading)}$", text_of(page), flags=re.M)[1]
    section = re.split(r"^#+ ", section, flags=re.M)[0]
    found = [[cell.strip() for cell in row.split("|")] for row in _ROW.findall(section)]
    rules = [at for at, cells in enumerate(found) if set("".join(cells)) <= set("-: ")]
    heads = {at for rule in rules for at in (rule - 1, rule)}
    return [cells for at, cells in enumerate(found) if at not in heads]


def quoted(cell: str) -> list[str]:
    """What stands in backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)
