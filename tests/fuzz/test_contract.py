"""Every operation answers as documented, to requests generated from the document.

`dev.py fuzz` does the same for as long as one likes, as every role.
"""

import pytest

from tests.fuzz.running import Plan, run_as
from tests.fuzz.scenario import Scenario


# By number and not by time: the same requests are sent however fast the machine is.
@pytest.mark.parametrize(
    ("role", "examples"), [("bureau_admin", 2), ("school_officer", 1), ("integration", 1)]
)
def test_no_5xx_and_nothing_undocumented(scenario: Scenario, role: str, examples: int) -> None:
    plan = Plan(("fuzzing",), examples, is_own=True, is_repeatable=True)
    outcome = run_as(scenario, role, plan)
    assert outcome.findings == [], outcome.details
    assert outcome.operations > 50
    assert outcome.accepted > 10
