"""One server for the whole run, one database per worker, and the environment of the services.

Services read their settings when they are imported, and pytest imports the conftest files of
sub-folders before any hook runs. So this is done on import: the run's own process starts the
server, its workers (which inherit the environment) clone their databases from the template.
"""

import os
import random
import shutil
import tempfile
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

from services.chassis.core.logs import flush_logs
from tests.support.database import ADMIN_URL, create_database, start_server
from tests.support.leaks import leaked

pytest_plugins = ["tests.support.registry", "tests.support.slow_report"]
# How long an example takes depends on the machine: no test is timed. The same code has the same
# examples, so that a change is never refused for what it did not touch; `explore` tries new ones.
settings.register_profile("junheng", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "junheng"))
os.environ["JUNHENG_ENVIRONMENT"] = "development"
os.environ["JUNHENG_JOBS"] = "off"
# Never one twice in a database: of random ones some meet, in a few thousand tests.
_bureaus = iter(random.sample(range(300_000, 400_000), 100_000))
_folder = tempfile.mkdtemp(prefix="junheng-files-")
os.environ["JUNHENG_DATA_DIR"] = _folder
_server = None if ADMIN_URL in os.environ else start_server()
_url = create_database("junheng")
os.environ["JUNHENG_TEST_DATABASE"] = _url
os.environ["JUNHENG_DATABASE_URL"] = (
    urlsplit(_url)._replace(netloc=urlsplit(_url).netloc.rpartition("@")[2]).geturl()
)


def pytest_unconfigure() -> None:
    """Remove the server and the files of this process."""
    if _server:
        _server.close()
    shutil.rmtree(_folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it in the end."""
    items.sort(key=lambda item: "killed" not in item.path.stem)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """What a test logs belongs to its report: the last hook before its output is collected."""
    try:
        return (yield)
    finally:
        flush_logs()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whatever a test is about, it fails when a log has told of it what logs must not tell."""
    report = yield
    if report.passed and (found := leaked(report.capstderr)):
        report.outcome = "failed"
        report.longrepr = f"the logs hold {found}"
    return report


@pytest.fixture
def bureau() -> str:
    """A bureau of this test's own: no other test sees its rows."""
    return f"{next(_bureaus)}"
