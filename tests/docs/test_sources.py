"""Blocks that show source are what the source says.

A block shows source when the line before it names the file and ends in a colon:
"… from `services/appraisal/scores/importing.py`:".
"""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ENGLISH_PAGES, PAGES, ROOT, name_of, twin_of

pytestmark = pytest.mark.quick

PAGES_WITH_SOURCE = [*PAGES, *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md"))]
_SHOWN = re.compile(r"`([\w/.-]+\.py)`[^\n`]*[:：]\n+```\w*\n(.*?)^```$", re.S | re.M)


def shown_sources() -> list[tuple[str, str, str]]:
    """The page, the file and the text of each block that shows source."""
    return [
        (name_of(page), *shown)
        for page in PAGES_WITH_SOURCE
        for shown in _SHOWN.findall(page.read_text("utf-8"))
    ]


def test_source_is_shown_as_it_is() -> None:
    shown = shown_sources()
    assert shown
    drifted = [
        f"{page}: {file}"
        for page, file, text in shown
        if text not in (ROOT / file).read_text("utf-8")
    ]
    assert drifted == []


@pytest.mark.parametrize("page", ENGLISH_PAGES, ids=name_of)
def test_twins_show_the_same_source(page: Path) -> None:
    files = [
        [file for name, file, _ in shown_sources() if name == name_of(one)]
        for one in (page, twin_of(page))
    ]
    assert files[0] == files[1]


@pytest.mark.parametrize("colon", [":", "："])
def test_a_block_with_source_is_recognised(colon: str) -> None:
    page = f"Taken from `a/b.py`{colon}\n\n```text\nx = 1\n```\n\nSee `c.py`.\n\n```bash\nls\n```\n"
    assert _SHOWN.findall(page) == [("a/b.py", "x = 1\n")]


def test_every_source_that_a_page_names_exists() -> None:
    named = {
        (name_of(page), file)
        for page in PAGES_WITH_SOURCE
        for file in re.findall(
            r"`((?:services|gateway|client|deploy|tests|tools)/[\w/.-]+\.py)`",
            page.read_text("utf-8"),
        )
    }
    assert sorted(entry for entry in named if not Path(ROOT / entry[1]).is_file()) == []
