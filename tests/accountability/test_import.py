import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.accountability.world import LEAD, OTHER_SCHOOL, SCHOOL, World, codes

HEADER = "案号,案由,事实,问责情形,线索来源,学校标识码,发现日期"
ROWS = (
    f"2025-001,环境脏乱,无人清理,校园环境脏乱,投诉举报,{SCHOOL},2025-05-27",
    f'2025-002,虚列支出,"三笔,已追回",T2-7,audit,{OTHER_SCHOOL},2025-06-19',
)


def table(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows, ""]).encode()


async def load(
    world: World, body: bytes, kind: str = "text/csv", headers: dict[str, str] | None = None
) -> httpx.Response:
    return await world.client.post(
        "/v1/cases:import",
        content=body,
        headers=(headers or world.as_("bureau_admin")) | {"Content-Type": kind},
    )


async def case(world: World, case_no: str) -> dict[str, Any]:
    found: dict[str, Any] = (await world.call("GET", f"/v1/cases/by-key/{case_no}")).json()
    return found


async def test_leads_come_in_and_again_without_effect(world: World) -> None:
    first = await load(world, table(*ROWS))
    assert first.json() == {"rows": 2, "created": 2, "updated": 0, "unchanged": 0}
    again = await load(world, table(*ROWS))
    assert again.json() == {"rows": 2, "created": 0, "updated": 0, "unchanged": 2}
    stored = await case(world, "2025-002")
    assert stored["state"] == "lead"
    assert stored["facts"] == "三笔,已追回"
    assert stored["school_name"] == "城关第二小学"
    assert stored["opened_by"] is not None
    events = await world.events(stored["id"])
    assert [(event["entry"], event["verb"]) for event in events] == [(1, "open")]


async def test_leads_are_corrected_by_a_second_file(world: World) -> None:
    await load(world, table(*ROWS))
    opened_by = (await case(world, "2025-001"))["opened_by"]
    changed = ROWS[0].replace("环境脏乱,无人", "环境脏乱差,无人")
    other = world.as_("supervisor")
    report = await load(world, table(changed, ROWS[1]), headers=other)
    assert report.json() == {"rows": 2, "created": 0, "updated": 1, "unchanged": 1}
    stored = await case(world, "2025-001")
    assert (stored["title"], stored["version"]) == ("环境脏乱差", 2)
    assert stored["opened_by"] == opened_by
    events = await world.events(stored["id"])
    assert [(event["verb"], event["actor_name"]) for event in events] == [
        ("open", "bureau_admin"),
        ("update", "supervisor"),
    ]


async def test_ndjson_is_read_too(world: World) -> None:
    lines = [json.dumps(LEAD | {"case_no": f"N-{index}"}) for index in range(3)]
    report = await load(world, "\n".join(lines).encode(), "application/x-ndjson")
    assert report.json()["created"] == 3


async def test_an_imported_lead_lives_on(world: World) -> None:
    await load(world, table(*ROWS))
    stored = await case(world, "2025-001")
    filed = await world.go(stored["id"], "file")
    assert filed["state"] == "filed"


async def test_a_case_beyond_lead_is_not_overwritten(world: World) -> None:
    await load(world, table(*ROWS))
    stored = await case(world, "2025-001")
    filed = await world.go(stored["id"], "file")
    refused = await load(world, table(*ROWS))
    assert refused.status_code == 422
    assert codes(refused) == {("/rows/2/case_no", "case.not_lead")}
    assert await case(world, "2025-001") == filed


def broken(old: str, new: str) -> bytes:
    """A table whose one row has something wrong."""
    return table(ROWS[0].replace(old, new))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (table(ROWS[0], ROWS[0]), ("/rows/3/case_no", "import.duplicate_in_file")),
        (broken(SCHOOL, "2162000404"), ("/rows/2/school_code", "school.unknown")),
        (broken("校园环境脏乱", "T9"), ("/rows/2/trigger", "code.unknown")),
        (
            table(ROWS[0].replace("2025-05-27", "去年")),
            ("/rows/2/found_on", "date_from_datetime_parsing"),
        ),
        (broken("2025-001", ""), ("/rows/2/case_no", "missing")),
        (table(ROWS[0] + ",x"), ("/rows/2", "import.column_count")),
        (broken("无人", '"无人'), ("/rows/2", "import.malformed_csv")),
        (
            table().replace("案由".encode(), "罪名".encode()),
            ("/rows/1/罪名", "import.unknown_column"),
        ),
        (table(*ROWS).decode().encode("gb18030"), ("/rows/1", "import.encoding")),
        (broken("无人", "无\x00人"), ("/rows/2", "text.nul")),
        (b"", ("/rows/1", "import.empty")),
    ],
)
async def test_one_fault_refuses_the_file(
    world: World, body: bytes, fault: tuple[str, str]
) -> None:
    refused = await load(world, body)
    assert refused.status_code == 422, refused.text
    assert fault in codes(refused)
    for table_name in ("case_file", "case_event"):
        count = f"select count(*) from {table_name} where bureau_code = $1"
        assert await world.sql(count, world.bureau) == 0


async def test_other_types_are_refused_unread(world: World) -> None:
    refused = await load(world, b"{}", "application/json")
    assert refused.status_code == 415


async def test_without_the_registry_no_lead_comes_in(world: World) -> None:
    world.gateway.is_down = True
    refused = await load(world, table(*ROWS))
    assert refused.status_code == 503
    count = "select count(*) from case_file where bureau_code = $1"
    assert await world.sql(count, world.bureau) == 0


async def test_a_school_head_imports_for_the_own_school_only(world: World) -> None:
    head = world.as_("school_head", schools=[SCHOOL])
    refused = await load(world, table(*ROWS), headers=head)
    assert codes(refused) == {("/rows/3/school_code", "school.out_of_scope")}
    await load(world, table(ROWS[1]))
    mine = ROWS[0].replace("2025-001", "2025-002")
    taken = await load(world, table(mine), headers=head)
    assert codes(taken) == {("", "import.taken")}
    assert (await load(world, table(ROWS[0]), headers=head)).json()["created"] == 1


async def test_another_bureaus_numbers_do_not_matter(world: World) -> None:
    await load(world, table(*ROWS))
    elsewhere = World(world.app, world.client, world.gateway, "999997")
    name = f"E-{world.bureau}"
    report = await load(elsewhere, table(ROWS[0].replace("2025-001", name)))
    assert report.json()["created"] == 1
    assert (await world.call("GET", f"/v1/cases/by-key/{name}")).status_code == 404


async def test_filing_and_importing_at_once_never_mix(world: World) -> None:
    await load(world, table(*ROWS))
    stored = await case(world, "2025-001")
    changed = table(ROWS[0].replace("环境脏乱,无人", "导入的案由,无人"))
    imported, filed = await asyncio.gather(load(world, changed), world.do(stored["id"], "file"))
    assert filed.status_code == 200
    after = await case(world, "2025-001")
    # Either the import was first and the new title was filed, or it came too late.
    assert (imported.status_code, after["title"]) in [(200, "导入的案由"), (422, "环境脏乱")]
