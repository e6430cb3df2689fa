from pathlib import Path

import httpx
import pytest

from services.schools.settings import SchoolsSettings
from tests.schools.county import County, ndjson_of, person

NAMES = ["王%", "李_明", "=SUM(A1)", "'=1", "O'Brien", "@标题 二", '引"号', "Ünal", "\\N", "𠮷野"]


@pytest.fixture(scope="session")
def client(registry: httpx.AsyncClient) -> httpx.AsyncClient:
    """The registry."""
    return registry


@pytest.fixture
async def staffed(county: County) -> County:
    """Twenty members of staff in the two schools, with names that files have trouble with."""
    rows = [
        person(f"T{n:02}", (county.one, county.two)[n % 2], n, name=NAMES[n % 10])
        for n in range(20)
    ]
    await county.load("staff", ndjson_of(rows), "rows.ndjson")
    return county


@pytest.fixture
def data_dir() -> Path:
    """The data folder of the service."""
    return Path(SchoolsSettings.for_service("schools").data_dir)
