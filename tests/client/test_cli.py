"""The command line: output and exit codes."""

import gzip
import json
import tomllib
from pathlib import Path

import httpx
import pytest

from tests.client.command_line import WHO, run
from tests.client.fake import FakePlatform, answer, problem

CYCLE = {"id": "c-1", "year": 2025, "state": "open", "participants": 3, "is_stale": False}

pytestmark = pytest.mark.usefixtures("no_network")


def test_login_prints_only_the_token() -> None:
    result = run("login", *WHO)
    assert (result.exit_code, result.stdout) == (0, "token-1\n")


def test_shared_options_are_accepted_before_and_after_the_command(platform: FakePlatform) -> None:
    platform.on("GET", "/x", answer({"a": "甲"}))
    for words in ([*WHO, "get", "/x"], ["get", "/x", *WHO], ["--lang=en", "get", "/x", *WHO[:4]]):
        result = run(*words)
        assert (result.exit_code, json.loads(result.stdout)) == (0, {"a": "甲"})


def test_credentials_are_read_from_the_environment(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNHENG_CLIENT_ID", "hr-system")
    monkeypatch.setenv("JUNHENG_CLIENT_SECRET", "jhs_1")
    assert run("login").exit_code == 0
    assert platform.logins[0]["grant_type"] == "client_credentials"


def test_an_export_is_printed_or_written(platform: FakePlatform, tmp_path: Path) -> None:
    rows = "学校\n甲\n".encode()
    platform.on("GET", "/schools/v1/schools", httpx.Response(200, content=rows))
    assert run("export", "schools", *WHO).stdout_bytes == rows
    file = tmp_path / "schools.csv"
    result = run("export", "schools", "--output", str(file), *WHO)
    assert file.read_bytes() == rows
    assert result.stdout == ""
    assert "exported" in result.stderr


def test_results_are_exported_in_the_requested_format(platform: FakePlatform) -> None:
    platform.on("GET", "/appraisal/v1/cycles/by-key/2025", answer(CYCLE))
    platform.on("GET", "/appraisal/v1/cycles/c-1/results", httpx.Response(200, content=b"{}\n"))
    assert run("export", "results", "--cycle", "2025", "--format", "ndjson", *WHO).exit_code == 0
    assert platform.requests[-1].url.params["format"] == "ndjson"


def test_an_export_for_excel_or_compressed(platform: FakePlatform, tmp_path: Path) -> None:
    packed = gzip.compress("学校\n".encode())
    stream = httpx.ByteStream(packed)
    platform.on("GET", "/schools/v1/schools", lambda _: httpx.Response(200, stream=stream))
    file = tmp_path / "schools.csv.gz"
    words = ["export", "schools", "--bom", "--gzip", "--output", str(file)]
    assert run(*words, *WHO).exit_code == 0
    assert file.read_bytes() == packed
    (request,) = platform.requests
    assert dict(request.url.params) == {"format": "csv", "bom": "true", "compress": "gzip"}
    assert request.headers["Accept-Encoding"] == "identity"


def test_a_workbook_is_exported(platform: FakePlatform, tmp_path: Path) -> None:
    platform.on("GET", "/schools/v1/assignments", httpx.Response(200, content=b"PK"))
    file = tmp_path / "assignments.xlsx"
    words = ["export", "assignments", "--format", "xlsx", "--output", str(file)]
    assert run(*words, *WHO).exit_code == 0
    assert file.read_bytes() == b"PK"
    assert dict(platform.requests[0].url.params) == {"format": "xlsx"}


def test_a_template_never_overwrites_an_existing_file_by_default(
    platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = "/appraisal/v1/import-templates/scores.xlsx"
    platform.on("GET", path, httpx.Response(200, content=b"PK"))
    assert run("template", "scores", *WHO).exit_code == 0
    assert Path("scores.xlsx").read_bytes() == b"PK"
    Path("scores.xlsx").write_bytes(b"filled in")
    result = run("template", "scores", *WHO)
    assert result.exit_code == 64
    assert "scores.xlsx exists" in result.stderr
    assert Path("scores.xlsx").read_bytes() == b"filled in"
    assert run("template", "scores", "--output", "new.xlsx", *WHO).exit_code == 0


def test_the_file_extension_selects_a_csv_template(platform: FakePlatform, tmp_path: Path) -> None:
    path = "/schools/v1/import-templates/staff.csv"
    platform.on("GET", path, httpx.Response(200, content=b"Staff no"))
    file = tmp_path / "new.CSV"
    assert run("template", "staff", "--output", str(file), *WHO).exit_code == 0
    assert file.read_bytes() == b"Staff no"


def test_a_refusal_ends_with_1(platform: FakePlatform) -> None:
    platform.on("GET", "/x", problem(403, "auth.missing_scope"))
    result = run("get", "/x", *WHO)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "auth.missing_scope" in result.stderr


def test_faults_of_a_refusal_are_printed_with_their_place(platform: FakePlatform) -> None:
    faults = [
        {"pointer": f"/rows/{row}/id_number", "code": "id_number.checksum", "message": "[x]"}
        for row in range(2, 32)
    ]
    faults += [{"pointer": f"/f{n}", "code": "missing", "message": "Required"} for n in range(12)]
    platform.on("GET", "/x", problem(422, errors=faults))
    result = run("get", "/x", *WHO)
    assert result.exit_code == 1
    assert "2, 3, 4 … (30)" in result.stderr
    assert "[x] (id_number.checksum)" in result.stderr
    assert "and 3 more, 42 in total" in result.stderr
    assert "request id r-1" in result.stderr


def test_no_answer_ends_with_69(platform: FakePlatform) -> None:
    platform.on("POST", "/v1/login", httpx.ConnectError("Connection refused"))
    result = run("login", *WHO)
    assert result.exit_code == 69
    assert "cannot reach http://127.0.0.1:8700: Connection refused" in result.stderr


def test_an_unavailable_service_ends_with_69(platform: FakePlatform) -> None:
    platform.on("GET", "/x", problem(503, "gateway.service_unavailable"))
    assert run("get", "/x", *WHO).exit_code == 69


@pytest.mark.parametrize(
    "words",
    [
        ["login"],
        ["login", "--gateway-url", "gateway", *WHO],
        ["login", "--lang", "fr"],
        ["get", *WHO],
        ["import", "pupils", "x.csv", *WHO],
        ["import", "staff", "no-such-file.csv", *WHO],
        ["import", "staff", __file__, "--map", "备注", *WHO],
        ["import", "staff", __file__, "--cycle", "2025", *WHO],
        ["import", "scores", __file__, *WHO],
        ["import", "results", __file__, "--cycle", "2025", *WHO],
        ["import", "staff", __file__, "--mode", "some", *WHO],
        ["imports", "failed", "some-id", *WHO],
        ["export", "participation-records", *WHO],
        ["export", "staff", "--bom", "--format", "ndjson", *WHO],
        ["template", "results", *WHO],
        ["no-such-command"],
        ["demo"],
    ],
)
def test_usage_errors_end_with_64(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUNHENG_BOOTSTRAP_PASSWORD", raising=False)
    result = run(*words)
    assert result.exit_code == 64
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_an_unusable_school_list_is_an_error_without_traceback(tmp_path: Path) -> None:
    file = tmp_path / "schools.csv"
    file.write_text("name\nx\n")
    result = run("demo", "--bootstrap-password", "b", "--schools", str(file), *WHO)
    assert result.exit_code == 64
    assert "Traceback" not in result.stderr


def test_a_demo_without_a_platform_fails_at_once(platform: FakePlatform) -> None:
    platform.on("POST", "/v1/login", httpx.ConnectError("Connection refused"))
    result = run("demo", "--bootstrap-password", "b", "--lang", "en")
    assert result.exit_code == 69
    assert "cannot reach" in result.stderr


def test_the_version_is_that_of_the_project() -> None:
    with (Path(__file__).parents[2] / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"junheng {version}\n")


def test_a_post_has_a_key_a_version_and_its_body(platform: FakePlatform, tmp_path: Path) -> None:
    platform.on("POST", "/x:review", answer({"state": "reviewed"}))
    file = tmp_path / "body.json"
    file.write_text('{"opinion": "同意"}', "utf-8")
    for words in (['{"opinion": "同意"}'], [f"@{file}"]):
        result = run("post", "/x:review", *words, "--if-match", '"3"', *WHO)
        assert (result.exit_code, json.loads(result.stdout)) == (0, {"state": "reviewed"})
        request = platform.requests[-1]
        assert json.loads(request.content) == {"opinion": "同意"}
        assert request.headers["if-match"] == '"3"'
        assert request.headers["idempotency-key"]
    refused = run("post", "/x:review", "{", *WHO)
    assert refused.exit_code != 0
    assert "not JSON" in refused.stderr


def test_changes_are_lines_and_say_where_to_go_on(platform: FakePlatform) -> None:
    pages = [{"data": [{"id": 1}, {"id": 2}], "next_cursor": "b"}, {"data": [], "next_cursor": "b"}]
    platform.on("GET", "/schools/v1/changes", lambda _: answer(pages.pop(0)))
    result = run("changes", "schools", "--after", "a", *WHO)
    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.splitlines()] == [{"id": 1}, {"id": 2}]
    assert "--after b" in result.stderr
    assert [one.url.params["after"] for one in platform.requests[-2:]] == ["a", "b"]


def test_completion_is_offered() -> None:
    assert "--install-completion" in run("--help").stdout
