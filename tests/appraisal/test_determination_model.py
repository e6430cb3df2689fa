"""Determination against an independent model, over random years."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from math import floor
from random import Random
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.appraisal.determination.statement import determination
from services.appraisal.rule_sets.rules import Rules
from services.chassis.lists.pinyin.named import NAME_KEYS
from tests.appraisal.model import Model
from tests.appraisal.scenario import DIMENSIONS, LEAVE, Scenario, make_scenario
from tests.appraisal.year import Year, person, reasons
from tests.support.database import admin_url

BUREAU = "999901"


@st.composite
def weights(draw: st.DrawFn) -> dict[str, Decimal]:
    """Five weights that add up to 100, some of them with a fraction, some of them nothing."""
    cuts = sorted(draw(st.lists(st.integers(0, 400), min_size=4, max_size=4)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, 400], strict=True)]
    return {name: Decimal(part) / 4 for name, part in zip(DIMENSIONS, parts, strict=True)}


RULES = st.builds(
    lambda **chosen: Rules.model_validate(chosen),
    dimensions=st.one_of(st.just({}), weights()),
    thresholds=st.sampled_from(
        [{}, {"excellent": 90, "qualified": 70, "basically_qualified": 59.99}]
    ),
    quota=st.fixed_dictionaries(
        {
            "rate": st.sampled_from([0, 15, 20, 20, 25, Decimal("33.33"), 50, 100]),
            "rounding": st.sampled_from(["floor", "half_up"]),
            "base": st.sampled_from(["participants", "graded"]),
        }
    ),
    not_graded=st.fixed_dictionaries(
        {
            "absent_over_half": st.booleans(),
            "new_hire_under_half": st.booleans(),
            "under_investigation": st.booleans(),
            "counted_leave": st.lists(st.sampled_from(LEAVE), unique=True),
        }
    ),
    tie_breakers=st.lists(st.sampled_from(DIMENSIONS), unique=True),
    missing_scores=st.just("undetermined"),
)


@pytest.fixture(scope="module")
async def connection() -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(admin_url(), server_settings={"search_path": "appraisal"})
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
    )
    yield connection
    await connection.close()


async def determine(
    connection: "asyncpg.Connection[asyncpg.Record]", year: Scenario
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Results by staff number and quotas by school, of a year that leaves no trace."""
    cycle = uuid4()

    async def fill(table: str, rows: list[dict[str, Any]], **fixed: Any) -> None:
        if rows:
            columns = [*fixed, *rows[0]]
            records = [(*fixed.values(), *row.values()) for row in rows]
            await connection.copy_records_to_table(table, columns=columns, records=records)

    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(
            "insert into cycle (id, bureau_code, year, name, rule_set, period_from, period_to, "
            "state, is_stale) values ($1, $2, 2025, 'x', 'x', $3, $4, 'scoring', false)",
            cycle,
            BUREAU,
            year.first,
            year.last,
        )
        people = [
            {"staff_no": no, "school_name": "x", "post_category": "worker"}
            | dict.fromkeys(("name", *NAME_KEYS), no)
            | row
            for no, row in year.people.items()
        ]
        await fill("participant", people, bureau_code=BUREAU, cycle_id=cycle)
        await fill(
            "participation_record", year.participation_records, bureau_code=BUREAU, cycle_id=cycle
        )
        scores = [{"staff_no": no} | points for no, points in year.scores.items()]
        await fill("score", scores, bureau_code=BUREAU, cycle_id=cycle)
        await fill("directive", year.directives, bureau_code=BUREAU, year=2025, state="pending")
        statement, values = determination(BUREAU, cycle, 2025, (year.first, year.last), year.rules)
        await connection.execute(statement, *values)
        results = await connection.fetch("select * from result where cycle_id = $1", cycle)
        quotas = await connection.fetch("select * from school_quota where cycle_id = $1", cycle)
    finally:
        await transaction.rollback()
    return {r["staff_no"]: r for r in results}, {q["school_code"]: q for q in quotas}


@settings(
    max_examples=40,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a seed cannot be shrunk
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), size=st.integers(10, 200), rules=RULES)
async def test_every_result_is_what_the_rules_say(
    connection: "asyncpg.Connection[asyncpg.Record]", seed: int, size: int, rules: Rules
) -> None:
    year = make_scenario(Random(seed), size, rules)
    model = Model(year)
    results, quotas = await determine(connection, year)
    assert results.keys() == model.people.keys()
    for staff_no, expected in model.people.items():
        found = results[staff_no]
        assert (found["result"], found["school_code"]) == (expected.result, expected.school)
        assert tuple(reason["code"] for reason in found["reasons"]) == expected.codes
        assert (found["rank"], found["is_graded"]) == (expected.rank, expected.is_graded)
        assert found["total"] == expected.total
    assert {code: (q["base"], q["quota"]) for code, q in quotas.items()} == {
        code: (model.bases[code], model.quotas[code]) for code in model.schools
    }
    keep_the_promises(year, results)


def keep_the_promises(year: Scenario, results: dict[str, Any]) -> None:
    """What must hold whatever the rules are."""
    by_school = Counter(row["school_code"] for row in results.values())
    excellent = Counter(
        row["school_code"] for row in results.values() if row["result"] == "excellent"
    )
    for school, count in excellent.items():
        if year.rules.quota.rounding == "floor":
            assert count <= floor(by_school[school] * year.rules.quota.rate / 100)
    assert sum(Counter(row["result"] for row in results.values()).values()) == len(year.people)
    for directive in year.directives:
        if (row := results.get(directive["staff_no"])) is None:
            continue
        cited = [reason["params"].get("directive_no") for reason in row["reasons"]]
        assert directive["directive_no"] in cited
        if directive["effect"] == "fix":
            assert row["result"] != "undetermined"
    for row in results.values():
        assert row["reasons"], "no result without a reason"
        assert (row["result"] == "undetermined") == (not row["is_graded"])


@pytest.mark.parametrize("seed", range(3))
async def test_over_http_it_is_the_same(year: Year, seed: int) -> None:
    dice = Random(seed)
    rules = Rules.model_validate({"missing_scores": "undetermined"})
    scenario = make_scenario(dice, 60, rules)
    # Over HTTP nobody is lent to a school where nobody takes part.
    units = {None, *(row["school_code"] for row in scenario.people.values())}
    scenario.participation_records = [
        record
        for record in scenario.participation_records
        if record["starts_on"] >= scenario.first and record["host_school_code"] in units
    ]
    await year.ok(
        "PUT",
        "/v1/rule-sets/by-key/mine",
        json={"code": "mine", "name": "自定", "rules": rules.model_dump(mode="json")},
    )
    await year.begin(
        [
            person(no, row["school_code"], employed_on=row["employed_on"].isoformat())
            for no, row in scenario.people.items()
        ],
        rule_set="mine",
        period_from=scenario.first.isoformat(),
        period_to=scenario.last.isoformat(),
    )
    for directive in scenario.directives:
        body = directive | {"decided_on": "2025-12-01"}
        assert (await year.directive(**body)).status_code == 201
    scores = {no: {d: str(p) for d, p in points.items()} for no, points in scenario.scores.items()}
    await year.score(scores, scenario.participation_records)
    results = await year.determine()
    model = Model(scenario)
    assert {no: (row["result"], tuple(reasons(row))) for no, row in results.items()} == {
        no: (one.result, one.codes) for no, one in model.people.items()
    }
    summary = {row["school_code"]: row for row in (await year.ok("GET", "{c}/summary"))["data"]}
    for code, row in summary.items():
        here = [one.result for one in model.people.values() if one.school == code]
        counts = Counter(here)
        assert (row["base"], row["limit"]) == (model.bases[code], model.quotas[code])
        assert row["participants"] == len(here)
        assert all(row[result] == counts[result] for result in set(here))
    states = {
        row["directive_no"]: row["state"]
        for row in (await year.ok("GET", "/v1/directives?limit=1000"))["data"]
    }
    for directive in scenario.directives:
        on_roster = directive["staff_no"] in scenario.people
        expected = "applied" if on_roster else "not_applicable"
        assert states[directive["directive_no"]] == expected
