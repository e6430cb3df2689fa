"""`junheng audit verify`: requests, output and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.client.command_line import run
from tests.client.fake import FakePlatform, answer

_FAULT = {
    "kind": "altered",
    "id": 4711,
    "at": "2026-01-05T01:00:00Z",
    "resource": "staff",
    "key": "T000001",
}


_CUT_OFF = {"kind": "cut_off", "id": 12, "at": None, "resource": None, "key": None}
_PATH = "/schools/v1/audit:verify"


def trail(fault: dict[str, Any] | None = None, head: str = "5f0c") -> dict[str, Any]:
    return {
        "sealed_rows": 4200,
        "seals": 12,
        "head": head,
        "is_intact": fault is None,
        "first_fault": fault,
    }


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    """The file of recorded heads, which does not exist yet."""
    return tmp_path / "kept" / "heads.json"


@pytest.fixture(autouse=True)
def _trails(
    platform: FakePlatform, no_network: None, noted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("JUNHENG_NOTED_HEADS", str(noted))
    for service in ("", "/schools", "/appraisal", "/accountability"):
        platform.on("POST", f"{service}/v1/audit:verify", answer(trail()))


_WHO = ("--username", "auditor", "--password", "x", "--lang", "en")


def verify(language: str = "en") -> Result:
    return run("audit", "verify", *_WHO[:-1], language)


def test_an_intact_trail_ends_with_0(platform: FakePlatform) -> None:
    result = verify("en")
    assert result.exit_code == 0, result.output
    for said in ("gateway", "accountability", "4,200", "12", "intact", "5f0c"):
        assert said in result.stdout


@pytest.mark.parametrize(("language", "said"), [("en", "altered"), ("zh", "被改动")])
def test_the_first_fault_is_printed(platform: FakePlatform, language: str, said: str) -> None:
    platform.on("POST", "/schools/v1/audit:verify", answer(trail(_FAULT)))
    result = verify(language)
    assert result.exit_code == 1
    for part in ("schools", "4711", said, "T000001"):
        assert part in result.stderr


def test_the_trail_must_still_contain_the_recorded_head(
    platform: FakePlatform, noted: Path
) -> None:
    first = verify()
    assert (
        "head recorded for the first time: gateway, schools, appraisal, accountability"
        in first.stderr
    )
    assert str(noted) in first.stderr
    platform.on("POST", _PATH, answer(trail(head="77aa")))
    again = verify()
    assert again.exit_code == 0, again.output
    assert "for the first time" not in again.stderr
    verify()
    asked = [request.content for request in platform.sent("POST", _PATH)]
    assert asked == [b"", b'{"since":"5f0c"}', b'{"since":"77aa"}']


@pytest.mark.parametrize(
    ("language", "said"), [("en", "seal 12 truncated"), ("zh", "第 12 号封条被截断")]
)
def test_a_truncated_trail_keeps_the_recorded_head(
    platform: FakePlatform, noted: Path, language: str, said: str
) -> None:
    verify()
    before = json.loads(noted.read_text("utf-8"))
    platform.on("POST", _PATH, answer(trail(_CUT_OFF, head="77aa")))
    for _ in range(2):
        result = verify(language)
        assert result.exit_code == 1
        assert said in result.stderr
        assert json.loads(noted.read_text("utf-8")) == before


def test_heads_are_recorded_for_each_platform(platform: FakePlatform, noted: Path) -> None:
    verify()
    platform.on("POST", _PATH, answer(trail(head="77aa")))
    other = run("audit", "verify", *_WHO, "--gateway-url", "https://other.example/")
    assert "for the first time" in other.stderr
    heads = json.loads(noted.read_text("utf-8"))
    assert {address: noted["schools"] for address, noted in heads.items()} == {
        "http://127.0.0.1:8700": "5f0c",
        "https://other.example": "77aa",
    }


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"http://127.0.0.1:8700": 1}', "\xff"])
def test_a_damaged_file_of_heads_is_an_error(
    platform: FakePlatform, noted: Path, content: str
) -> None:
    noted.parent.mkdir()
    noted.write_text(content, "latin-1")
    result = verify()
    assert result.exit_code == 1
    assert str(noted) in result.stderr
    assert platform.sent("POST", _PATH) == []
    assert noted.read_text("latin-1") == content


def test_a_file_of_heads_that_cannot_be_written_is_an_error(noted: Path) -> None:
    noted.parent.write_text("no folder", "utf-8")
    result = verify()
    assert result.exit_code == 1
    assert "intact" in result.stdout
    assert str(noted.parent) in result.stderr
