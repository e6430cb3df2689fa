"""Cases are carried through the procedure from any state, each step by its role."""

from functools import partial

import pytest

from client.demo import case_steps
from client.demo.bureau import BureauRun
from client.demo.case_procedure import advance_case
from client.demo.case_steps import PlannedCase, complete_case
from client.demo.errors import DemoFailed
from client.demo.retrying import retry_step
from client.demo.tally import Tally
from client.sample.model import CasePlan, Outcome, Respondent
from tests.client.demo.fake_procedure import FakeProcedure
from tests.client.fake import FakePlatform

DECIDED = [
    "supervisor open",
    "supervisor file",
    "supervisor propose",
    "bureau_admin review",
    "bureau_leader decide",
    "bureau_admin execute",
    "bureau_admin close",
]


def plan(outcome: Outcome = "decided", measure: str = "M1") -> CasePlan:
    return CasePlan(
        "2025-007",
        "虚列支出",
        "经费审计发现。",
        "2162000001",
        "T2-7",
        "audit",
        "2025-06-19",
        [Respondent("T1", "first", None), Respondent("T2", "direct", measure)],  # type: ignore[arg-type]
        outcome,
        "before_determination",
    )


@pytest.fixture
def procedure(
    platform: FakePlatform, run: BureauRun, monkeypatch: pytest.MonkeyPatch
) -> FakeProcedure:
    made = FakeProcedure(platform, "2025-007")
    for role, client in run.logins.items():
        made.register(client.token(), role)
    monkeypatch.setattr(case_steps.time, "sleep", lambda _: None)  # type: ignore[attr-defined]
    return made


def test_a_case_goes_from_lead_to_closed(run: BureauRun, procedure: FakeProcedure) -> None:
    assert complete_case(PlannedCase(run, plan())) == Tally(new=1)
    assert procedure.done == DECIDED
    assert procedure.bodies["propose"]["measures"] == [{"staff_no": "T2", "measure": "M1"}]
    assert procedure.bodies["decide"] == {
        "decision_no": "教问责〔2025〕7号",
        "basis": "责任追究制度 T2-7",
    }


def test_a_closed_case_is_unchanged(run: BureauRun, procedure: FakeProcedure) -> None:
    complete_case(PlannedCase(run, plan()))
    procedure.done.clear()
    assert complete_case(PlannedCase(run, plan())) == Tally(kept=1)
    assert procedure.done == []


def test_a_case_is_returned_once(run: BureauRun, procedure: FakeProcedure) -> None:
    complete_case(PlannedCase(run, plan("returned")))
    again = ["bureau_admin return", "supervisor propose", "bureau_admin review"]
    assert procedure.done == [*DECIDED[:4], *again, *DECIDED[4:]]


def test_a_case_can_end_without_effect(run: BureauRun, procedure: FakeProcedure) -> None:
    assert complete_case(PlannedCase(run, plan("rejected"))) == Tally(new=1)
    assert procedure.done == [*DECIDED[:3], "bureau_admin reject"]
    assert complete_case(PlannedCase(run, plan("rejected"))) == Tally(kept=1)


@pytest.mark.parametrize("state", ["lead", "filed", "proposed", "under_review", "decided"])
def test_an_interrupted_case_is_resumed(
    run: BureauRun, procedure: FakeProcedure, state: str
) -> None:
    complete_case(PlannedCase(run, plan()))
    assert procedure.case is not None
    procedure.case["state"] = state
    procedure.done.clear()
    assert complete_case(PlannedCase(run, plan())) == Tally(new=1)
    assert procedure.done == DECIDED[-len(procedure.done) :]
    assert procedure.case["state"] == "closed"


def test_a_changed_case_is_read_again(run: BureauRun, procedure: FakeProcedure) -> None:
    procedure.disturbed = {"propose", "execute"}
    assert complete_case(PlannedCase(run, plan())) == Tally(new=1)
    assert procedure.done == DECIDED


def test_after_a_lost_answer_no_step_is_taken_twice(
    run: BureauRun, procedure: FakeProcedure
) -> None:
    procedure.lost = {"propose", "decide"}
    waited: list[float] = []
    begin_again = partial(complete_case, PlannedCase(run, plan()))
    assert retry_step(begin_again, lambda _: None, sleep=waited.append) == Tally(new=1)
    assert procedure.done == DECIDED
    assert len(waited) == 2


def test_a_case_waits_for_its_directive_before_it_is_closed(
    run: BureauRun, procedure: FakeProcedure
) -> None:
    advance_case(run, plan(measure="M4"))
    assert procedure.done == DECIDED[:-1]
    complete_case(PlannedCase(run, plan(measure="M4")))
    assert procedure.done == DECIDED
    assert procedure.deliveries == []


def test_a_refused_directive_ends_the_run(run: BureauRun, procedure: FakeProcedure) -> None:
    procedure.deliveries = ["refused"]
    with pytest.raises(DemoFailed, match="2025-007 was refused"):
        complete_case(PlannedCase(run, plan(measure="M4")))


def test_an_undelivered_directive_ends_the_run(
    run: BureauRun, procedure: FakeProcedure, monkeypatch: pytest.MonkeyPatch
) -> None:
    procedure.deliveries = ["pending"] * 50
    monkeypatch.setattr(case_steps, "DELIVERY_SECONDS", -1.0)
    with pytest.raises(DemoFailed, match="was not delivered") as raised:
        complete_case(PlannedCase(run, plan(measure="M4")))
    assert "未送达" in raised.value.describe("zh-CN")
