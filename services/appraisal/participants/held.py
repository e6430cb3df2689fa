"""A person's records of one cycle, as part of the copy of all that is held of the person."""

from dataclasses import replace

from pydantic import Field, create_model

from services.chassis.lists.listing import Listing

# Year by year, so that the roster's index finds them: it begins with the cycle.
IN_EVERY_CYCLE = "p.staff_no = {} and p.cycle_id = any(array(select y.id from cycle y))"
_YEAR = "(select y.year from cycle y where y.id = p.cycle_id)"


def with_year(listing: Listing) -> Listing:
    """The same rows, each with the year of its cycle: their lists are lists of one cycle."""
    read = create_model(
        f"{listing.read.__name__}OfYear",
        __base__=listing.read,
        year=(
            int,
            Field(
                title="考核年度", description="Year of the appraisal (考核年度)", examples=[2025]
            ),
        ),
    )
    return replace(listing, read=read, sql=listing.sql | {"year": _YEAR})
