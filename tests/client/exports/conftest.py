import pytest

from tests.client.fake import FakePlatform
from tests.client.fake_exports import FakeExports


@pytest.fixture
def exports(platform: FakePlatform) -> FakeExports:
    """The exports of the registry; the other services have none."""
    for service in ("appraisal", "accountability"):
        FakeExports(platform, service)
    return FakeExports(platform)
