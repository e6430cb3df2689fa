"""The whole platform with one bureau on it, for benchmarks that measure through the gateway."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from client.accounts import Administrators, bureau_logins, ensure_accounts, ensure_bureau
from client.api import JunhengClient
from deploy.local import ports
from deploy.local.environment import DATABASE
from deploy.local.options import DEFAULT_PORTS, Options
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, POSTGRES_PASSWORD, read_secret
from deploy.local.session import say
from tests.bench._county import BUREAU


@dataclass(frozen=True)
class Bureau:
    """A bureau without anything yet.

    Attributes:
        client: acts as its administrator.
        gateway: the address.
        database_url: the database administrator's way in.
        folder: for files of the benchmark.
        registry: the process of the school registry.
    """

    client: JunhengClient
    gateway: str
    database_url: str
    folder: Path
    registry: psutil.Process


@contextmanager
def bureau() -> Iterator[Bureau]:
    """Start the platform on an empty folder, and make the bureau."""
    folder = Path(tempfile.mkdtemp(prefix="junheng-bench-"))
    folder.chmod(0o711)
    try:
        options = Options(folder, {name: ports.find_free() for name in DEFAULT_PORTS})
        with (
            Platform(options, say) as platform,
            JunhengClient(options.url("gateway")) as anonymous,
            _administrator_of(anonymous, options) as client,
        ):
            registry = platform.services["schools"].pid
            yield Bureau(
                client,
                options.url("gateway"),
                _database_url(options),
                folder,
                psutil.Process(registry),
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _administrator_of(anonymous: JunhengClient, options: Options) -> JunhengClient:
    password = read_secret(options.secrets, BOOTSTRAP_PASSWORD)
    administrators = Administrators.of(anonymous, password)
    ensure_bureau(administrators.system, BUREAU, "示例县教育局")
    (login,) = bureau_logins(BUREAU, password, roles=("bureau_admin",))
    ensure_accounts(administrators, [login])
    return anonymous.acting_as(login.credentials)


def _database_url(options: Options) -> str:
    server = EmbeddedPostgres(
        options.data / "postgres",
        port=options.ports["postgres"],
        password=read_secret(options.secrets, POSTGRES_PASSWORD),
        log=options.log("postgres"),
    )
    return server.url(DATABASE)
