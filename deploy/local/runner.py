"""The platform on this machine: PostgreSQL, its set-up, the gateway and the services."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar, Self

from deploy.errors import SetupError
from deploy.local import ports
from deploy.local.environment import DATABASE, environment_of
from deploy.local.forks import Forks
from deploy.local.log_files import tail_of
from deploy.local.options import Options, port_setting
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.process import Process, stop_all
from deploy.local.readiness import is_ready
from deploy.local.restarts import Restarts
from deploy.local.secrets import POSTGRES_PASSWORD, SERVICES, ensure_secrets, read_secret
from deploy.local.supervision import Say, Supervised

READY_SECONDS = 90
WATCH_SECONDS = 0.2


class Platform:
    """Starts all processes in order, supervises them, and stops them in reverse order."""

    program: ClassVar[tuple[str, ...]] = ("deploy.local.service",)  # of a service, by its name

    def __init__(self, options: Options, say: Say, forks: Forks | None = None) -> None:
        """Start nothing yet.

        Args:
            options: folder, ports and address.
            say: prints a message in Chinese and English.
            forks: starts the processes; it is not closed here. None for one of its own.
        """
        self.options = options
        self.services: dict[str, Process] = {}
        self._say = say
        self._forks = forks or Forks(environment_of(options), options.log("loader"))
        self._shares_forks = forks is not None
        self._postgres: EmbeddedPostgres | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, patience: float = 0.0) -> None:
        """Start all processes and wait until the platform responds.

        Args:
            patience: seconds to wait for ports that a killed predecessor still occupies.

        Raises:
            SetupError: a port is taken, the database cannot be used, or a service does not start.
        """
        self._require_ports(patience)
        # The account that runs the database may enter it; no other access.
        self.options.data.mkdir(mode=0o711, parents=True, exist_ok=True)
        for private in ("logs", "files"):
            (self.options.data / private).mkdir(mode=0o700, exist_ok=True)
        ensure_secrets(self.options.secrets)
        self._prepare_database()
        for process in self.services.values():
            process.begin()
        for name in SERVICES:
            self.wait_until_ready(name)

    def stop(self) -> None:
        """Stop the services, then the database."""
        stop_all(list(self.services.values()))
        self.services.clear()
        if not self._shares_forks:
            self._forks.close()
        if self._postgres is not None:
            self._postgres.stop()
            self._postgres = None

    def start_service(self, name: str) -> None:
        """Restart the gateway or a service, without waiting for it."""
        self._load_service(name)
        self.services[name].begin()

    def _load_service(self, name: str) -> None:
        environment = environment_of(self.options) | {
            "JUNHENG_HOST": self._host(name),
            "JUNHENG_PORT": str(self.options.ports[name]),
            "JUNHENG_DATA_DIR": str(self.options.data / "files" / name),
        }
        start = self._forks.module(*self.program, name)
        self.services[name] = Process(start, environment, self.options.log(name))

    def wait_until_ready(self, name: str) -> None:
        """Wait until a started service responds.

        Raises:
            SetupError: it ended or took too long; contains the end of its log.
        """
        process = self.services[name]
        give_up = time.monotonic() + READY_SECONDS
        while process.status() is None and time.monotonic() < give_up:
            if is_ready(self.options.url(name)):
                return
            time.sleep(0.02)
        raise SetupError(
            f"{name} 没有启动，日志 {process.log}：\n{process.tail()}",
            f"{name} did not start, log {process.log}",
        )

    def watch(self, finished: Callable[[], bool]) -> None:
        """Supervise the processes until `finished`: report and restart those that end.

        Raises:
            SetupError: restarts of a process have failed for too long.
        """
        watched = list(self._watched())
        while not finished():
            for one in watched:
                one.check()
            time.sleep(WATCH_SECONDS)

    def _watched(self) -> Iterator[Supervised]:
        """The database first, because everything else depends on it."""
        if (postgres := self._postgres) is not None:
            yield self._watch("postgres", postgres.status, postgres.restart, lambda: True)
        for name in SERVICES:
            yield self._watch(
                name,
                partial(self._status, name),
                partial(self.start_service, name),
                partial(is_ready, self.options.url(name)),
            )

    def _watch(
        self,
        name: str,
        status: Callable[[], int | None],
        start: Callable[[], None],
        answers: Callable[[], bool],
    ) -> Supervised:
        log = self.options.log(name)
        restarts = Restarts(self.options.restart_minutes * 60)
        return Supervised(
            name, log, status, partial(tail_of, log), start, answers, self._say, restarts
        )

    def _status(self, name: str) -> int | None:
        return self.services[name].status()

    def _require_ports(self, patience: float) -> None:
        for name in SERVICES:
            port, setting = self.options.ports[name], port_setting(name)
            ports.require_free(port, setting, self._host(name), patience=patience)

    def _prepare_database(self) -> None:
        """Set up the database while the services build their applications."""
        environment = environment_of(self.options)
        environment["JUNHENG_DATABASE_URL"] = self._administrator_url()
        if not self._shares_forks:
            self._forks.open()
        if self._postgres is not None:
            self._postgres.start()
        start = self._forks.module("deploy.postgres.setup")
        setup = Process(start, environment, self.options.log("setup"))
        try:
            for name in SERVICES:
                self._load_service(name)
            while (status := setup.wait(0.05)) is None:
                continue
        finally:
            if setup.status() is None:
                setup.kill()
        if status != 0:
            raise SetupError(
                f"数据库准备失败，日志 {setup.log}：\n{setup.tail()}",
                f"the database could not be set up, log {setup.log}",
            )

    def _administrator_url(self) -> str:
        """The administrator's address of the database: the given one, or the embedded server."""
        if self.options.database_url is not None:
            return self.options.database_url
        self._postgres = EmbeddedPostgres(
            self.options.data / "postgres",
            port=self.options.ports["postgres"],
            password=read_secret(self.options.secrets, POSTGRES_PASSWORD),
            log=self.options.log("postgres"),
        )
        self._postgres.claim()
        return self._postgres.url(DATABASE)

    def _host(self, name: str) -> str:
        return self.options.host if name == "gateway" else "127.0.0.1"
