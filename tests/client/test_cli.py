"""The command line: what it prints, and how it ends."""

import json
from functools import partial
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from client.api import JunhengClient
from client.cli import app
from client.patience import Patience
from tests.client.fake import FakePlatform, answer, problem

WHO = ["--username", "li.na", "--password", "correct horse", "--lang", "en"]
CYCLE = {"id": "c-1", "year": 2025, "state": "open", "participants": 3, "is_stale": False}
REPORT = {"rows": 1200, "created": 1000, "updated": 0, "unchanged": 200}


@pytest.fixture(autouse=True)
def _no_network(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = partial(JunhengClient, transport=platform.transport, patience=Patience(seconds=0))
    monkeypatch.setattr("client.settings.JunhengClient", opened)
    for name in ("USERNAME", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET", "GATEWAY_URL"):
        monkeypatch.delenv(f"JUNHENG_{name}", raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_login_prints_the_token_and_nothing_else() -> None:
    result = run("login", *WHO)
    assert (result.exit_code, result.stdout) == (0, "token-1\n")


def test_shared_options_may_stand_before_or_after_the_command(platform: FakePlatform) -> None:
    platform.on("GET", "/x", answer({"a": "甲"}))
    for words in ([*WHO, "get", "/x"], ["get", "/x", *WHO], ["--lang=en", "get", "/x", *WHO[:4]]):
        result = run(*words)
        assert (result.exit_code, json.loads(result.stdout)) == (0, {"a": "甲"})


def test_credentials_come_from_the_environment_too(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_CLIENT_ID", "hr-system")
    monkeypatch.setenv("JUNHENG_CLIENT_SECRET", "jhs_1")
    assert run("login").exit_code == 0
    assert platform.logins[0]["grant_type"] == "client_credentials"


def test_an_import_says_what_became_of_the_rows(platform: FakePlatform, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text("staff_no\n1\n")
    platform.on("POST", "/schools/v1/staff:import", answer(REPORT))
    assert run("import", "staff", str(file), *WHO).stdout == "1,200: 1,000 created, 200 unchanged\n"
    words = run("import", "staff", str(file), *WHO[:4])
    assert words.stdout == "1,200: 新增 1,000,未变 200\n"


def test_scores_go_to_the_cycle_of_a_year(platform: FakePlatform, tmp_path: Path) -> None:
    file = tmp_path / "scores.ndjson"
    file.write_text("{}\n")
    platform.on("GET", "/appraisal/v1/cycles/by-key/2025", answer(CYCLE))
    platform.on("POST", "/appraisal/v1/cycles/c-1/scores:import", answer(REPORT))
    assert run("import", "scores", str(file), "--cycle", "2025", *WHO).exit_code == 0
    result = run("import", "scores", str(file), *WHO)
    assert result.exit_code == 2
    assert "--cycle YEAR" in result.stderr


def test_every_fault_of_an_import_has_its_row(platform: FakePlatform, tmp_path: Path) -> None:
    faults = [
        {
            "pointer": f"/rows/{row}/id_number",
            "code": "id_number.checksum",
            "message": "校验位不符",
            "params": {"row": row},
        }
        for row in range(2, 32)
    ]
    platform.on("POST", "/schools/v1/staff:import", problem(422, errors=faults))
    file = tmp_path / "staff.csv"
    file.touch()
    result = run("import", "staff", str(file), *WHO)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "id_number.checksum" in result.stderr
    assert " 21 │" in result.stderr
    assert " 22 │" not in result.stderr
    assert "and 10 more, 30 in all" in result.stderr
    assert "request id r-1" in result.stderr


def test_an_export_is_printed_or_written(platform: FakePlatform, tmp_path: Path) -> None:
    rows = "学校\n甲\n".encode()
    platform.on("GET", "/schools/v1/schools", httpx.Response(200, content=rows))
    assert run("export", "schools", *WHO).stdout_bytes == rows
    file = tmp_path / "schools.csv"
    result = run("export", "schools", "--output", str(file), *WHO)
    assert file.read_bytes() == rows
    assert result.stdout == ""
    assert "exported" in result.stderr


def test_results_are_exported_in_the_format_asked_for(platform: FakePlatform) -> None:
    platform.on("GET", "/appraisal/v1/cycles/by-key/2025", answer(CYCLE))
    platform.on("GET", "/appraisal/v1/cycles/c-1/results", httpx.Response(200, content=b"{}\n"))
    assert run("export", "results", "--cycle", "2025", "--format", "ndjson", *WHO).exit_code == 0
    assert platform.requests[-1].url.params["format"] == "ndjson"


def test_a_refusal_ends_with_1(platform: FakePlatform) -> None:
    platform.on("GET", "/x", problem(403, "auth.missing_scope"))
    result = run("get", "/x", *WHO)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "auth.missing_scope" in result.stderr


def test_no_answer_ends_with_3(platform: FakePlatform) -> None:
    platform.on("POST", "/v1/login", httpx.ConnectError("Connection refused"))
    result = run("login", *WHO)
    assert result.exit_code == 3
    assert "cannot reach http://127.0.0.1:8700: Connection refused" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["login"],
        ["login", "--gateway-url", "gateway", *WHO],
        ["login", "--lang", "fr"],
        ["get", *WHO],
        ["import", "pupils", "x.csv", *WHO],
        ["import", "staff", "no-such-file.csv", *WHO],
        ["import", "staff", __file__, *WHO],
        ["export", "facts", *WHO],
        ["no-such-command"],
        ["demo"],
    ],
)
def test_wrong_usage_ends_with_2(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUNHENG_BOOTSTRAP_PASSWORD", raising=False)
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_list_of_schools_that_cannot_be_used_is_said_in_words(tmp_path: Path) -> None:
    file = tmp_path / "schools.csv"
    file.write_text("name\nx\n")
    result = run("demo", "--bootstrap-password", "b", "--schools", str(file), *WHO)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def test_a_demo_without_a_platform_says_so_at_once(platform: FakePlatform) -> None:
    platform.on("POST", "/v1/login", httpx.ConnectError("Connection refused"))
    result = run("demo", "--bootstrap-password", "b", "--lang", "en")
    assert result.exit_code == 3
    assert "cannot reach" in result.stderr
