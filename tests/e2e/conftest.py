import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from client.accounts import Login
from client.api import JunhengClient
from client.samples import prepare_platform
from deploy.local import ports
from deploy.local.options import DEFAULT_PORTS, Options
from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret


@contextmanager
def whole_platform() -> Iterator[Platform]:
    """The whole platform as real processes, on free ports and a data folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="均衡 e2e "))
    folder.chmod(0o711)
    chosen = {name: ports.find_free() for name in DEFAULT_PORTS}
    options = Options(data=folder / "data", ports=chosen)
    try:
        with Platform(options, lambda _chinese, english: print(english)) as platform:
            yield platform
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """The platform of one module's tests."""
    with whole_platform() as started:
        yield started


@pytest.fixture(scope="module")
def login(platform: Platform) -> Login:
    """The administrator of a bureau."""
    password = read_secret(platform.options.secrets, BOOTSTRAP_PASSWORD)
    logins = prepare_platform(platform.options.url("gateway"), password, sample=False)
    return next(login for login in logins if login.role == "bureau_admin")


@pytest.fixture
def client(platform: Platform, login: Login) -> Iterator[JunhengClient]:
    with JunhengClient(platform.options.url("gateway"), login.credentials) as opened:
        yield opened
