"""Steps of the year first check the state of the cycle."""

from typing import Any

import httpx
import pytest

from client.demo import appraisal_steps as steps
from client.demo import setup_steps
from client.demo.bureau import BureauRun
from client.demo.case_steps import correct_results
from client.demo.exports import export_year, files_of
from client.demo.tally import Tally
from tests.client.fake import FakePlatform, answer, page, problem
from tests.client.fake_imports import FakeImports, completed

KEY = "/appraisal/v1/cycles/by-key/2025"
CYCLE = "/appraisal/v1/cycles/c-1"
CORRECTIONS = "/appraisal/v1/corrections"


def cycle(state: str, *, is_stale: bool = False) -> httpx.Response:
    body = {"id": "c-1", "year": 2025, "state": state, "participants": 390, "is_stale": is_stale}
    return answer(body | {"public_notice_to_on": "2026-01-09"})


def verbs(platform: FakePlatform) -> list[str]:
    return [one.url.path.rpartition(":")[2] for one in platform.requests if one.method == "POST"]


def test_a_year_is_created_and_opened(platform: FakePlatform, run: BureauRun) -> None:
    platform.on("GET", KEY, problem(404))
    platform.on("POST", "/appraisal/v1/cycles", cycle("draft"))
    platform.on("POST", f"{CYCLE}:open", cycle("open"))
    assert steps.open_year(run) == Tally(new=390)
    platform.on("GET", KEY, cycle("scoring"))
    assert steps.open_year(run) == Tally(kept=390)
    assert len(verbs(platform)) == 2


def test_import_steps_return_the_counts_of_the_platform(
    platform: FakePlatform, run: BureauRun
) -> None:
    imports = FakeImports(platform)
    imports.steps = [completed(rows=4, created=1, updated=1, unchanged=2)]
    assert setup_steps.import_schools(run) == Tally(1, 1, 2)
    assert imports.contents[imports.job["id"]] == run.uploads["schools"].content


def test_scoring_starts_before_scores_are_imported(platform: FakePlatform, run: BureauRun) -> None:
    platform.on("GET", KEY, cycle("open"))
    platform.on("POST", f"{CYCLE}:start-scoring", cycle("scoring"))
    imports = FakeImports(platform, "appraisal")
    imports.steps = [completed(rows=9, created=9)]
    assert steps.record_scores(run) == Tally(new=9)
    assert imports.job["within"] == {"cycle_id": "c-1"}
    assert verbs(platform)[0] == "start-scoring"


@pytest.mark.parametrize("state", ["determined", "public_notice", "confirmed"])
def test_participation_records_of_a_determined_year_are_only_counted(
    platform: FakePlatform, run: BureauRun, state: str
) -> None:
    platform.on("GET", KEY, cycle(state))
    platform.on(
        "GET",
        f"{CYCLE}/participation-records",
        answer({"data": [], "next_cursor": None, "total": 27}),
    )
    assert steps.record_participation(run) == Tally(kept=27)
    assert verbs(platform) == []


def test_the_first_results_are_kept_for_comparison(platform: FakePlatform, run: BureauRun) -> None:
    platform.on("GET", KEY, cycle("scoring"))
    platform.on("POST", f"{CYCLE}:determine", cycle("determined"))
    platform.on("GET", f"{CYCLE}/results", httpx.Response(200, content=b"staff_no,result\n"))
    assert run.has_late_cases
    assert steps.determine(run) == Tally(new=390)
    (first,) = files_of(run)
    assert first.name == "results-first-determined-2025.csv"
    first.unlink()

    late = run.cases_at("after_determination")[0].case_no
    case = {"id": "k", "version": 8, "case_no": late, "title": "", "state": "closed"}
    platform.on("GET", KEY, cycle("determined"))
    platform.on("GET", f"/accountability/v1/cases/by-key/{late}", answer(case))
    assert steps.determine(run) == Tally(kept=390)
    assert files_of(run) == []


def test_stale_results_are_determined_again(platform: FakePlatform, run: BureauRun) -> None:
    platform.on("GET", KEY, cycle("public_notice", is_stale=True))
    platform.on("POST", f"{CYCLE}:withdraw", cycle("determined", is_stale=True))
    platform.on("POST", f"{CYCLE}:determine", cycle("determined"))
    assert steps.determine_again(run) == Tally(new=390)
    assert verbs(platform) == ["withdraw", "determine"]
    platform.on("GET", KEY, cycle("determined"))
    assert steps.determine_again(run) == Tally()


def test_public_notice_and_confirmation_happen_once(platform: FakePlatform, run: BureauRun) -> None:
    platform.on("GET", KEY, cycle("determined"), cycle("public_notice"), cycle("confirmed"))
    platform.on("POST", f"{CYCLE}:publish-notice", cycle("public_notice"))
    platform.on("POST", f"{CYCLE}:confirm", cycle("confirmed"))
    assert steps.publish_notice(run) == Tally(new=1)
    assert steps.confirm(run) == Tally(new=390)
    assert steps.confirm(run) == Tally(kept=390)
    assert verbs(platform) == ["publish-notice", "confirm"]
    tokens = [one.headers["Authorization"] for one in platform.requests if one.method == "POST"]
    assert tokens[1] == f"Bearer {run.leader.token()}"


def correction(number: str, version: int = 1) -> dict[str, Any]:
    fields = {"id": number, "version": version, "staff_no": "T1", "state": "open"}
    return fields | {"case_no": "2025-007"}


def test_open_corrections_are_applied(platform: FakePlatform, run: BureauRun) -> None:
    counted = answer({"data": [], "next_cursor": None, "total": 3})
    platform.on("GET", CORRECTIONS, page([correction("x-1")]), page([]), counted)
    platform.on("POST", f"{CORRECTIONS}/x-1:apply", answer({}))
    assert correct_results(run) == Tally(new=1, kept=2)
    (applied,) = platform.sent("POST", f"{CORRECTIONS}/x-1:apply")
    assert applied.headers["If-Match"] == '"1"'


def test_a_changed_correction_is_read_again(platform: FakePlatform, run: BureauRun) -> None:
    counted = answer({"data": [], "next_cursor": None, "total": 2})
    before, after = [correction("x-1"), correction("x-2")], [correction("x-2", version=2)]
    platform.on("GET", CORRECTIONS, page(before), page(after), page([]), counted)
    for number in ("x-1", "x-2"):
        changed = problem(412, "platform.precondition_failed")
        platform.on("POST", f"{CORRECTIONS}/{number}:apply", changed, answer({}))
    assert correct_results(run) == Tally(new=1, kept=1)
    seen = [one.headers["If-Match"] for one in platform.requests if one.method == "POST"]
    assert seen == ['"1"', '"1"', '"2"']


def test_unchanged_exports_are_not_rewritten(platform: FakePlatform, run: BureauRun) -> None:
    platform.on("GET", KEY, cycle("confirmed"))
    for path in (f"{CYCLE}/results", f"{CYCLE}/summary", "/accountability/v1/cases"):
        platform.on("GET", path, httpx.Response(200, content=b"a\n1\n"))
    assert export_year(run) == Tally(new=3)
    before = {file: file.stat().st_mtime_ns for file in files_of(run)}
    assert export_year(run) == Tally(kept=3)
    assert {file: file.stat().st_mtime_ns for file in files_of(run)} == before
    platform.on("GET", f"{CYCLE}/summary", httpx.Response(200, content=b"a\n2\n"))
    assert export_year(run) == Tally(new=1, kept=2)
    assert len(list(run.folder.iterdir())) == 3
