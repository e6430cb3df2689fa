"""The diagrams in the pages are those of the code."""

from pathlib import Path

import pytest

from tests.architecture.processes import SERVICES, declaration_of
from tests.docs.diagrams import LANGUAGES, requested_diagrams, with_diagrams
from tests.docs.pages import PAGES, name_of

PROCEDURES = {
    (service, machine.name)
    for service in SERVICES
    for feature in declaration_of(service).features
    for machine in feature.procedures
}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_diagrams_are_up_to_date(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == with_diagrams(text), "renew them: python -m tests.docs.diagrams"


def test_procedures_are_drawn_in_both_languages() -> None:
    drawn = {one for page in PAGES for one in requested_diagrams(page.read_text("utf-8"))}
    assert {(*one, language) for one in PROCEDURES for language in LANGUAGES} <= drawn
