"""Every operation answers as documented, to requests generated from the document.

`dev.py fuzz` does the same for as long as one likes, as every role.
"""

import pytest

from tests.fuzz.running import Plan, run_as
from tests.fuzz.world import World

# By number and not by time: the same requests are sent however fast the machine is.
PLAN = Plan(("fuzzing",), examples=1, is_own=True, is_repeatable=True)


@pytest.mark.parametrize("role", ["bureau_admin", "school_officer", "integration"])
def test_no_5xx_and_nothing_undocumented(world: World, role: str) -> None:
    outcome = run_as(world, role, PLAN)
    assert outcome.findings == [], outcome.details
    assert outcome.operations > 50
    assert outcome.accepted > 10
