"""The numbers at the end of a run, and their checks."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from client.demo.bureau import BureauRun
from client.demo.checks import faults_of
from client.demo.outcome import BureauOutcome, read_outcome
from client.demo.report import Report
from client.demo.tables import Tables
from client.sample.model import Bureau, CasePlan
from tests.client.fake import FakePlatform, answer, page

CYCLE = {"id": "c-1", "year": 2025, "state": "confirmed", "participants": 5, "is_stale": False}


def result(staff_no: str, code: str, *reasons: tuple[str, dict[str, Any]]) -> dict[str, str]:
    said = [{"code": name, "params": params, "message": name} for name, params in reasons]
    return {
        "staff_no": staff_no,
        "name": "王小明",
        "school_name": "示例县第一小学",
        "result": code,
        "reasons": json.dumps(said),
    }


def rows() -> list[dict[str, str]]:
    return [
        result("T1", "excellent", ("total_score", {}), ("within_quota", {})),
        result("T2", "qualified", ("total_score", {})),
        result("T3", "unqualified", ("directive_fix", {"case_no": "2025-001"})),
        result("T4", "undetermined", ("absent_over_half", {"days": 200})),
        result("T5", "unqualified", ("correction", {"case_no": "2025-002", "from": "qualified"})),
    ]


def write(file: Path, found: list[dict[str, str]]) -> None:
    file.parent.mkdir(exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(found[0]))
        writer.writeheader()
        writer.writerows(found)


def school(**counts: int) -> dict[str, Any]:
    zero = dict.fromkeys(("qualified", "basically_qualified", "unqualified", "undetermined"), 0)
    names = {"school_code": "2162000001", "school_name": "示例县第一小学"}
    return names | zero | {"participants": 5, "base": 4, "limit": 1, "excellent": 1} | counts


def case(case_no: str, staff_no: str, state: str = "closed", measure: str = "M4") -> dict[str, Any]:
    named = {"staff_no": staff_no, "name": "王", "responsibility": "direct", "measure": measure}
    fields = {"id": case_no, "version": 8, "case_no": case_no, "title": "", "state": state}
    return fields | {"assessment_year": 2025, "respondents": [named]}


@pytest.fixture
def bureau_run(tmp_path: Path, platform: FakePlatform) -> BureauRun:
    late = CasePlan(
        "2025-001", "", "", "2162000001", "T1-4", "audit", "2025-06-01", [], "decided",
        "after_determination",
    )  # fmt: skip
    made = BureauRun(
        Bureau("620180", "示例县教育局"), 2025, {}, [late], ["2162000001", "2162000002"],
        {"T4"}, tmp_path / "620180", {"bureau_admin": platform.client()},
    )  # fmt: skip
    platform.on("GET", "/appraisal/v1/cycles/by-key/2025", answer(CYCLE))
    platform.on("GET", "/appraisal/v1/cycles/c-1/summary", page([school()]))
    cases = [
        case("2025-001", "T3"),
        case("2025-002", "T5"),
        case("2025-003", "T2", "rejected", "M1"),
        case("2025-004", "T2", measure="M1") | {"assessment_year": 2024},
    ]
    platform.on("GET", "/accountability/v1/cases", page(cases))
    write(made.file("results"), rows())
    return made


@pytest.fixture
def outcome(bureau_run: BureauRun) -> BureauOutcome:
    return read_outcome(bureau_run)


def test_numbers_add_up(outcome: BureauOutcome) -> None:
    numbers = Report([outcome], {"total": 1.5}).numbers()
    assert json.loads(json.dumps(numbers)) == {
        "participants": 5,
        "results": {
            "excellent": 1,
            "qualified": 1,
            "basically_qualified": 0,
            "unqualified": 2,
            "undetermined": 1,
        },
        "quota": [
            {"school_code": "2162000001", "base": 4, "limit": 1, "excellent": 1},
            {"school_code": "2162000002", "base": 0, "limit": 0, "excellent": 0},
        ],
        "not_graded": {"absent_over_half": 1},
        "cases": [
            {
                "bureau_code": "620180",
                "case_no": case_no,
                "measure": "M4",
                "staff_no": staff_no,
                "result": "unqualified",
            }
            for case_no, staff_no in (("2025-001", "T3"), ("2025-002", "T5"))
        ],
        "files": [str(outcome.run.file("results"))],
        "seconds": {"total": 1.5},
    }


def test_a_consistent_year_has_no_faults(outcome: BureauOutcome) -> None:
    assert list(faults_of(outcome, "en")) == []


def test_inconsistent_counts_are_a_fault(bureau_run: BureauRun, platform: FakePlatform) -> None:
    platform.on("GET", "/appraisal/v1/cycles/c-1/summary", page([school(participants=4)]))
    (fault,) = faults_of(read_outcome(bureau_run), "en")
    assert fault == "620180: 5 results, 4 in the summary, 5 participants"


def test_too_many_excellent_are_a_fault(bureau_run: BureauRun, platform: FakePlatform) -> None:
    platform.on("GET", "/appraisal/v1/cycles/c-1/summary", page([school(excellent=2)]))
    (fault,) = faults_of(read_outcome(bureau_run), "zh-CN")
    assert fault == "620180 示例县第一小学：优秀 2 人，超过名额 1 人"


@pytest.mark.parametrize(
    "wrong",
    [
        result("T3", "qualified", ("directive_fix", {"case_no": "2025-001"})),
        result("T3", "unqualified", ("directive_fix", {"case_no": "2025-009"})),
        result("T6", "unqualified", ("directive_fix", {"case_no": "2025-001"})),
    ],
)
def test_an_m4_without_its_effect_is_a_fault(bureau_run: BureauRun, wrong: dict[str, str]) -> None:
    found = rows()
    found[2] = wrong
    write(bureau_run.file("results"), found)
    (fault,) = faults_of(read_outcome(bureau_run), "en")
    assert fault.startswith("620180 T3: M4 in case 2025-001")


@pytest.mark.parametrize(
    "wrong",
    [
        result("T4", "qualified", ("total_score", {})),
        result("T4", "undetermined", ("under_investigation", {})),
    ],
)
def test_a_graded_absent_person_is_a_fault(bureau_run: BureauRun, wrong: dict[str, str]) -> None:
    found = rows()
    found[3] = wrong
    write(bureau_run.file("results"), found)
    (fault,) = faults_of(read_outcome(bureau_run), "en")
    assert fault.startswith("620180 T4: absent over half")


def shown(outcome: BureauOutcome) -> list[str]:
    console = Console(file=io.StringIO(), width=100)
    Tables(console, "zh-CN").show(Report([outcome], {}))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_tables_show_what_late_decisions_changed(bureau_run: BureauRun) -> None:
    before = [{"staff_no": "T1", "result": "qualified"}, {"staff_no": "T3", "result": "excellent"}]
    write(bureau_run.file("results-first-determined"), before)
    text = "\n".join(shown(read_outcome(bureau_run)))
    for cells in (
        ("T1", "合格", "优秀", "名额递补"),
        ("T3", "优秀", "不合格", "案件 2025-001"),
        ("T5", "合格", "不合格", "更正，案件 2025-002"),
    ):
        (line,) = [one for one in text.splitlines() if one.startswith(f"│ {cells[0]} ")]
        assert [cell.strip() for cell in line.split("│")][4:7] == list(cells[1:])
    assert "没有首次确定档次的结果文件" not in text


def test_corrections_are_shown_without_the_first_results(outcome: BureauOutcome) -> None:
    text = "\n".join(shown(outcome))
    assert "没有首次确定档次的结果文件" in text
    assert "更正，案件 2025-002" in text


def test_tables_with_chinese_are_aligned(outcome: BureauOutcome) -> None:
    lines = shown(outcome)
    borders = [index for index, line in enumerate(lines) if line.startswith("┏")]
    for start in borders:
        end = next(index for index in range(start, len(lines)) if lines[index].startswith("└"))
        assert len({cell_len(line) for line in lines[start : end + 1]}) == 1
