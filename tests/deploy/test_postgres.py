import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.errors import SetupError
from deploy.local import ports, postgres
from deploy.local.postgres import EmbeddedPostgres
from tests.deploy.conftest import is_running, processes_on, wait_until

_ACTIVITY = "pg_stat_activity"
_LONG = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000000) b"
PASSWORD = "a password: with/@ signs"


def server_in(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(
        folder / "postgres",
        port=ports.find_free(),
        password=PASSWORD,
        log=folder / "postgres.log",
        fast=True,
    )


@pytest.fixture
def server(module_folder: Path) -> Iterator[EmbeddedPostgres]:
    with server_in(module_folder) as running:
        yield running


def server_pid(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split("\n")[0])


async def ask(server: EmbeddedPostgres, question: str) -> object:
    connection = await asyncpg.connect(server.url())
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_speaks_utf8_over_loopback_tcp_only(server: EmbeddedPostgres) -> None:
    assert await ask(server, "SHOW server_encoding") == "UTF8"
    assert await ask(server, "SHOW data_checksums") == "on"
    assert await ask(server, "SHOW listen_addresses") == "127.0.0.1"
    assert await ask(server, "SHOW unix_socket_directories") == ""
    assert await ask(server, "SELECT datlocale FROM pg_database WHERE datname = 'template0'") == (
        "C.UTF-8"
    )


async def test_refuses_a_wrong_password(server: EmbeddedPostgres) -> None:
    server.password = "wrong"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(server, "SELECT 1")


async def test_keeps_its_data_through_a_crash_of_the_server(module_folder: Path) -> None:
    first = server_in(module_folder)
    first.fast = False  # which is allowed to forget what it has just committed
    with first:
        await ask(first, "CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(server_pid(first), signal.SIGKILL)
        assert wait_until(lambda: not first.is_running())
    with server_in(module_folder) as second:
        assert await ask(second, "SELECT answer FROM kept") == 42


async def test_recovers_although_an_unlogged_table_was_rolled_back(module_folder: Path) -> None:
    """A killed import leaves that behind: PostgreSQL by itself does not start the first time."""
    server = server_in(module_folder)
    with server:
        maker = await asyncpg.connect(server.url())
        await maker.execute("BEGIN; CREATE UNLOGGED TABLE stage (n int)")
        await ask(server, "SELECT pg_switch_wal()")  # what is logged so far is on disk
        await maker.execute("ROLLBACK")
        os.kill(server_pid(server), signal.SIGQUIT)
        maker.terminate()
    assert "File exists" not in server.log.read_text("utf-8")
    with server:
        assert await ask(server, "SELECT to_regclass('stage') IS NULL")
    assert "File exists" in server.log.read_text("utf-8")


async def test_ends_a_server_whose_guard_was_killed(module_folder: Path) -> None:
    first = server_in(module_folder)
    first.start()
    orphan = server_pid(first)
    psutil.Process(orphan).parent().kill()  # type: ignore[union-attr]
    first.stop()
    assert is_running(orphan)
    second = server_in(module_folder)
    second.port = first.port
    with second:
        assert not is_running(orphan)
        assert await ask(second, "SELECT 1") == 1


async def test_starts_again_although_a_killed_server_has_left_a_statement_running(
    module_folder: Path,
) -> None:
    """A process that computes does not notice for long that its server is gone."""
    with server_in(module_folder) as server:
        busy = await asyncpg.connect(server.url())
        pid = busy.get_server_pid()
        counting = asyncio.create_task(busy.fetch(_LONG))
        while not await ask(server, f"SELECT state = 'active' FROM {_ACTIVITY} WHERE pid = {pid}"):
            await asyncio.sleep(0.05)
        os.kill(server_pid(server), signal.SIGKILL)
        assert wait_until(lambda: server.status() is not None)
        assert is_running(pid), "or this test shows nothing"
        await asyncio.to_thread(server.restart)
        assert not is_running(pid)
        assert await ask(server, "SELECT 1") == 1
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await counting


async def test_starts_although_its_file_of_process_ids_is_empty(module_folder: Path) -> None:
    """As a full disk, or a kill at the wrong moment, leaves it behind."""
    server = server_in(module_folder)
    server.claim()
    (server.data / "postmaster.pid").touch()
    with server:
        assert await ask(server, "SELECT 1") == 1


async def test_starts_although_its_old_process_id_belongs_to_another_program(
    module_folder: Path,
) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "open(0).read()"], stdin=subprocess.PIPE)
    with server_in(module_folder) as first:
        record = (first.data / "postmaster.pid").read_text()
    (first.data / "postmaster.pid").write_text(record.replace(record.split()[0], str(stranger.pid)))
    try:
        with server_in(module_folder) as second:
            assert await ask(second, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.communicate()


def test_leaves_no_process_when_its_owner_is_killed(module_folder: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tests.deploy.test_postgres import *\n"
        "server_in(Path(sys.argv[1])).start(); print('started', flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code, str(module_folder)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "started\n"
    assert len(processes_on(module_folder)) > 2
    owner.kill()
    owner.communicate()
    assert wait_until(lambda: not processes_on(module_folder))


def test_stops_when_its_guard_is_told_to(module_folder: Path) -> None:
    with server_in(module_folder) as server:
        psutil.Process(server_pid(server)).parent().terminate()  # type: ignore[union-attr]
        assert wait_until(lambda: not processes_on(module_folder))


def test_says_which_setting_moves_a_taken_port(module_folder: Path) -> None:
    server = server_in(module_folder)
    with socket.socket() as other:
        other.bind(("127.0.0.1", server.port))
        other.listen()
        with pytest.raises(SetupError, match="JUNHENG_POSTGRES_PORT") as raised:
            server.start()
    assert "端口" in raised.value.chinese
    assert "port" in raised.value.english


def test_refuses_data_that_another_process_uses(
    server: EmbeddedPostgres, module_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LOCK_SECONDS", 0.1)
    with pytest.raises(SetupError, match="in use by another process"):
        server_in(module_folder).start()


def test_shows_what_the_server_said_when_it_does_not_start(
    module_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres.SETTINGS, "shared_buffers", "plenty")
    with pytest.raises(SetupError, match="shared_buffers"):
        server_in(module_folder).start()


def test_goes_to_a_system_place_where_its_account_is_locked_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system_place = folder / "system"
    monkeypatch.setattr(postgres, "SYSTEM_PLACE", system_place)
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = server_in(closed)
    server.claim()
    as_root = os.geteuid() == 0
    assert server.data.is_relative_to(system_place if as_root else closed)
    again = server_in(closed)
    again.claim()
    assert again.data == server.data
