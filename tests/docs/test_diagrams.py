"""The diagrams in the pages are those of the code."""

from pathlib import Path

import pytest

from tests.docs.diagrams import LANGUAGES, requested_diagrams, with_diagrams
from tests.docs.pages import PAGES, name_of

PROCEDURES = {
    ("appraisal", "cycles"),
    ("appraisal", "corrections"),
    ("accountability", "cases"),
    ("schools", "id-number-reports"),
}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_diagrams_are_up_to_date(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == with_diagrams(text), "renew them: python -m tests.docs.diagrams"


def test_procedures_are_drawn_in_both_languages() -> None:
    drawn = {one for page in PAGES for one in requested_diagrams(page.read_text("utf-8"))}
    assert {(*one, language) for one in PROCEDURES for language in LANGUAGES} <= drawn
