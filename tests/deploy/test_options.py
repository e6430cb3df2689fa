import socket
from pathlib import Path

import pytest

from deploy.errors import SetupError
from deploy.local import ports
from deploy.local.environment import environment_of
from deploy.local.options import DEFAULT_PORTS, ROOT, Options
from services.chassis.core.file_lock import FileLock


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DATA",
        "HOST",
        "DATABASE_URL",
        "ENVIRONMENT",
        "PUBLIC_URL",
        "RESTART_MINUTES",
        *(f"{n.upper()}_PORT" for n in DEFAULT_PORTS),
    ):
        monkeypatch.delenv(f"JUNHENG_{name}", raising=False)


def test_defaults() -> None:
    options = Options.read()
    assert options.data == ROOT / ".junheng"
    assert options.ports == DEFAULT_PORTS
    assert options.url("gateway") == "http://127.0.0.1:8700"


def test_a_folder_on_the_command_line_wins(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("JUNHENG_DATA", str(folder / "a"))
    assert Options.read().data == folder / "a"
    assert Options.read(str(folder / "b")).data == folder / "b"


@pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "8701"])
def test_an_impossible_port_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("JUNHENG_GATEWAY_PORT", value)
    with pytest.raises(SetupError, match=r"JUNHENG_GATEWAY_PORT|same number"):
        Options.read()


def test_how_long_restarts_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Options.read().restart_minutes == 10
    monkeypatch.setenv("JUNHENG_RESTART_MINUTES", "0.5")
    assert Options.read().restart_minutes == 0.5
    for wrong in ("0", "-1", "soon", "nan", "inf"):
        monkeypatch.setenv("JUNHENG_RESTART_MINUTES", wrong)
        with pytest.raises(SetupError, match="JUNHENG_RESTART_MINUTES"):
            Options.read()


@pytest.mark.parametrize(
    ("host", "seen"),
    [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("10.1.2.3", "10.1.2.3"), ("::1", "[::1]")],
)
def test_the_gateway_is_called_where_it_listens(
    monkeypatch: pytest.MonkeyPatch, host: str, seen: str
) -> None:
    monkeypatch.setenv("JUNHENG_HOST", host)
    assert Options.read().url("gateway") == f"http://{seen}:8700"
    assert Options.read().url("schools") == "http://127.0.0.1:8701"


def test_services_are_not_told_the_administrators_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JUNHENG_DATABASE_URL", "postgresql://boss:secret@db.example:5432/junheng")
    environment = environment_of(Options.read())
    assert environment["JUNHENG_DATABASE_URL"] == "postgresql://db.example:5432/junheng"
    assert environment["JUNHENG_ENVIRONMENT"] == "development"
    assert environment["JUNHENG_APPRAISAL_URL"] == "http://127.0.0.1:8702"


def test_every_process_names_one_issuer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNHENG_GATEWAY_PORT", "9700")
    assert environment_of(Options.read())["JUNHENG_PUBLIC_URL"] == "http://127.0.0.1:9700"
    monkeypatch.setenv("JUNHENG_PUBLIC_URL", "https://junheng.example.cn")
    assert environment_of(Options.read())["JUNHENG_PUBLIC_URL"] == "https://junheng.example.cn"


def test_a_taken_port_is_waited_for_only_when_asked() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(SetupError, match="JUNHENG_GATEWAY_PORT"):
            ports.require_free(port, "JUNHENG_GATEWAY_PORT")
    ports.require_free(port, "JUNHENG_GATEWAY_PORT", patience=5)


def test_a_lock_has_one_holder(folder: Path) -> None:
    first, second = FileLock(folder / "lock"), FileLock(folder / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()
