from typing import Any

import pytest

from tests.appraisal.year import Year, even, person, reasons

HALF = ("2025-01-01", "2025-07-02")  # 183 of 365 days


def leave(staff_no: str, starts_on: str, ends_on: str, kind: str = "sick_leave") -> dict[str, Any]:
    return {"staff_no": staff_no, "kind": kind, "starts_on": starts_on, "ends_on": ends_on}


async def test_the_quota_is_floored_per_school_and_explained(year: Year) -> None:
    staff = [person(f"A{n:02}", "2162000001") for n in range(37)]
    staff += [person(f"B{n}", "2162000002") for n in range(4)]
    await year.begin(staff)
    await year.score({row["staff_no"]: even(90 + n / 100) for n, row in enumerate(staff)})
    results = await year.determine()
    excellent = [no for no, row in results.items() if row["result"] == "excellent"]
    assert excellent == [f"A{n}" for n in range(30, 37)]  # 37 × 20 % = 7; 4 × 20 % = 0
    assert reasons(results["A36"]) == ["total_score", "grade_by_total", "within_quota"]
    assert results["A36"]["rank"] == 1
    last_out = results["A29"]["reasons"][-1]
    assert last_out["code"] == "over_quota"
    assert {"rank": 8, "limit": 7, "base": 37}.items() <= last_out["params"].items()
    assert "优秀名额 7（37 人的 20%）已满，候选名次 8" in last_out["message"]
    summary = (await year.ok("GET", "{c}/summary"))["data"]
    assert [(s["school_code"], s["base"], s["limit"], s["excellent"]) for s in summary] == [
        ("2162000001", 37, 7, 7),
        ("2162000002", 4, 0, 0),
    ]


@pytest.mark.parametrize(
    ("points", "expected"),
    [(85, "excellent"), (84.99, "qualified"), (60, "qualified"), (59.99, "basically_qualified"),
     (50, "basically_qualified"), (49.99, "unqualified"), (0, "unqualified")],
)  # fmt: skip
async def test_thresholds_are_inclusive(year: Year, points: float, expected: str) -> None:
    await year.begin([person(f"P{n}") for n in range(5)])
    scores = {f"P{n}": even(1) for n in range(5)} | {"P0": even(points)}
    await year.score(scores)
    assert (await year.determine())["P0"]["result"] == expected


@pytest.mark.quick("services.appraisal.determination")
async def test_the_total_is_weighted(year: Year) -> None:
    await year.begin([person("P1")])
    points = {"virtue": 80, "ability": 70.5, "diligence": 90, "achievement": 61.25, "integrity": 99}
    await year.score({"P1": points})
    result = (await year.determine())["P1"]
    expected = 80 * 0.2 + 70.5 * 0.2 + 90 * 0.15 + 61.25 * 0.35 + 99 * 0.1
    assert result["total"] == pytest.approx(expected, abs=0.001)
    assert "绩 61.25×35%" in result["reasons"][0]["message"]


async def test_more_than_half_is_strict_and_overlaps_count_once(year: Year) -> None:
    await year.begin([person(no) for no in ("half", "over", "pieces", "overlap", "outside")])
    records = [
        leave("half", "2025-01-01", "2025-07-01"),  # 182 of 365
        leave("over", "2025-01-01", "2025-07-02"),  # 183
        leave("pieces", "2025-01-01", "2025-04-30", "personal_leave"),  # 120
        leave("pieces", "2025-06-01", "2025-08-03"),  # 64: together 184
        leave("overlap", "2025-01-01", "2025-06-20"),  # 171
        leave("overlap", "2025-05-01", "2025-06-30", "study_leave"),  # ten days more
        leave("outside", "2024-01-01", "2025-06-30"),  # 181 inside the period
    ]
    await year.score({no: even(70) for no in ("half", "overlap", "outside")}, records)
    results = await year.determine()
    undetermined = {no for no, row in results.items() if row["result"] == "undetermined"}
    assert undetermined == {"over", "pieces"}
    assert results["pieces"]["reasons"][0]["params"] == {"days": 184, "period_days": 365}
    assert "累计 184 天" in results["pieces"]["explanation"]


async def test_maternity_leave_never_counts(year: Year) -> None:
    await year.begin([person("mother")])
    await year.score({"mother": even(70)}, [leave("mother", *HALF, "maternity_leave")])
    result = (await year.determine())["mother"]
    assert result["result"] == "qualified"
    assert reasons(result)[0] == "maternity_not_counted"


async def test_new_hires_investigations_and_refusals(year: Year) -> None:
    await year.begin(
        [
            person("late", employed_on="2025-07-03"),  # 182 days: less than half
            person("early", employed_on="2025-07-02"),  # 183 days
            person("charged"),
            person("refuser"),
        ]
    )
    records = [
        leave("charged", "2025-11-01", "2026-03-01", "under_investigation"),
        leave("refuser", "2025-12-20", "2025-12-31", "refused"),
    ]
    await year.score({"early": even(70), "late": even(95)}, records)
    results = await year.determine()
    assert {no: row["result"] for no, row in results.items()} == {
        "late": "undetermined",
        "early": "qualified",
        "charged": "undetermined",
        "refuser": "unqualified",
    }
    assert reasons(results["late"]) == ["new_hire_under_half"]
    assert reasons(results["charged"]) == ["under_investigation"]
    assert reasons(results["refuser"])[0] == "refused"
    assert not results["late"]["is_graded"]


async def test_a_host_appraises_who_worked_there_for_over_half(year: Year) -> None:
    home = [person(f"H{n}", "2162000001") for n in range(5)]
    host = [person(f"G{n}", "2162000002") for n in range(4)]
    await year.begin(home + host)
    stay = leave("H0", *HALF, "secondment") | {"host_school_code": "2162000002"}
    short = leave("H1", "2025-01-01", "2025-06-30", "secondment") | {
        "host_school_code": "2162000002"
    }
    await year.score({row["staff_no"]: even(70) for row in home + host} | {"H0": even(95)},
                     [stay, short])  # fmt: skip
    results = await year.determine()
    assert results["H0"]["school_code"] == "2162000002"
    assert results["H0"]["result"] == "excellent"  # the host's base is 5 with the guest
    assert "graded_by_host" in reasons(results["H0"])
    assert results["H1"]["school_code"] == "2162000001"


async def test_ties_are_broken_by_dimension_and_else_make_nobody_excellent(year: Year) -> None:
    await year.begin([person(f"P{n}") for n in range(10)])  # quota 2
    base = {f"P{n}": even(60) for n in range(10)}
    by_achievement = {"virtue": 93.5, "ability": 90, "diligence": 90, "achievement": 88}
    equal_total = {
        "P0": even(95),
        "P1": even(90) | {"achievement": 92, "virtue": 86.5},
        "P2": even(90) | by_achievement,
    }
    await year.score(base | equal_total)
    results = await year.determine()
    assert results["P1"]["total"] == results["P2"]["total"]
    assert [results[f"P{n}"]["result"] for n in (0, 1, 2)] == ["excellent"] * 2 + ["qualified"]
    await year.ok("POST", "{c}:reopen")
    await year.load("scores", [{"staff_no": no} | even(90) for no in ("P1", "P2")])
    results = await year.determine()
    assert [results[f"P{n}"]["result"] for n in (0, 1, 2)] == ["excellent"] + ["qualified"] * 2
    assert reasons(results["P1"])[-1] == "quota_tie"


async def test_a_fixing_directive_wins_over_everything_and_cites_its_case(year: Year) -> None:
    await year.begin([person(f"P{n}") for n in range(5)])
    assert (await year.directive("P0")).status_code == 201
    records = [leave("P1", *HALF)]
    assert (await year.directive("P1", directive_no="other")).status_code == 201
    await year.score({f"P{n}": even(95 - n) for n in (0, 2, 3, 4)}, records)
    results = await year.determine()
    assert results["P0"]["result"] == "unqualified"
    first = results["P0"]["reasons"][0]
    assert (first["code"], first["params"]["case_no"]) == ("directive_fix", "2025-001")
    assert "2025-001（M4）确定为不合格" in first["message"]
    assert results["P1"]["result"] == "unqualified"
    assert results["P2"]["result"] == "excellent"  # the place that P0 would have had


async def test_caps_and_floors_limit_the_grade(year: Year) -> None:
    await year.begin([person(f"P{n}") for n in range(10)])
    sent = [
        ("P0", "cap", "qualified"),
        ("P1", "cap", "basically_qualified"),
        ("P2", "floor", "qualified"),
        ("P3", "floor", "qualified"),
    ]
    for staff_no, effect, result in sent:
        await year.directive(staff_no, directive_no=staff_no, effect=effect, result=result)
    scores = {f"P{n}": even(60 + n) for n in range(10)}
    await year.score(scores | {"P0": even(99), "P1": even(98), "P2": even(10), "P3": even(97)})
    results = await year.determine()
    assert [results[f"P{n}"]["result"] for n in range(4)] == [
        "qualified", "basically_qualified", "qualified", "excellent",
    ]  # fmt: skip


async def test_missing_scores_stop_determination_and_change_nothing(year: Year) -> None:
    await year.begin([person("P0"), person("P1")])
    await year.score({"P0": even(70)})
    answer = await year.call("POST", "{c}:determine")
    assert (answer.status_code, answer.json()["code"]) == (409, "appraisal.scores_missing")
    assert "P1" in answer.json()["detail"]
    assert await year.results() == {}
    assert (await year.ok("GET", "{c}"))["state"] == "scoring"


async def test_scores_missing_can_mean_undetermined_by_rule(year: Year) -> None:
    rules = {"code": "lenient", "name": "宽", "rules": {"missing_scores": "undetermined"}}
    await year.ok("PUT", "/v1/rule-sets/by-key/lenient", json=rules)
    await year.begin([person("P0"), person("P1")], rule_set="lenient")
    await year.score({"P0": even(70)})
    results = await year.determine()
    assert results["P1"]["result"] == "undetermined"
    assert reasons(results["P1"]) == ["scores_missing"]


async def test_frozen_rules_do_not_follow_the_rule_set(year: Year) -> None:
    rules = {"code": "mine", "name": "自定", "rules": {"quota": {"rate": "50"}}}
    await year.ok("PUT", "/v1/rule-sets/by-key/mine", json=rules)
    await year.begin([person(f"P{n}") for n in range(10)], rule_set="mine")
    rules["rules"] = {"quota": {"rate": "0"}}
    await year.ok("PUT", "/v1/rule-sets/by-key/mine", json=rules)
    await year.score({f"P{n}": even(90 + n / 10) for n in range(10)})
    results = await year.determine()
    assert sum(row["result"] == "excellent" for row in results.values()) == 5


async def test_determination_again_gives_the_same(year: Year) -> None:
    await year.begin([person(f"P{n}") for n in range(20)])
    await year.score({f"P{n}": even(80 + n) for n in range(20)})
    first, second = await year.determine(), await year.determine()
    kept = ("staff_no", "result", "total", "rank", "reasons", "school_code")
    assert [{k: row[k] for k in kept} for row in first.values()] == [
        {k: row[k] for k in kept} for row in second.values()
    ]
