"""A bureau during a run, with one login per role."""

from pathlib import Path

import pytest

from client.demo.bureau import BureauRun
from client.sample.county import sample_county
from tests.client.fake import FakePlatform


@pytest.fixture
def run(tmp_path: Path, platform: FakePlatform) -> BureauRun:
    sample = sample_county(schools=3, points=1, staff=400)
    made = BureauRun.of(sample, tmp_path)
    for role in ("bureau_admin", "bureau_leader", "supervisor"):
        made.logins[role] = platform.client()
    return made
