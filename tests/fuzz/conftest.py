from collections.abc import Iterator

import pytest

from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret
from tests.fuzz.scenario import Scenario, make_scenario
from tests.support.platform import whole_platform


@pytest.fixture(scope="package")
def scenario() -> Iterator[Scenario]:
    """A platform with a small county after a whole year."""
    with whole_platform() as platform:
        password = read_secret(platform.options.secrets, BOOTSTRAP_PASSWORD)
        yield make_scenario(platform.options.url("gateway"), password)
