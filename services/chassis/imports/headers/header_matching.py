"""Normalised headers for comparison, and candidate fields for unknown ones."""

from collections.abc import Collection
from difflib import SequenceMatcher
from typing import NamedTuple

from services.chassis.core.visible_text import comparable
from services.chassis.imports.declaration.spec import ImportSpec

_CLOSE = 0.6
_MOST = 3


class Suggestion(NamedTuple):
    """A field that an unknown header may mean.

    Attributes:
        field: one of the resource's.
        score: how alike the header and one of the field's names are, from 0 to 1.
    """

    field: str
    score: float


def plain(column: str) -> str:
    """A header as it is compared: without spaces, underscores, width and case."""
    return "".join(comparable(column).replace("_", " ").split())


def suggest_fields(
    spec: ImportSpec, column: str, taken: Collection[str | None] = ()
) -> list[Suggestion]:
    """The fields that an unknown header probably means, the likeliest first.

    Args:
        spec: whose fields.
        column: the header.
        taken: fields that have a column already.
    """
    scores: dict[str, float] = {}
    matcher = SequenceMatcher(None, "", plain(column))
    for name, field in _names(spec):
        matcher.set_seq1(name)
        # First the bound that costs nothing: a header may be as long as a file.
        if field not in taken and matcher.real_quick_ratio() >= _CLOSE:
            scores[field] = max(scores.get(field, 0.0), round(matcher.ratio(), 2))
    found = [Suggestion(field, score) for field, score in scores.items() if score >= _CLOSE]
    return sorted(found, key=lambda one: -one.score)[:_MOST]


def _names(spec: ImportSpec) -> list[tuple[str, str]]:
    """Everything that a field may be called, with the field."""
    synonyms = [(word, field) for field, hint in spec.hints.items() for word in hint.synonyms]
    return [(plain(name), field) for name, field in (*spec.headers.items(), *synonyms)]
