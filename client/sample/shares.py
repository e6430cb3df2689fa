"""How many people of a county have something special about their year."""

# Per 4,200 staff, the county of the national average. The names say what the appraisal should
# make of a person; "edge" names lie on the boundary of a rule, on one side of it or the other.
PER_COUNTY = {
    # employment
    "leaver": 25,
    "new_hire": 94,
    "new_hire_edge": 2,
    "timely_hire": 5,
    "timely_hire_edge": 2,
    # leave that adds up to more than half of the year: not graded
    "sick_over": 14,
    "personal_over": 2,
    "study_over": 3,
    "sick_over_edge": 2,
    "personal_over_edge": 1,
    "pieces_over": 5,
    "pieces_over_edge": 1,
    # leave that does not: graded
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
    """Deals the special cases out in proportion, over one bureau or many.

    Fractions carry over from bureau to bureau, so a list of many small ones holds as many special
    cases in all as one county of the same size. `at_least` gives every bureau a minimum of each.
    """

    def __init__(self, at_least: int = 0) -> None:
        self._at_least = at_least
        self._staff_so_far = 0

    def next_bureau(self, staff: int) -> dict[str, int]:
        """How many of each kind fall to the next bureau with so many staff."""
        before, after = self._staff_so_far, self._staff_so_far + staff
        self._staff_so_far = after
        return {
            name: max(
                self._at_least,
                after * count // COUNTY_STAFF - before * count // COUNTY_STAFF,
            )
            for name, count in PER_COUNTY.items()
        }
