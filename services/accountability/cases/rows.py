"""Who sees which rows of cases: those who work on them, and their respondents once notified."""

from services.accountability.cases.recusal import RECUSAL
from services.chassis.database.levels import OWN_STAFF_NO
from services.chassis.lists.row_rules import (
    WHOLE_BUREAU,
    Matching,
    ReadOnly,
    Rule,
    Through,
    of_person,
    of_schools,
)
from services.chassis.lists.row_scopes import RowScope

# The levels that work on cases; a person only reads the case in which the person is heard.
WORKERS = ("bureau", "schools")


def rows_of_case(table: str, of_respondent: Rule | None = None) -> RowScope:
    """Who sees the rows of a table that belong to cases: those who see the case.

    Args:
        table: its name; `case_id` is the case.
        of_respondent: what a respondent reads of the own case.
    """
    rules: dict[str, Rule] = dict.fromkeys(WORKERS, _OF_CASE)
    if of_respondent:
        rules["person"] = ReadOnly(of_respondent)
    return RowScope(table, rules)


_CASES_WORKED_ON = RowScope("case_file", {"bureau": WHOLE_BUREAU, "schools": of_schools()}, RECUSAL)
_OF_CASE = Through(_CASES_WORKED_ON, "c", "c.id = {row}case_id")
RESPONDENT_ROWS = rows_of_case("respondent", of_person(where="{row}notified_at is not null"))
EVENT_ROWS = rows_of_case(
    "case_event",
    Matching(OWN_STAFF_NO, "details ->> 'staff_no'", where="{row}verb = 'defend'"),
)
TEXT_ROWS = rows_of_case("case_text")
COUNTER_ROWS = RowScope("case_counter", dict.fromkeys((*WORKERS, "person"), WHOLE_BUREAU))
_OF_OWN = ReadOnly(Through(RESPONDENT_ROWS, "r", "r.case_id = {row}id"))
CASE_ROWS = RowScope("case_file", {**_CASES_WORKED_ON.rules, "person": _OF_OWN}, RECUSAL)
WORKED_ON = CASE_ROWS.only(*WORKERS)
