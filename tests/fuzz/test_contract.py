"""Every operation answers as documented, to requests generated from the document.

`dev.py fuzz` does the same for as long as one likes, as every role.
"""

import pytest

from tests.fuzz.running import run_as
from tests.fuzz.world import World

SECONDS, EXAMPLES = 10, 2


@pytest.mark.parametrize("role", ["bureau_admin", "school_officer", "integration"])
def test_no_5xx_and_nothing_undocumented(world: World, role: str) -> None:
    outcome = run_as(world, role, SECONDS, ["fuzzing"], EXAMPLES, is_repeatable=True)
    assert outcome.findings == [], outcome.details
    assert outcome.operations > 0
    assert outcome.accepted > 0
