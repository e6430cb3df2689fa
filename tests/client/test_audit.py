"""`junheng audit verify`: what it asks, prints and answers."""

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


def trail(fault: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "sealed_rows": 4200,
        "seals": 12,
        "head": "5f0c",
        "is_intact": fault is None,
        "first_fault": fault,
    }


@pytest.fixture(autouse=True)
def _trails(platform: FakePlatform, no_network: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    for service in ("", "/schools", "/appraisal", "/accountability"):
        platform.on("POST", f"{service}/v1/audit:verify", answer(trail()))


def verify(language: str) -> Result:
    who = ["--username", "auditor", "--password", "x", "--lang", language]
    return run("audit", "verify", *who)


def test_an_intact_trail(platform: FakePlatform) -> None:
    result = verify("en")
    assert result.exit_code == 0, result.output
    for said in ("gateway", "accountability", "4,200", "12", "intact", "5f0c"):
        assert said in result.stdout


@pytest.mark.parametrize(("language", "said"), [("en", "altered"), ("zh", "被改动")])
def test_the_first_fault_is_named(platform: FakePlatform, language: str, said: str) -> None:
    platform.on("POST", "/schools/v1/audit:verify", answer(trail(_FAULT)))
    result = verify(language)
    assert result.exit_code == 1
    for part in ("schools", "4711", said, "T000001"):
        assert part in result.stderr
