import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from deploy.errors import SetupError
from deploy.local import __main__ as local
from deploy.local import demo as demo_module
from deploy.local.demo import demo
from deploy.local.options import DEFAULT_PORTS, Options


class QuietPlatform:
    """Watches nothing."""

    def watch(self, finished: Callable[[], bool]) -> None:
        while not finished():
            continue


@pytest.fixture
def options(folder: Path) -> Options:
    return Options(folder, DEFAULT_PORTS)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The words of every client that is started; each ends with status 7 instead of working."""
    words_of: list[tuple[str, ...]] = []

    def start(_options: Options, url: str, *words: str) -> "Popen[bytes]":
        words_of.append((url, *words))
        return Popen([sys.executable, "-c", "raise SystemExit(7)"])

    monkeypatch.setattr(demo_module, "run_client", start)
    return words_of


def session_gives(monkeypatch: pytest.MonkeyPatch, platform: QuietPlatform | None) -> None:
    @contextmanager
    def session(_options: Options) -> Iterator[QuietPlatform | None]:
        yield platform

    monkeypatch.setattr(demo_module, "platform_session", session)


def test_passes_arguments_and_status_on(
    monkeypatch: pytest.MonkeyPatch,
    options: Options,
    started: list[tuple[str, ...]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    session_gives(monkeypatch, QuietPlatform())
    assert demo(options, ["--json", "--schools", "a b.csv"]) == 7
    output = str(options.data / "demo")
    arguments = ("demo", "--output", output, "--json", "--schools", "a b.csv")
    assert started == [("http://127.0.0.1:8700", "client.cli", *arguments)]
    assert capsys.readouterr().out == ""


def test_uses_the_platform_that_runs(
    monkeypatch: pytest.MonkeyPatch, options: Options, started: list[tuple[str, ...]]
) -> None:
    session_gives(monkeypatch, None)
    (options.data / "platform.json").write_text('{"pid": 1, "gateway_url": "http://127.0.0.1:9"}')
    assert demo(options, []) == 7
    assert started[0][0] == "http://127.0.0.1:9"


def test_says_that_a_platform_is_just_ending(
    monkeypatch: pytest.MonkeyPatch, options: Options
) -> None:
    session_gives(monkeypatch, None)
    with pytest.raises(SetupError, match="starting or stopping"):
        demo(options, [])


@pytest.mark.parametrize(("command", "status"), [("up", 0), ("demo", 130)])
def test_ctrl_c_is_the_way_to_end_up_but_breaks_a_demo(
    monkeypatch: pytest.MonkeyPatch, command: str, status: int, folder: Path
) -> None:
    def interrupted(_options: Options, _arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(local, command, interrupted)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert local.main([command, "--data", str(folder)]) == status
    finally:
        signal.signal(signal.SIGTERM, before)
