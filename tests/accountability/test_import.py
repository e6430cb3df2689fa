import asyncio
import json
from typing import Any

import pytest

from tests.accountability.scenario import LEAD, OTHER_SCHOOL, SCHOOL, Scenario
from tests.support.importing import Outcome, attempt

HEADER = "案号,案由,事实,问责情形,线索来源,学校标识码,发现日期"
ROWS = (
    f"2025-001,环境脏乱,无人清理,校园环境脏乱,投诉举报,{SCHOOL},2025-05-27",
    f'2025-002,虚列支出,"三笔,已追回",T2-7,audit,{OTHER_SCHOOL},2025-06-19',
)


def table(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows, ""]).encode()


async def load(
    scenario: Scenario, body: bytes, name: str = "leads.csv", headers: dict[str, str] | None = None
) -> Outcome:
    caller = headers or scenario.as_("bureau_admin")
    return await attempt(scenario.client, caller, "cases", body, file_name=name)


async def case(scenario: Scenario, case_no: str) -> dict[str, Any]:
    found: dict[str, Any] = (await scenario.call("GET", f"/v1/cases/by-key/{case_no}")).json()
    return found


@pytest.mark.quick("services.accountability.cases")
async def test_leads_come_in_and_again_without_effect(scenario: Scenario) -> None:
    assert (await load(scenario, table(*ROWS))).counts == (2, 0, 0, 0)
    assert (await load(scenario, table(*ROWS))).counts == (0, 0, 2, 0)
    stored = await case(scenario, "2025-002")
    assert stored["state"] == "lead"
    assert stored["facts"] == "三笔,已追回"
    assert stored["school_name"] == "城关第二小学"
    assert stored["opened_by"] is not None
    events = await scenario.events(stored["id"])
    assert [(event["entry"], event["verb"]) for event in events] == [(1, "open")]


async def test_leads_are_corrected_by_a_second_file(scenario: Scenario) -> None:
    await load(scenario, table(*ROWS))
    opened_by = (await case(scenario, "2025-001"))["opened_by"]
    changed = ROWS[0].replace("环境脏乱,无人", "环境脏乱差,无人")
    other = scenario.as_("supervisor")
    assert (await load(scenario, table(changed, ROWS[1]), headers=other)).counts == (0, 1, 1, 0)
    stored = await case(scenario, "2025-001")
    assert (stored["title"], stored["version"]) == ("环境脏乱差", 2)
    assert stored["opened_by"] == opened_by
    events = await scenario.events(stored["id"])
    assert [(event["verb"], event["actor_name"]) for event in events] == [
        ("open", "bureau_admin"),
        ("update", "supervisor"),
    ]


async def test_a_school_may_be_called_what_python_takes_for_two_lines(scenario: Scenario) -> None:
    scenario.gateway.schools[SCHOOL] = "城关\u2028第一\u0085小学"
    assert (await load(scenario, table(*ROWS))).counts == (2, 0, 0, 0)
    assert (await case(scenario, "2025-001"))["school_name"] == "城关\u2028第一\u0085小学"


async def test_facts_may_have_paragraphs(scenario: Scenario) -> None:
    row = ROWS[0].replace("无人清理", '"无人清理。\n\n已整改。"')
    assert (await load(scenario, table(row))).counts == (1, 0, 0, 0)
    assert (await case(scenario, "2025-001"))["facts"] == "无人清理。\n\n已整改。"


async def test_ndjson_is_read_too(scenario: Scenario) -> None:
    lines = [json.dumps(LEAD | {"case_no": f"N-{index}"}) for index in range(3)]
    assert (await load(scenario, "\n".join(lines).encode(), "leads.ndjson")).counts == (3, 0, 0, 0)


async def test_an_imported_lead_lives_on(scenario: Scenario) -> None:
    await load(scenario, table(*ROWS))
    stored = await case(scenario, "2025-001")
    filed = await scenario.go(stored["id"], "file")
    assert filed["state"] == "filed"


async def test_a_case_beyond_lead_is_not_overwritten(scenario: Scenario) -> None:
    await load(scenario, table(*ROWS))
    stored = await case(scenario, "2025-001")
    filed = await scenario.go(stored["id"], "file")
    refused = await load(scenario, table(ROWS[0].replace("环境脏乱,无人", "别的案由,无人")))
    assert refused.faults == [(2, "case_no", "case.not_lead")]
    assert await case(scenario, "2025-001") == filed
    assert (await load(scenario, table(*ROWS))).counts == (0, 0, 2, 0)


def broken(old: str, new: str) -> bytes:
    """A table whose one row has something wrong."""
    return table(ROWS[0].replace(old, new))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (table(ROWS[0], ROWS[0]), (3, "case_no", "import.duplicate_in_file")),
        (broken(SCHOOL, "2162000404"), (2, "school_code", "school.unknown")),
        (broken("校园环境脏乱", "T9"), (2, "trigger", "code.unknown")),
        (
            table(ROWS[0].replace("2025-05-27", "去年")),
            (2, "found_on", "date_from_datetime_parsing"),
        ),
        (broken("2025-001", ""), (2, "case_no", "missing")),
        (table(ROWS[0] + ",x"), (2, "", "import.column_count")),
        (broken("无人", '"无人'), (2, "", "import.malformed_csv")),
    ],
)
async def test_one_fault_refuses_the_file(
    scenario: Scenario, body: bytes, fault: tuple[int, str, str]
) -> None:
    refused = await load(scenario, body)
    assert (refused.code, refused.faults) == ("import.rows_failed", [fault])
    for table_name in ("case_file", "case_event"):
        count = f"select count(*) from {table_name} where bureau_code = $1"
        assert await scenario.sql(count, scenario.bureau) == 0


async def test_gb18030_is_found_out(scenario: Scenario) -> None:
    assert (await load(scenario, table(*ROWS).decode().encode("gb18030"))).counts == (2, 0, 0, 0)


async def test_a_lead_waits_for_the_registry(scenario: Scenario) -> None:
    scenario.gateway.is_down = True
    waiting = asyncio.create_task(load(scenario, table(*ROWS)))
    count = "select count(*) from case_file where bureau_code = $1"
    job = "select count(*) from import_job where bureau_code = $1 and state = 'validating'"
    async with asyncio.timeout(10):
        while not await scenario.sql(job, scenario.bureau):
            await asyncio.sleep(0.02)
    assert await scenario.sql(count, scenario.bureau) == 0
    scenario.gateway.is_down = False
    assert (await waiting).counts == (2, 0, 0, 0)


async def test_a_school_head_imports_for_the_own_school_only(scenario: Scenario) -> None:
    head = scenario.as_("school_head", schools=[SCHOOL])
    refused = await load(scenario, table(*ROWS), headers=head)
    assert refused.faults == [(3, "school_code", "school.out_of_scope")]
    await load(scenario, table(ROWS[1]))
    mine = ROWS[0].replace("2025-001", "2025-002")
    taken = await load(scenario, table(mine), headers=head)
    assert taken.faults == [(2, "case_no", "import.taken")]
    assert (await load(scenario, table(ROWS[0]), headers=head)).counts == (1, 0, 0, 0)


async def test_another_bureaus_numbers_do_not_matter(scenario: Scenario) -> None:
    await load(scenario, table(*ROWS))
    elsewhere = Scenario(scenario.app, scenario.client, scenario.gateway, "999997")
    name = f"E-{scenario.bureau}"
    renamed = table(ROWS[0].replace("2025-001", name))
    assert (await load(elsewhere, renamed)).counts == (1, 0, 0, 0)
    assert (await scenario.call("GET", f"/v1/cases/by-key/{name}")).status_code == 404


async def test_filing_and_importing_at_once_never_mix(scenario: Scenario) -> None:
    await load(scenario, table(*ROWS))
    stored = await case(scenario, "2025-001")
    changed = table(ROWS[0].replace("环境脏乱,无人", "导入的案由,无人"))
    imported, filed = await asyncio.gather(
        load(scenario, changed), scenario.do(stored["id"], "file")
    )
    assert filed.status_code == 200
    after = await case(scenario, "2025-001")
    # Either the import was first and the new title was filed, or it came too late.
    assert (imported.code, after["title"]) in [
        (None, "导入的案由"), ("import.rows_failed", "环境脏乱"),
    ]  # fmt: skip
