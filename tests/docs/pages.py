"""The pages of the documentation, and what stands in them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").rglob("*.md"))]
CHINESE_NAME = ".zh-CN.md"
# The pages that have a Chinese twin beside them: all but the records of decisions.
ENGLISH_PAGES = [
    page
    for page in PAGES
    if page.parent in (ROOT, ROOT / "docs") and not page.name.endswith(CHINESE_NAME)
]

PageLanguage = Literal["en", "zh"]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.M)
_SECTION = re.compile(r"^(#{1,6}) (.+)\n((?:(?!#{1,6} ).*\n?)*)", re.M)
_ROW = re.compile(r"^\|(.+)\|$", re.M)


@dataclass(frozen=True)
class Section:
    """A heading and the text below it, without fenced blocks."""

    level: int
    title: str
    text: str

    @property
    def anchor(self) -> str:
        """The anchor that GitHub gives to the heading."""
        return anchor_of(self.title)

    @property
    def rows(self) -> list[list[str]]:
        """The cells of its tables, without their head rows."""
        return rows_of(self.text)


def name_of(page: Path) -> str:
    """A page as messages name it."""
    return str(page.relative_to(ROOT))


def text_of(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text("utf-8")


def fenced_blocks(page: Path) -> list[tuple[str, str]]:
    """The language and the text of every fenced block of a page, in order."""
    return _FENCE.findall(page.read_text("utf-8"))


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in these languages, in order."""
    return [body for kind, body in fenced_blocks(page) if kind in languages]


def without_blocks(page: Path) -> str:
    """A page's text without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def links(page: Path) -> list[str]:
    """Where a page's links and pictures lead."""
    return links_of(without_blocks(page))


def links_of(text: str) -> list[str]:
    """Where the links and pictures in a text lead."""
    return _LINK.findall(text)


def anchor_of(title: str) -> str:
    """The anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    return {anchor_of(title) for title in _HEADING.findall(without_blocks(page))}


def sections(page: Path) -> list[Section]:
    """The sections of a page, in order."""
    return [
        Section(len(marks), title, text)
        for marks, title, text in _SECTION.findall(without_blocks(page))
    ]


def twin_of(page: Path) -> Path:
    """The Chinese twin of an English page."""
    return page.with_name(page.stem + CHINESE_NAME)


def rows(page: str, heading: str, language: PageLanguage = "en") -> list[list[str]]:
    """The cells of the tables below an English page's heading, or in its twin's section."""
    english = sections(ROOT / page)
    at = [section.title for section in english].index(heading)
    return (english if language == "en" else sections(twin_of(ROOT / page)))[at].rows


def rows_of(text: str) -> list[list[str]]:
    """The cells of the tables in a text, without their head rows."""
    found = [[cell.strip() for cell in row.split("|")] for row in _ROW.findall(text)]
    rules = [at for at, cells in enumerate(found) if set("".join(cells)) <= set("-: ")]
    heads = {at for rule in rules for at in (rule - 1, rule)}
    return [cells for at, cells in enumerate(found) if at not in heads]


def quoted(cell: str) -> list[str]:
    """What stands in backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)
