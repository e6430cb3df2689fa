from services.accountability.main import app
from services.chassis.imports.engine.imports import Imports
from tests.accountability.scenario import Scenario
from tests.support.importing import counts
from tests.support.templates import round_trip


async def test_the_template_filled_in_with_its_example_is_imported(scenario: Scenario) -> None:
    spec = app.state.resources[Imports].specs["cases"]
    headers = scenario.as_("supervisor")
    new = await round_trip(scenario.client, headers, spec, "zh-CN")
    same = await round_trip(scenario.client, headers, spec, "en")
    assert (counts(new), counts(same)) == ((1, 0, 0, 0), (0, 0, 1, 0))
