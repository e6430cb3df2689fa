"""Nobody learns of a case that names them, or works on it, whatever their roles."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.accountability.cases.queries import import_lock
from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from tests.accountability.scenario import (
    ANY_VERSION,
    BODIES,
    LEAD,
    OTHER_SCHOOL,
    SCHOOL,
    SCOPES,
    TO_REVIEW,
    Scenario,
    codes,
)
from tests.changes.copying import settled
from tests.support.exporting import begin
from tests.support.importing import attempt
from tests.support.tokens import bearer, claims

EVERY_SCOPE = SCOPES | {"changes:read", "imports:write", "staff:pii", "audit:read", "codes:read"}
# The respondent T1 in every role that works on cases, with every scope there is, and as an account
# of the school that says nothing of its holder.
HATS: dict[str, dict[str, Any]] = {
    "bureau_admin": {"staff_no": "T1"},
    "bureau_leader": {"staff_no": "T1"},
    "supervisor": {"staff_no": "T1"},
    "school_head": {"staff_no": "T1", "schools": [SCHOOL]},
    "head without a staff number": {"schools": [SCHOOL]},
    "every scope": {"staff_no": "T1", "scopes": EVERY_SCOPE},
    "every scope at the school": {"staff_no": "T1", "schools": [SCHOOL], "scopes": EVERY_SCOPE},
    "another account": {"staff_no": "T1", "scopes": EVERY_SCOPE, "name": "second-account"},
}
NAMED = {"respondents": [{"staff_no": "T2", "responsibility": "first"}]}
PROPOSAL = {"measures": [{"staff_no": "T2", "measure": "M4"}], "opinion": "建议"}
WRITES: list[tuple[str, str, Any]] = [
    ("PATCH", "", {"facts": "查无此事。"}),
    ("DELETE", "/respondents/T1", None),
    ("POST", "/respondents", NAMED),
    *(("POST", f":{verb}", BODIES.get(verb)) for verb in ("file", "reject", "review", "return")),
    ("POST", ":propose", PROPOSAL),
    *(("POST", f":{verb}", BODIES.get(verb)) for verb in ("notify", "decide", "execute", "close")),
]


def respondent(scenario: Scenario, hat: str = "every scope") -> dict[str, str]:
    """The respondent's token."""
    role = hat if hat in ("bureau_admin", "bureau_leader", "supervisor") else "school_head"
    return scenario.as_(role, **({"name": f"t1-{role}", "scopes": EVERY_SCOPE} | HATS[hat]))


async def get(
    scenario: Scenario, path: str, headers: dict[str, str], **params: Any
) -> httpx.Response:
    return await scenario.client.get(path, headers=headers, params=params)


async def rows(scenario: Scenario, headers: dict[str, str], **params: Any) -> list[Any]:
    answer = await get(scenario, "/v1/cases", headers, **params)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["data"]
    return found


@pytest.mark.parametrize("hat", HATS)
async def test_the_attack(scenario: Scenario, hat: str) -> None:
    """A head who is respondent: reads, rewrites, takes himself off, names a colleague, proposes."""
    case, headers = await scenario.lead("T1"), respondent(scenario, hat)
    path = f"/v1/cases/{case['id']}"
    for method, suffix, body in [("GET", "", None), *WRITES]:
        kwargs: dict[str, Any] = {} if body is None else {"json": body}
        answer = await scenario.client.request(
            method, path + suffix, headers=headers | ANY_VERSION, **kwargs
        )
        may = answer.status_code != 403
        assert not may or answer.status_code == 404, (suffix, answer.text)
        assert not may or answer.json()["code"] == "accountability.case_not_found", suffix
    assert await scenario.read(case["id"]) == case
    assert len(await scenario.events(case["id"])) == 1


@pytest.mark.parametrize("verbs", [(), ("file",), ("file", "propose"), TO_REVIEW])
async def test_no_state_of_the_procedure_lets_a_respondent_work_on_it(
    scenario: Scenario, verbs: tuple[str, ...]
) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], *verbs)
    before = await scenario.read(case["id"])
    for method, suffix, body in WRITES:
        kwargs: dict[str, Any] = {} if body is None else {"json": body}
        answer = await scenario.client.request(
            method,
            f"/v1/cases/{case['id']}{suffix}",
            headers=respondent(scenario) | ANY_VERSION,
            **kwargs,
        )
        assert answer.status_code == 404, (suffix, answer.text)
    assert await scenario.read(case["id"]) == before


@pytest.mark.parametrize("hat", ["every scope", "every scope at the school"])
async def test_the_case_is_absent_from_everything_that_is_read(
    scenario: Scenario, hat: str
) -> None:
    other = await scenario.lead("T2")
    case = await scenario.lead("T1", title="只有这件案件含此词")
    headers = respondent(scenario, hat)
    path = f"/v1/cases/{case['id']}"
    for one in (
        path,
        f"/v1/cases/by-key/{case['case_no']}",
        f"{path}/events",
        f"{path}/text-versions",
        f"{path}/history",
        f"/v1/respondents/{await _id(scenario, 'respondent', case)}/history",
        f"/v1/events/{await _id(scenario, 'case_event', case)}/history",
    ):
        assert (await get(scenario, one, headers)).status_code == 404, one
    assert [row["id"] for row in await rows(scenario, headers)] == [other["id"]]
    assert (await get(scenario, "/v1/cases", headers, total="exact")).json()["total"] == 1
    for query in ({"q": "只有这件"}, {"staff_no": "T1"}, {"case_no": case["case_no"]}):
        assert await rows(scenario, headers, **query) == [], query
    exported = (await get(scenario, "/v1/cases", headers, format="ndjson")).text
    assert [json.loads(line)["id"] for line in exported.splitlines()] == [other["id"]]
    assert case["id"] not in (await get(scenario, "/v1/cases", headers, format="csv")).text
    assert (await get(scenario, "/v1/summary", headers)).json()["cases"] == 1
    assert (await scenario.call("GET", "/v1/summary")).json()["cases"] == 2


async def _id(scenario: Scenario, table: str, case: dict[str, Any]) -> Any:
    return await scenario.sql(f"select id from {table} where case_id = $1", case["id"])


async def test_feed_and_audit_trail_leave_it_out_and_do_not_wake_for_it(scenario: Scenario) -> None:
    headers = respondent(scenario)
    cursor = (await get(scenario, "/v1/changes", headers, after="now")).json()["next_cursor"]
    waiting = asyncio.create_task(get(scenario, "/v1/changes", headers, after=cursor, wait=3))
    case, other = await scenario.lead("T1"), await scenario.lead("T2", school_code=OTHER_SCHOOL)
    await scenario.decided(T1="M4")
    changes = (await waiting).json()["data"]
    await settled()
    everything = (await get(scenario, "/v1/changes", headers, limit=1000)).json()["data"]
    assert other["id"] in {one["id"] for one in everything}
    assert {one["id"] for one in changes} <= {one["id"] for one in everything}
    named = [one["key"] for one in everything if one["resource"] == "respondents"]
    assert [key.partition("/")[2] for key in named] == ["T2"]
    assert case["id"] not in str(everything)
    assert "case-counters" not in {one["resource"] for one in everything}
    seen = (await scenario.call("GET", "/v1/changes", params={"limit": 1000})).json()["data"]
    assert {"cases", "respondents", "events", "directives"} == {one["resource"] for one in seen}
    audit = await get(scenario, "/v1/audit-events", headers, limit=1000)
    assert audit.status_code == 200
    assert case["id"] not in audit.text
    assert other["id"] in audit.text


async def test_an_empty_wait_is_not_cut_short_by_what_is_hidden(scenario: Scenario) -> None:
    headers = respondent(scenario)
    cursor = (await get(scenario, "/v1/changes", headers, after="now")).json()["next_cursor"]
    waiting = asyncio.create_task(get(scenario, "/v1/changes", headers, after=cursor, wait=5))
    await asyncio.sleep(0.2)
    hidden = await scenario.lead("T1")
    await settled()
    await asyncio.sleep(1)
    assert not waiting.done(), "the hidden change woke it"
    other = await scenario.lead("T2")
    assert other["id"] in (await waiting).text
    assert hidden["id"] not in (await waiting).text


async def test_answers_stored_before_are_not_given_again(scenario: Scenario) -> None:
    """The respondent opened the lead, and was named in it afterwards."""
    headers = scenario.as_("supervisor", staff_no="T1", name="t1") | {
        "Idempotency-Key": uuid4().hex
    }
    first = await scenario.client.post("/v1/cases", json=LEAD, headers=headers)
    assert first.status_code == 201
    again = await scenario.client.post("/v1/cases", json=LEAD, headers=headers)
    assert again.headers["idempotent-replayed"] == "true"
    await _name(scenario, first.json()["id"], "T1")
    refused = await scenario.client.post("/v1/cases", json=LEAD, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "accountability.case_not_found")
    assert LEAD["facts"] not in refused.text
    assert len(await rows(scenario, scenario.as_("bureau_admin"))) == 1, "nor is it done again"


async def _name(scenario: Scenario, case_id: str, *staff_nos: str) -> httpx.Response:
    body = {"respondents": [{"staff_no": no, "responsibility": "direct"} for no in staff_nos]}
    answer = await scenario.call("POST", f"/v1/cases/{case_id}/respondents", json=body)
    assert answer.status_code == 200, answer.text
    return answer


async def test_exports_made_before_are_withdrawn(scenario: Scenario) -> None:
    case = await scenario.lead()
    mine, others = respondent(scenario), scenario.as_("bureau_admin", name="others")
    exports = [(await begin(scenario.client, one, "cases")).json()["id"] for one in (mine, others)]
    for export, headers in zip(exports, (mine, others), strict=True):
        done = await get(scenario, f"/v1/exports/{export}", headers, wait=30)
        assert done.json()["state"] == "completed", done.text
        file = await get(scenario, f"/v1/exports/{export}/content", headers)
        assert case["id"] in file.text
    await _name(scenario, case["id"], "T1")
    gone = await get(scenario, f"/v1/exports/{exports[0]}/content", mine)
    assert (gone.status_code, gone.json()["code"]) == (410, "export.expired")
    assert (await get(scenario, f"/v1/exports/{exports[1]}/content", others)).status_code == 200


HEADER = "案号,案由,事实,问责情形,线索来源,学校标识码,发现日期"
ROW = f"2025-701,环境脏乱,无人清理,校园环境脏乱,投诉举报,{SCHOOL},2025-05-27"


def table(*lines: str) -> bytes:
    return "\r\n".join([HEADER, *lines, ""]).encode()


async def test_an_import_does_not_reach_it(scenario: Scenario) -> None:
    opened = await attempt(scenario.client, scenario.as_("supervisor"), "cases", table(ROW))
    assert opened.counts == (1, 0, 0, 0)
    case = (await scenario.call("GET", "/v1/cases/by-key/2025-701")).json()
    await _name(scenario, case["id"], "T1")
    changed = table(ROW.replace("无人清理", "查无此事"))
    headers = respondent(scenario)
    for dry_run in (True, False):
        refused = await attempt(scenario.client, headers, "cases", changed, dry_run=dry_run)
        assert refused.faults == [(2, "case_no", "import.taken")], dry_run
    unchanged = await attempt(scenario.client, headers, "cases", table(ROW))
    assert unchanged.faults == [(2, "case_no", "import.taken")], "nor is it compared"
    assert (await scenario.read(case["id"]))["facts"] == "无人清理"


async def test_somebody_named_while_importing_is_refused(scenario: Scenario) -> None:
    """The rows are judged already when the importer is named; the merge finds out."""
    await attempt(scenario.client, scenario.as_("supervisor"), "cases", table(ROW))
    case = (await scenario.call("GET", "/v1/cases/by-key/2025-701")).json()
    changed = table(ROW.replace("无人清理", "查无此事"))
    async with _holding(scenario, case["id"]) as name_and_commit:
        importing = asyncio.create_task(
            attempt(scenario.client, respondent(scenario), "cases", changed)
        )
        await _until_waiting(scenario, "advisory")
        await name_and_commit("T1")
    refused = await importing
    assert (refused.code, refused.faults) == (
        "import.rows_failed", [(2, "case_no", "import.taken")],
    )  # fmt: skip
    assert (await scenario.read(case["id"]))["facts"] == "无人清理"
    assert len(await scenario.events(case["id"])) == 1


async def test_imports_of_leads_are_shown_to_whoever_opened_them_alone(scenario: Scenario) -> None:
    """A count of another person's leads would show that there are some that one does not see."""
    mine = scenario.as_("supervisor", name="importer")
    await attempt(scenario.client, mine, "cases", table(ROW))
    (job,) = (await get(scenario, "/v1/imports", mine)).json()["data"]
    for headers in (respondent(scenario), scenario.as_("bureau_admin")):
        assert (await get(scenario, "/v1/imports", headers)).json()["data"] == []
        for suffix in ("", "/faults", "/failed-rows", "/applied-rows"):
            answer = await get(scenario, f"/v1/imports/{job['id']}{suffix}", headers)
            assert answer.status_code == 404, suffix


async def test_somebody_named_while_writing_is_refused(scenario: Scenario) -> None:
    """The writer waits for the lock of the case, which who names them holds."""
    case = await scenario.lead()
    headers = respondent(scenario) | ANY_VERSION
    async with _holding(scenario, case["id"]) as name_and_commit:
        writing = asyncio.create_task(
            scenario.client.patch(f"/v1/cases/{case['id']}", json={"facts": "改"}, headers=headers)
        )
        await _until_waiting(scenario, "transactionid")  # which holds the row
        await name_and_commit("T1")
    answer = await writing
    assert (answer.status_code, answer.json()["code"]) == (404, "accountability.case_not_found")
    assert (await scenario.read(case["id"]))["facts"] == LEAD["facts"]


@asynccontextmanager
async def _holding(
    scenario: Scenario, case_id: str
) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """A transaction that holds the lock of a case; names somebody in it and commits."""
    admin = Caller.from_claims(claims(["bureau_admin"], bureau=scenario.bureau))
    async with scenario.app.state.resources[Database].connection(admin) as connection:
        await connection.execute("select pg_advisory_xact_lock_shared($1)", import_lock(admin))
        await connection.fetch("select from case_file where id = $1 for update", case_id)

        async def name(staff_no: str) -> None:
            await connection.execute(
                "insert into respondent (bureau_code, case_id, staff_no, responsibility, name, "
                "school_code, works_at) "
                "values ($1, $2, $3, 'direct', '某人', $4::text, array[$4::text])",
                scenario.bureau,
                case_id,
                staff_no,
                SCHOOL,
            )

        yield name


async def _until_waiting(scenario: Scenario, kind: str) -> None:
    waiting = (
        "select count(*) from pg_locks join pg_stat_activity using (pid) where not granted "
        "and locktype = $1 and datname = current_database()"
    )
    async with asyncio.timeout(30):
        while not await scenario.sql(waiting, kind):
            await asyncio.sleep(0.02)


async def test_many_write_while_one_is_named_and_none_writes_afterwards(scenario: Scenario) -> None:
    case = await scenario.lead()
    headers = respondent(scenario) | ANY_VERSION

    async def write(number: int) -> int:
        answer = await scenario.client.patch(
            f"/v1/cases/{case['id']}", json={"title": f"改名 {number}"}, headers=headers
        )
        return answer.status_code

    writes = [asyncio.create_task(write(number)) for number in range(8)]
    await _name(scenario, case["id"], "T1")
    assert {*await asyncio.gather(*writes)} <= {200, 404}
    verbs = [event["verb"] for event in await scenario.events(case["id"])]
    assert verbs.index("add_respondents") == len(verbs) - 1, verbs
    assert await write(9) == 404


async def test_one_of_several_respondents_learns_nothing_of_the_others(scenario: Scenario) -> None:
    case = await scenario.lead("T1", "S1")
    for headers in (
        respondent(scenario),
        scenario.as_("supervisor", staff_no="S1", scopes=EVERY_SCOPE),
    ):
        answer = await scenario.client.post(
            f"/v1/cases/{case['id']}/respondents", json=NAMED, headers=headers | ANY_VERSION
        )
        assert answer.status_code == 404
        assert await rows(scenario, headers) == []


async def test_somebody_named_later_loses_the_case_and_taken_off_does_not_get_it_back(
    scenario: Scenario,
) -> None:
    case, headers = await scenario.lead("T2"), respondent(scenario)
    assert [row["id"] for row in await rows(scenario, headers)] == [case["id"]]
    await _name(scenario, case["id"], "T1")
    assert await rows(scenario, headers) == []
    taken_off = await scenario.call("DELETE", f"/v1/cases/{case['id']}/respondents/T1")
    assert taken_off.status_code == 200
    assert await rows(scenario, headers) == []
    assert len(await rows(scenario, scenario.as_("supervisor", staff_no="T3"))) == 1


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/cases/{case_id}/respondents"])
async def test_nobody_names_themselves(scenario: Scenario, path: str) -> None:
    case = await scenario.lead()
    own = {"respondents": [{"staff_no": "T1", "responsibility": "direct"}]}
    body = LEAD | own if path == "/v1/cases" else own
    for hat, code in (
        ("every scope at the school", "respondent.self"),
        ("head without a staff number", "respondent.maybe_self"),
    ):
        answer = await scenario.client.post(
            path.format(case_id=case["id"]),
            json=body,
            headers=respondent(scenario, hat) | ANY_VERSION,
        )
        assert codes(answer) == {("/respondents/0/staff_no", code)}
    assert (await scenario.read(case["id"]))["respondents"] == []


async def test_an_account_without_a_staff_number_may_be_anybody_of_its_schools(
    scenario: Scenario,
) -> None:
    """By personnel relation, and by the assignments in the registry."""
    scenario.gateway.assigned = {"S1": [SCHOOL]}
    seen = await scenario.lead("T3", school_code=SCHOOL)
    await scenario.sql("update case_file set named_schools = '{}' where id = $1", seen["id"])
    hidden = await scenario.lead("S1", school_code=SCHOOL)
    head = scenario.as_("school_head", schools=[SCHOOL])
    assert [row["id"] for row in await rows(scenario, head)] == [seen["id"]]
    assert (await get(scenario, f"/v1/cases/{hidden['id']}", head)).status_code == 404
    known = scenario.as_("school_head", schools=[SCHOOL], staff_no="T2")
    assert {row["id"] for row in await rows(scenario, known)} == {seen["id"], hidden["id"]}


async def test_who_proposed_does_not_decide_with_another_account(scenario: Scenario) -> None:
    case = await scenario.lead("T1")
    await scenario.go(case["id"], "file")
    path = f"/v1/cases/{case['id']}"
    proposer = scenario.as_("supervisor", staff_no="T3", name="first") | ANY_VERSION
    proposed = await scenario.client.post(
        f"{path}:propose", json=BODIES["propose"], headers=proposer
    )
    assert proposed.status_code == 200
    await scenario.go(case["id"], "review")
    other = scenario.as_("bureau_leader", staff_no="T3", name="second") | ANY_VERSION
    refused = await scenario.client.post(f"{path}:decide", json=BODIES["decide"], headers=other)
    assert refused.json()["code"] == "accountability.decider_is_proposer"
    await scenario.go(case["id"], "decide")


async def test_postgres_hides_the_case_by_itself(scenario: Scenario) -> None:
    case = await scenario.decided(T1="M4")
    tables = ("case_file", "respondent", "case_event", "case_text", "directive_delivery")
    for hat in ("bureau_admin", "school_head", "head without a staff number"):
        roles = [hat] if hat in ("bureau_admin", "school_head") else ["school_head"]
        claimed = claims(roles, bureau=scenario.bureau, **HATS[hat])
        async with scenario.app.state.resources[Database].connection(
            Caller.from_claims(claimed)
        ) as connection:
            for name in tables:
                count = f"select count(*) from {name} where bureau_code = $1"
                assert await connection.fetchval(count, scenario.bureau) == 0, (hat, name)
                assert await scenario.sql(count, scenario.bureau) > 0, name
            changed = await connection.execute("update case_file set title = 'x'")
            assert changed == "UPDATE 0"
    claimed = claims(["bureau_admin"], bureau=scenario.bureau, staff_no="T1")
    async with scenario.app.state.resources[Database].connection(
        Caller.from_claims(claimed)
    ) as connection:
        entries = "select count(*) from change_log where bureau_code = $1"
        assert await connection.fetchval(entries, scenario.bureau) == 0
    assert (await scenario.read(case["id"]))["title"] == case["title"]


async def test_another_bureau_has_other_people(scenario: Scenario) -> None:
    """A staff number names somebody within a bureau."""
    case = await scenario.lead("T1")
    elsewhere = bearer("bureau_admin", bureau="999996", staff_no="T1")
    assert (await get(scenario, "/v1/cases", elsewhere)).json()["data"] == []
    assert (await get(scenario, f"/v1/cases/{case['id']}", elsewhere)).status_code == 404
