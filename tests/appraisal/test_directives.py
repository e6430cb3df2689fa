from typing import Any
from uuid import uuid4

import pytest

from services.appraisal.main import app
from tests.appraisal.year import Year, even, person, reasons

AFTER = "2026-01-10T00:00:00+08:00"


async def determined(year: Year, **points: float) -> None:
    """A determined cycle of ten people; everybody has 70 points unless told otherwise."""
    await year.begin([person(f"P{n}") for n in range(10)])
    await year.score({f"P{n}": even(points.get(f"P{n}", 70)) for n in range(10)})
    await year.determine()


async def confirmed(year: Year, **points: float) -> None:
    """The same, confirmed."""
    await determined(year, **points)
    await year.ok("POST", "{c}:publish-notice")
    await year.travel(AFTER)
    await year.ok("POST", "{c}:confirm", role="bureau_leader")


async def listed(year: Year) -> dict[str, str]:
    """The state of every directive."""
    page = await year.ok("GET", "/v1/directives?limit=1000")
    return {row["directive_no"]: row["state"] for row in page["data"]}


async def corrections(year: Year) -> list[dict[str, Any]]:
    """All corrections, oldest first."""
    page: dict[str, Any] = await year.ok("GET", "/v1/corrections")
    return list(page["data"])


async def decide(year: Year, correction: dict[str, Any], verb: str, **headers: str) -> Any:
    """Apply or dismiss a correction as it was listed."""
    body = {"reason": "决定已被复核撤销"} if verb == "dismiss" else None
    path = f"/v1/corrections/{correction['id']}:{verb}"
    sent = {"If-Match": correction["etag"]} | headers
    return await year.call("POST", path, role="bureau_leader", json=body, headers=sent)


async def test_new_again_and_different(year: Year) -> None:
    first = await year.directive("P0")
    again = await year.directive("P0")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    for change in ({"result": "qualified"}, {"effect": "cap"}, {"basis": "其他"}, {"year": 2026}):
        other = await year.directive("P0", **change)
        assert (other.status_code, other.json()["code"]) == (409, "appraisal.directive_differs")
    assert len(await listed(year)) == 1


async def test_twenty_equal_ones_at_once_are_one(year: Year) -> None:
    answers = await year.together(*(year.directive("P0") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await listed(year)) == 1


async def test_twenty_equal_ones_at_once_open_one_correction(year: Year) -> None:
    await confirmed(year)
    answers = await year.together(*(year.directive("P0") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len(await corrections(year)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"result": "excellent"}, "directive.excellent"),
        ({"effect": "floor", "result": "excellent"}, "directive.excellent"),
        ({"result": "undetermined"}, "directive.undetermined"),
        ({"effect": "forgive"}, "code.unknown"),
        ({"directive_no": ""}, "string_pattern_mismatch"),
        ({"directive_no": "a b"}, "string_pattern_mismatch"),
        ({"staff_no": "工号"}, "string_pattern_mismatch"),
        ({"case_no": "\x00"}, "text.nul"),
        ({"state": "applied"}, "extra_forbidden"),
    ],
)
async def test_what_no_decision_can_mean_is_refused(
    year: Year, changes: dict[str, Any], code: str
) -> None:
    answer = await year.directive(**({"staff_no": "P0"} | changes))
    assert answer.status_code == 422
    assert [fault["code"] for fault in answer.json()["errors"]] == [code]
    assert await listed(year) == {}


async def test_one_that_comes_before_the_cycle_applies(year: Year) -> None:
    sent = (await year.directive("P0")).json()
    assert sent["state"] == "pending"
    await determined(year)
    results = await year.results()
    assert (results["P0"]["result"], reasons(results["P0"])[0]) == ("unqualified", "directive_fix")
    assert await listed(year) == {sent["directive_no"]: "applied"}


async def test_one_for_another_year_does_not(year: Year) -> None:
    await year.directive("P0", year=2024)
    await determined(year)
    assert (await year.results())["P0"]["result"] == "qualified"


async def test_one_for_somebody_not_on_the_roster_has_no_effect(year: Year) -> None:
    sent = (await year.directive("GONE")).json()["directive_no"]
    await confirmed(year)
    assert await listed(year) == {sent: "not_applicable"}
    late = await year.directive("GONE2")
    assert late.json()["state"] == "not_applicable"
    assert await corrections(year) == []


@pytest.mark.parametrize("state", ["determined", "public_notice"])
async def test_one_after_determination_makes_results_stale(year: Year, state: str) -> None:
    await determined(year)
    if state == "public_notice":
        await year.ok("POST", "{c}:publish-notice")
        await year.travel(AFTER)
    assert (await year.directive("P0")).json()["state"] == "pending"
    cycle = await year.ok("GET", "{c}")
    assert (cycle["is_stale"], cycle["state"]) == (True, state)
    if state == "public_notice":
        refused = await year.call("POST", "{c}:confirm", role="bureau_leader")
        assert (refused.status_code, refused.json()["code"]) == (409, "appraisal.results_stale")
        withdrawn = await year.ok("POST", "{c}:withdraw")
        assert (withdrawn["state"], withdrawn["public_notice_to_on"]) == ("determined", None)
    refused = await year.call("POST", "{c}:publish-notice")
    assert (refused.status_code, refused.json()["code"]) == (409, "appraisal.results_stale")
    assert (await year.results())["P0"]["result"] == "qualified"
    assert (await year.determine())["P0"]["result"] == "unqualified"
    assert (await year.ok("POST", "{c}:publish-notice"))["is_stale"] is False


async def test_a_race_with_determination_loses_nothing(year: Year) -> None:
    await determined(year)
    for number in range(6):
        sent = {"directive_no": f"D{number}", "case_no": f"C{number}"}
        await year.together(
            year.directive(f"P{number}", **sent), year.call("POST", "{c}:determine")
        )
        cycle, result = await year.ok("GET", "{c}"), (await year.results())[f"P{number}"]
        assert cycle["is_stale"] == (result["result"] == "qualified")
        await year.determine()


async def test_a_race_with_confirmation_loses_nothing(year: Year) -> None:
    await determined(year)
    await year.ok("POST", "{c}:publish-notice")
    await year.travel(AFTER)
    _, sent = await year.together(
        year.call("POST", "{c}:confirm", role="bureau_leader"), year.directive("P0")
    )
    cycle = await year.ok("GET", "{c}")
    if cycle["state"] == "confirmed":
        assert len(await corrections(year)) == 1
        assert sent.json()["state"] == "correction"
    else:
        assert (cycle["state"], cycle["is_stale"]) == ("public_notice", True)


async def test_one_after_confirmation_opens_a_correction_that_changes_nothing_yet(
    year: Year,
) -> None:
    await confirmed(year)
    before = await year.results()
    assert (await year.directive("P0")).json()["state"] == "correction"
    (correction,) = await corrections(year)
    expected = {
        "staff_no": "P0", "name": "员工P0", "from_result": "qualified", "to_result": "unqualified",
        "state": "open", "case_no": "2025-001", "measure": "M4", "year": 2025,
    }  # fmt: skip
    assert expected.items() <= correction.items()
    assert await year.results() == before
    read = await year.ok("GET", f"/v1/corrections/{correction['id']}")
    assert read | {"etag": correction["etag"]} == correction


@pytest.mark.quick(
    "services.appraisal.directives",
    "services.appraisal.directive_intake",
    "services.appraisal.corrections",
)
async def test_an_applied_correction_shows_everywhere_with_its_reason(year: Year) -> None:
    await confirmed(year, P0=95)
    await year.directive("P0")
    (correction,) = await corrections(year)
    answer = await decide(year, correction, "apply")
    assert (answer.status_code, answer.json()["state"]) == (200, "applied")
    assert (answer.json()["decided_by"], answer.json()["decided_at"][:10]) == (
        "tester", "2026-01-10",
    )  # fmt: skip
    result = (await year.results())["P0"]
    assert result["result"] == "unqualified"
    assert reasons(result)[0] == "correction"
    assert "优秀改为不合格" in result["explanation"]
    assert result["version"] == 2
    for form in ("csv", "ndjson"):
        text = (await year.call("GET", f"{{c}}/results?format={form}&staff_no=P0")).text
        assert "unqualified" in text
        assert "更正：由优秀改为不合格，依据案件 2025-001（M4）" in text
    (school,) = (await year.ok("GET", "{c}/summary"))["data"]
    assert (school["excellent"], school["unqualified"]) == (0, 1)
    assert (await listed(year)).popitem()[1] == "applied"
    assert (await year.ok("GET", "{c}/public-notice"))["data"] == []


async def test_a_dismissed_correction_leaves_the_result(year: Year) -> None:
    await confirmed(year)
    await year.directive("P0")
    before = await year.results()
    (correction,) = await corrections(year)
    answer = await decide(year, correction, "dismiss")
    assert (answer.json()["state"], answer.json()["dismissed_reason"]) == (
        "dismissed", "决定已被复核撤销",
    )  # fmt: skip
    assert await year.results() == before


async def test_a_correction_is_decided_once(year: Year) -> None:
    await confirmed(year)
    await year.directive("P0")
    (correction,) = await corrections(year)
    answers = await year.together(
        *(decide(year, correction, verb) for verb in ("apply", "dismiss", "apply"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    (decided,) = await corrections(year)
    result = (await year.results())["P0"]["result"]
    assert (decided["state"], result) in [("applied", "unqualified"), ("dismissed", "qualified")]
    refused = await decide(year, decided, "apply")
    assert (refused.status_code, refused.json()["code"]) == (409, "procedure.transition_refused")


@pytest.mark.parametrize("verb", ["apply", "dismiss"])
async def test_nobody_decides_on_the_correction_of_their_own_result(year: Year, verb: str) -> None:
    await confirmed(year)
    await year.directive("P0")
    (correction,) = await corrections(year)
    own = year.headers("bureau_leader", staff_no="P0", name="other account")
    refused = await decide(year, correction, verb, **own)
    assert (refused.status_code, refused.json()["code"]) == (409, "appraisal.own_correction")
    assert await corrections(year) == [correction]
    colleague = year.headers("bureau_leader", staff_no="P1")
    assert (await decide(year, correction, verb, **colleague)).status_code == 200


@pytest.mark.parametrize("verb", ["apply", "dismiss"])
async def test_a_decision_names_the_version_of_the_correction(year: Year, verb: str) -> None:
    await confirmed(year)
    await year.directive("P0")
    (correction,) = await corrections(year)
    path, body = f"/v1/corrections/{correction['id']}:{verb}", {"reason": "决定已被复核撤销"}
    blind = await year.call("POST", path, role="bureau_leader", json=body)
    assert (blind.status_code, blind.json()["code"]) == (428, "platform.if_match_required")
    late = await decide(year, correction | {"etag": '"7"'}, verb)
    assert (late.status_code, late.json()["code"]) == (412, "platform.precondition_failed")
    assert await corrections(year) == [correction]
    key = {"Idempotency-Key": uuid4().hex}
    made = await decide(year, correction, verb, **key)
    again = await decide(year, correction, verb, **key)
    assert (made.status_code, again.status_code) == (200, 200)
    assert (again.content, again.headers["etag"]) == (made.content, made.headers["etag"])
    assert made.json()["version"] == 2


def test_the_document_demands_if_match_for_decisions_alone() -> None:
    demanding = {
        path
        for path, operations in app.openapi()["paths"].items()
        for operation in operations.values()
        if any(one["name"] == "If-Match" and one.get("required") for one in operation["parameters"])
        and {"412", "428"} <= operation["responses"].keys()
    }
    verbs = ("apply", "dismiss")
    assert demanding == {f"/v1/corrections/{{correction_id}}:{verb}" for verb in verbs}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_the_order_of_corrections_does_not_matter(year: Year, order: tuple[int, ...]) -> None:
    await confirmed(year, P0=95, P1=95)
    sent = [("cap", "qualified"), ("fix", "basically_qualified"), ("floor", "qualified")]
    for number, (effect, result) in enumerate(sent):
        await year.directive("P0", directive_no=f"D{number}", effect=effect, result=result)
    rows = await corrections(year)
    assert [row["state"] for row in rows] == ["open"] * 3
    for number in order:
        assert (await decide(year, rows[number], "apply")).status_code == 200
    assert (await year.results())["P0"]["result"] == "basically_qualified"


async def test_corrections_are_the_bureaus_own_and_the_leaders_to_decide(year: Year) -> None:
    await confirmed(year)
    await year.directive("P0")
    (correction,) = await corrections(year)
    stranger = Year(year.client, year.registry, "999990", year.cycle_id)
    assert await corrections(stranger) == []
    assert (await decide(stranger, correction, "apply")).status_code == 404
    path = f"/v1/corrections/{correction['id']}"
    assert (await stranger.call("GET", path)).status_code == 404
    assert (await year.call("POST", f"{path}:apply")).status_code == 403
    empty = await year.call("POST", f"{path}:dismiss", role="bureau_leader", json={"reason": " "})
    assert empty.status_code == 422
