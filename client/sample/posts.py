"""Duties in a school of a given size, with their posts and titles."""

from client.sample.randomness import SeededRandom

Post = tuple[str, int, str | None]

HEAD = "校长"
ORDINARY_DUTIES = frozenset({"教师", "班主任", "教研组长"})
_TITLE_BY_LEVEL = (
    (4, "senior_professor"),
    (7, "senior"),
    (10, "first"),
    (12, "second"),
    (13, "third"),
)


def duties_for(staff: int, *, is_primary: bool) -> list[str]:
    """The duties in a school with this number of staff: one per person, exactly one head."""
    if staff == 0:
        return []
    duties = [HEAD]
    duties += ["副校长"] * sum(staff >= size for size in (15, 40, 90, 180))
    duties += ["教导主任"] * sum(staff >= size for size in (6, 60))
    duties += ["总务主任"] * (staff >= 20)
    duties += ["报账员"] * (staff >= 4)
    duties += ["少先队辅导员" if is_primary else "团委书记"] * (staff >= 15)
    duties += ["工勤"] * (staff // 18)
    duties += ["教研组长"] * min(staff // 14, 9)
    duties += ["班主任"] * min(staff * 10 // 25, staff - len(duties))
    return duties + ["教师"] * (staff - len(duties))


def post_for(rng: SeededRandom, duty: str, school_staff: int, years_served: int) -> Post:
    """Post category, level and title for a duty."""
    if duty == "工勤":
        return "worker", min(5, max(2, 5 - years_served // 10)), None
    if duty == "报账员":
        return "management", 9 if years_served >= 8 else 10, None
    if duty == HEAD and school_staff >= 60:
        return "management", 7 if school_staff >= 150 else 8, None
    if duty == "副校长" and school_staff >= 90:
        return "management", 8 if school_staff >= 150 else 9, None
    level = _professional_level(rng, years_served, is_leader=duty in {HEAD, "副校长", "教导主任"})
    return "professional", level, title_of(level)


def title_of(level: int) -> str:
    """The teacher title (rules of 2015) of a professional level."""
    return next(title for highest, title in _TITLE_BY_LEVEL if level <= highest)


def _professional_level(rng: SeededRandom, years_served: int, *, is_leader: bool) -> int:
    if years_served < 1:
        return 13 if rng.happens(0.4) else 12
    if years_served <= 5:
        return rng.between(11, 12)
    if years_served <= 11:
        return rng.between(9, 11)
    if years_served >= 22 and rng.happens(0.006):
        return 4
    if years_served >= 18 and rng.happens(0.5 if is_leader else 0.28):
        return rng.between(5, 7)
    return rng.between(8, 10)
