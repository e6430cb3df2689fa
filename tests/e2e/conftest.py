from collections.abc import Iterator

import pytest

from client.accounts import Login
from client.api import JunhengClient
from client.samples import prepare_platform
from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret
from tests.support.platform import whole_platform


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
