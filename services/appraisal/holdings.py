"""What the appraisal holds of a person."""

from dataclasses import replace
from functools import cache

from pydantic import Field, create_model

from services.appraisal.corrections.queries import CORRECTIONS
from services.appraisal.directives.queries import DIRECTIVES
from services.appraisal.facts.queries import FACTS
from services.appraisal.participants.queries import PARTICIPANTS
from services.appraisal.results.queries import results_listing
from services.appraisal.scores.queries import SCORES
from services.chassis.core.text import Language
from services.chassis.lists.listing import Listing
from services.chassis.subject_access.holdings import Holding

# Year by year, so that the roster's index finds them: it begins with the cycle.
_IN_EVERY_CYCLE = "p.staff_no = {} and p.cycle_id = any(array(select y.id from cycle y))"
_YEAR = "(select y.year from cycle y where y.id = p.cycle_id)"


def _with_year(listing: Listing) -> Listing:
    """The same rows, each with the year of its cycle: their lists are lists of one cycle."""
    read = create_model(
        f"{listing.read.__name__}OfYear",
        __base__=listing.read,
        year=(int, Field(title="考核年度", examples=[2025])),
    )
    return replace(listing, read=read, sql=listing.sql | {"year": _YEAR})


@cache
def _results(language: Language) -> Listing:
    return _with_year(results_listing(language))


HOLDINGS = (
    Holding("participants", _with_year(PARTICIPANTS), _IN_EVERY_CYCLE),
    Holding("facts", _with_year(FACTS), _IN_EVERY_CYCLE),
    Holding("scores", _with_year(SCORES), _IN_EVERY_CYCLE),
    Holding("results", _results, _IN_EVERY_CYCLE),
    Holding("directives", DIRECTIVES),
    Holding("corrections", CORRECTIONS, "p.staff_no = {}"),
)
