"""`q` of staff, schools and bureaus: a piece of the name, full pinyin or initials."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.lists.pinyin.named import NAME_KEYS
from services.chassis.lists.pinyin.names import keys_of
from tests.changes.copying import settled
from tests.schools.county import County, csv_of, ndjson_of, person, read_csv, school
from tests.support.importing import counts

# Many share a beginning or an initial, some have several readings.
COMMON = "王汪万李黎吕单曾解乐长小晓明敏阳洋一O'b3 _%"


async def found(county: County, q: str, path: str = "/v1/staff", key: str = "staff_no") -> set[str]:
    """The keys of the rows that `q` finds."""
    page = await county.ok("GET", path, params={"q": q, "limit": 1000, "total": "exact"})
    assert page["total"] == len(page["data"])
    return {row[key] for row in page["data"]}


async def employ(county: County, names: list[str]) -> None:
    """Give people these names, by import."""
    rows = [person(f"T{n}", county.one, n, name=name) for n, name in enumerate(names)]
    job = await county.load("staff", ndjson_of(rows), "rows.ndjson")
    assert job["state"] == "completed", job


@pytest.fixture
async def staffed(county: County) -> County:
    """A few people of whom each is found by something else."""
    await employ(county, ["王小明", "王晓梅", "单雄信", "吕布", "O'Brien", "李_明", "王%"])
    return county


@pytest.mark.quick("services.chassis.lists")
@pytest.mark.parametrize(
    ("q", "numbers"),
    [
        ("小", {"T0"}),
        ("王", {"T0", "T1", "T6"}),
        ("  王小 ", {"T0"}),
        ("wang", {"T0", "T1", "T6"}),
        ("wangxiaom", {"T0", "T1"}),
        ("Wang Xiaomi", {"T0"}),
        ("ｗｘｍ", {"T0", "T1"}),
        ("w", {"T0", "T1", "T6"}),
        ("shan", {"T2"}),
        ("sxx", {"T2"}),
        ("dan", set()),
        ("xiaoming", set()),
        ("lv", {"T3"}),
        ("lü", {"T3"}),
        ("lu", set()),
        ("l", {"T3", "T5"}),
        ("o'b", {"T4"}),
        ("OBRIEN", {"T4"}),
        ("'", {"T4"}),
        ("_", {"T5"}),
        ("李_", {"T5"}),
        ("%", {"T6"}),
        ("王%", {"T6"}),
        ("wang%", set()),
        ("w_ng", set()),
        ("*", set()),
        ("\\", set()),
        ("{0}", set()),
        ("' or 1=1 --", set()),
        ("wang') or true--", set()),
        ("$1", set()),
        ("王xm", set()),
        ("z" * 64, set()),
    ],
)
async def test_staff_are_found_by_name_pinyin_and_initials(
    staffed: County, q: str, numbers: set[str]
) -> None:
    assert await found(staffed, q) == numbers


NAME = st.text(COMMON, min_size=1, max_size=4).map(str.strip).filter(bool)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(names=st.lists(NAME, min_size=8, max_size=8), data=st.data(), other=NAME)
async def test_each_piece_and_each_beginning_of_a_key_finds_the_name_and_no_other(
    county: County, names: list[str], data: st.DataObject, other: str
) -> None:
    await employ(county, names)  # in place of those of the example before
    name = data.draw(st.sampled_from(names))
    start = data.draw(st.integers(0, len(name) - 1))
    piece = name[start : data.draw(st.integers(start + 1, len(name)))]
    keys = [key[: data.draw(st.integers(1, len(key)))] for key in keys_of(name) if key]
    for q in filter(str.strip, (piece, *keys, other)):
        expected = {f"T{n}" for n, name in enumerate(names) if fits(name, q)}
        assert await found(county, q) == expected, q
        # Of letters that are no pinyin, too, only the beginning finds a name.
        assert q == other or q.isascii() or f"T{names.index(name)}" in expected, q
    assert all(fits(name, key) for key in keys)


def fits(name: str, q: str) -> bool:
    """Whether `q` is to find the name."""
    typed = "".join(c for c in q.lower() if c not in " '")
    if typed.isascii() and typed.isalnum():
        return any(key.startswith(typed) for key in keys_of(name))
    return q.strip().lower() in name.lower()


async def keys(
    admin: "asyncpg.Connection[asyncpg.Record]", county: County, table: str = "staff"
) -> dict[str, tuple[str, str]]:
    """The stored keys of a table's rows by their names."""
    rows = await admin.fetch(
        f"select name, name_pinyin, name_initials from schools.{table} where bureau_code = $1",
        county.bureau,
    )
    return {row["name"]: (row["name_pinyin"], row["name_initials"]) for row in rows}


async def test_the_keys_follow_the_name_whoever_writes_it(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    body = person("T1", county.one, 1, name="王小明")
    await county.ok("POST", "/v1/staff", json=body)
    assert await keys(admin, county) == {"王小明": ("wangxiaoming", "wxm")}
    await county.ok("PATCH", "/v1/staff/by-key/T1", json={"name": "吕布"})
    assert await keys(admin, county) == {"吕布": ("lvbu", "lb")}
    assert await found(county, "lvb") == await found(county, "lb") == {"T1"}
    assert await found(county, "wang") == await found(county, "wxm") == set()
    await county.ok("PUT", "/v1/staff/by-key/T1", json=body | {"name": "单雄信"})
    assert await keys(admin, county) == {"单雄信": ("shanxiongxin", "sxx")}
    await county.load("staff", csv_of([body, person("T2", county.two, 2, name="解缙")]))
    assert await keys(admin, county) == {
        "王小明": ("wangxiaoming", "wxm"),
        "解缙": ("xiejin", "xj"),
    }
    await county.ok("PATCH", "/v1/staff/by-key/T2", json={"duty": "校长"})
    assert await found(county, "xj") == {"T2"}


async def test_keys_alone_are_no_change_of_an_import(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    rows = [person("T1", county.one, 1, name="王小明")]
    await county.load("staff", csv_of(rows))
    await county.ok("PATCH", f"/v1/schools/by-key/{county.one}", json={"name": "一小"})
    for table in ("staff", "school"):
        await admin.execute(
            f"update schools.{table} set name_pinyin = 'x' where bureau_code = $1", county.bureau
        )
    assert counts(await county.load("staff", csv_of(rows))) == (0, 0, 1, 0)
    exported = read_csv((await county.call("GET", "/v1/schools?format=csv")).text)
    written = [{name: row[name] for name in school("")} for row in exported]
    assert counts(await county.load("schools", csv_of(written))) == (0, 0, 2, 0)


async def test_schools_are_found_by_what_stands_anywhere_in_their_names(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    names = ["示例县实验小学", "重庆路ABC学校", "解放 50%小学"]
    rows = [school(county.code(n), name=name) for n, name in enumerate(names, 5)]
    await county.load("schools", csv_of(rows[:2]))
    await county.ok("POST", "/v1/schools", json=rows[2])
    assert (await keys(admin, county, "school"))["重庆路ABC学校"] == (
        "chongqingluabcxuexiao", "cqlabcxx",
    )  # fmt: skip
    for q, expected in {
        "实验": {5}, "shiyan": {5}, "syxx": {5}, "SLX SYXX": {5}, "chongqing": {6}, "bc": {6},
        "zhongqing": set[int](), "jf50": {7}, "50%": {7}, "%": {7}, "xiaoxue": {5, 7},
    }.items():  # fmt: skip
        codes = await found(county, q, "/v1/schools", "school_code")
        assert codes - {county.one, county.two} == {county.code(n) for n in expected}, q


async def test_a_bureau_is_found_by_its_initials(county: County) -> None:
    platform: dict[str, Any] = {"role": "system_admin", "subject": {"bureau": None}}
    body = {"bureau_code": county.bureau, "name": f"乐陵市教育局{county.bureau}"}
    await county.ok("POST", "/v1/bureaus", json=body, **platform)
    for q in ("laoling", f"sjyj{county.bureau}", f"教育局{county.bureau}"):
        page = await county.ok("GET", "/v1/bureaus", params={"q": q}, **platform)
        assert county.bureau in {row["bureau_code"] for row in page["data"]}


async def test_somebody_erased_is_found_by_the_old_name_no_more(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    body = person("T9", county.one, 9, name="王小明", left_on="2012-02-29", status="left")
    made = await county.ok("POST", "/v1/staff", json=body)
    assert await found(county, "wxm") == {"T9"}
    await county.ok("POST", f"/v1/staff/{made['id']}:erase", json={"reason": "本人申请"})
    assert await keys(admin, county) == {"(已删除)": ("yishanchu", "ysc")}
    for q in ("王", "wangxiaoming", "wxm", "w"):
        assert await found(county, q) == set()
    row = await admin.fetchval(
        "select s::text from schools.staff s where id = $1", UUID(made["id"])
    )
    assert "wxm" not in row


async def test_keys_are_nobodys_business(
    county: County, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    made = await county.ok("POST", "/v1/staff", json=person("T1", county.one, 1, name="王小明"))
    changed = await county.ok("PATCH", "/v1/staff/by-key/T1", json={"name": "吕布"})
    await admin.execute(
        "update schools.staff set name_pinyin = 'x', version = 9 where bureau_code = $1",
        county.bureau,
    )
    await settled()
    answers = [made, changed, await county.all("/v1/staff", q="l")]
    one = f"/v1/staff/{made['id']}"
    for path in (one, f"{one}/personal-data", f"{one}/history", "/v1/changes"):
        answers += [await county.ok("GET", path)]
    for kind in ("csv", "ndjson"):
        answers += [(await county.call("GET", f"/v1/staff?format={kind}")).text]
    logged = await admin.fetch(
        "select operation, changes::text as changes from schools.change_log where row_id = $1 "
        "and operation <> 'access' order by position, id",
        UUID(made["id"]),
    )
    assert [entry["operation"] for entry in logged] == ["insert", "update"]
    assert '["王小明","吕布"]' in logged[1]["changes"]
    shown = str(answers) + str(logged)
    assert not any(name in shown for name in (*NAME_KEYS, "wangxiaoming", "lvbu"))
    await admin.execute("delete from schools.staff where id = $1", UUID(made["id"]))
    gone = await admin.fetchval(
        "select changes::text from schools.change_log where row_id = $1 and operation = 'delete'",
        UUID(made["id"]),
    )
    assert "吕布" in gone
    assert not any(name in gone for name in NAME_KEYS)
