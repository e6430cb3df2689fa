"""Every page has a Chinese twin that contains the same, section by section.

A change of a page is made in its twin, too. The text of a twin is its own; its headings, blocks,
tables, lists, links and code are those of the English page.
"""

import re
from collections import Counter
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.docs.diagrams import requested_diagrams
from tests.docs.pages import (
    CHINESE_NAME,
    ENGLISH_PAGES,
    PAGES,
    Section,
    fenced_blocks,
    links_of,
    name_of,
    quoted,
    sections,
    twin_of,
)

pytestmark = pytest.mark.quick

each_page = pytest.mark.parametrize("page", ENGLISH_PAGES, ids=name_of)
_LIST_ITEM = re.compile(r"^ *(?:-|\d+\.) ", re.M)


def test_every_page_has_a_twin() -> None:
    chinese = {page for page in PAGES if page.name.endswith(CHINESE_NAME)}
    assert {twin_of(page) for page in ENGLISH_PAGES} == chinese


@each_page
def test_pages_begin_with_a_link_to_their_twin(page: Path) -> None:
    twin = twin_of(page)
    for one, link in ((page, f"[中文]({twin.name})"), (twin, f"[English]({page.name})")):
        assert one.read_text("utf-8").splitlines()[1:4] == ["", link, ""], name_of(one)


@each_page
def test_headings_have_the_same_levels(page: Path) -> None:
    for ours, theirs in zip_longest(sections(page), sections(twin_of(page))):
        assert ours, f"only in {name_of(twin_of(page))}: {theirs.title}"
        assert theirs, f"only in {name_of(page)}: {ours.title}"
        assert ours.level == theirs.level, f"{ours.title} / {theirs.title}"


@each_page
def test_blocks_are_the_same(page: Path) -> None:
    ours, theirs = _blocks_but_diagrams(page), _blocks_but_diagrams(twin_of(page))
    for at, (one, other) in enumerate(zip_longest(ours, theirs), start=1):
        assert one == other, f"block {at} of {name_of(twin_of(page))} differs"


@each_page
def test_diagrams_are_the_same_in_the_language_of_the_page(page: Path) -> None:
    shown = {
        language: [
            (service, name)
            for service, name, drawn_in in requested_diagrams(one.read_text("utf-8"))
            if drawn_in == language
        ]
        for language, one in (("en", page), ("zh", twin_of(page)))
    }
    assert shown["en"] == shown["zh"]
    for one in (page, twin_of(page)):
        drawn = requested_diagrams(one.read_text("utf-8"))
        assert len(drawn) == len(shown["en"]), f"{name_of(one)} has a diagram of its twin"


@each_page
def test_tables_and_lists_are_the_same(page: Path) -> None:
    for ours, theirs in _pairs(page):
        title = _titles(page, ours, theirs)
        assert len(ours.rows) == len(theirs.rows), f"table rows: {title}"
        items = [len(_LIST_ITEM.findall(one.text)) for one in (ours, theirs)]
        assert items[0] == items[1], f"list items: {title}"
        for one, other in zip(ours.rows, theirs.rows, strict=True):
            code = [Counter(quoted("|".join(cells))) for cells in (one, other)]
            assert set(code[0]) == set(code[1]), f"table row: {title}: {one}"


@each_page
def test_sections_name_the_same_code(page: Path) -> None:
    for ours, theirs in _pairs(page):
        code, twin_code = (set(quoted(one.title + one.text)) for one in (ours, theirs))
        title = _titles(page, ours, theirs)
        assert code - twin_code == set(), f"missing in the twin: {title}"
        assert twin_code - code == set(), f"missing in the page: {title}"


@each_page
def test_links_of_a_twin_lead_to_twins(page: Path) -> None:
    for ours, theirs in _pairs(page)[1:]:
        expected = sorted(_in_chinese(page, link) for link in links_of(ours.text))
        assert sorted(links_of(theirs.text)) == expected, _titles(page, ours, theirs)


def _pairs(page: Path) -> list[tuple[Section, Section]]:
    return list(zip(sections(page), sections(twin_of(page)), strict=True))


def _titles(page: Path, ours: Section, theirs: Section) -> str:
    return f"{name_of(page)}, {ours.title!r} / {name_of(twin_of(page))}, {theirs.title!r}"


def _blocks_but_diagrams(page: Path) -> list[tuple[str, str]]:
    return [block for block in fenced_blocks(page) if block[0] != "mermaid"]


def _in_chinese(page: Path, link: str) -> str:
    """Where a link of an English page leads in its twin: to the twin's section, if there is one."""
    address, _, anchor = link.partition("#")
    target = (page.parent / address).resolve() if address else page
    if target not in ENGLISH_PAGES:
        return link
    if anchor:
        at = [section.anchor for section in sections(target)].index(anchor)
        anchor = f"#{sections(twin_of(target))[at].anchor}"
    return (address.removesuffix(".md") + CHINESE_NAME if address else "") + anchor
