"""Request bodies of the verbs of a cycle."""

from pydantic import Field

from services.chassis.schemas.fields import Day
from services.chassis.schemas.strict_bodies import Body


class NoticePeriod(Body):
    """The period of the public notice (公示期)."""

    from_on: Day | None = Field(None, title="公示起", description="First day; today by default")
    to_on: Day | None = Field(
        None,
        title="公示止",
        description="Last day; by default the earliest one that the rules allow",
    )
