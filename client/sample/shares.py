"""Number of people per scenario in a county."""

# Per 4,200 staff, an average county. Names state the expected treatment in the appraisal; those
# with "edge" are right at the limit of a rule, on either side.
PER_COUNTY = {
    # employment
    "leaver": 25,
    "new_hire": 94,
    "new_hire_edge": 2,
    "timely_hire": 5,
    "timely_hire_edge": 2,
    # leave of more than half of the year: not graded
    "sick_over": 14,
    "personal_over": 2,
    "study_over": 3,
    "sick_over_edge": 2,
    "personal_over_edge": 1,
    "pieces_over": 5,
    "pieces_over_edge": 1,
    # other leave: graded
    "sick_at_half": 2,
    "sick_under_edge": 2,
    "pieces_at_half": 2,
    "sick_outside_year": 2,
    "sick_short": 60,
    "personal_short": 20,
    "study_short": 8,
    "maternity": 34,
    "maternity_over": 12,
    # work elsewhere: graded
    "secondment_over": 18,
    "secondment_short": 14,
    "secondment_outside_year": 4,
    # not graded for other reasons
    "under_investigation": 2,
    "refused": 1,
}
COUNTY_STAFF = 4200


class Shares:
    """Distributes the scenarios over bureaus in proportion to their staff.

    Fractions carry over from one bureau to the next, so that many small bureaus together have as
    many as one county of the same size. `at_least` is the minimum of each scenario per bureau.
    """

    def __init__(self, at_least: int = 0) -> None:
        self._at_least = at_least
        self._staff_so_far = 0

    def next_bureau(self, staff: int) -> dict[str, int]:
        """The number of people per scenario in the next bureau, given its staff."""
        before, after = self._staff_so_far, self._staff_so_far + staff
        self._staff_so_far = after
        return {
            name: max(
                self._at_least,
                after * count // COUNTY_STAFF - before * count // COUNTY_STAFF,
            )
            for name, count in PER_COUNTY.items()
        }
