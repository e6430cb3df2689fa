import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.schools.county import (
    County,
    codes,
    csv_of,
    ndjson_of,
    person,
    read_csv,
    read_workbook,
    school,
)
from tests.support.importing import counts

NAMES = ["王%", "李_明", "张\\三", "赵四", "=SUM(A1)", "O'Brien", "欧阳", "赵四", "Ünal", "李明"]
POSTS = ("management", "professional", "worker")


@pytest.fixture
async def staffed(county: County) -> County:
    """Forty members of staff in two schools, with repeated names and dates."""
    rows = [
        person(
            f"T{n:02}",
            (county.one, county.two)[n % 2],
            n,
            name=NAMES[n % 10],
            post_category=POSTS[n % 3],
            employed_on=f"20{n % 7 + 10}-09-01",
            duty=None if n % 5 == 0 else f"岗位{n % 4}",
            left_on=f"20{n % 3 + 20}-07-31" if n % 4 == 0 else None,
        )
        for n in range(40)
    ]
    assert counts(await county.load("staff", ndjson_of(rows), "rows.ndjson")) == (40, 0, 0, 0)
    return county


FIELDS = ("staff_no", "name", "created_at", "employed_on", "updated_at", "school_code", "left_on")
ORDERS = st.lists(st.sampled_from(FIELDS), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.tuples(*(st.sampled_from([name, f"-{name}"]) for name in names))
)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    limit=st.integers(1, 45),
    order=ORDERS,
    chosen=st.fixed_dictionaries(
        {},
        optional={
            "post_category": st.lists(st.sampled_from(POSTS), min_size=1, max_size=2),
            "employed_on_gte": st.sampled_from(["2012-09-01", "2014-01-01"]),
            "duty": st.lists(st.sampled_from(["岗位1", "岗位2", "%"]), min_size=1, max_size=2),
            "left_on": st.sampled_from(["2020-07-31", "2021-07-31"]),
            "employed_on_lt": st.sampled_from(["2013-09-01", "2016-09-01"]),
            "q": st.sampled_from(["李", "四", "%", "_", "\\", "'"]),
        },
    ),
)
async def test_pages_of_any_size_give_each_row_once_in_order(
    staffed: County, limit: int, order: tuple[str, ...], chosen: dict[str, Any]
) -> None:
    everything = await staffed.all("/v1/staff", limit=1000)
    wanted = [row for row in everything if matches(row, chosen)]
    wanted.sort(key=lambda row: row["id"], reverse=order[-1].startswith("-"))
    for term in reversed(order):
        wanted.sort(key=place_in(term.removeprefix("-")), reverse=term.startswith("-"))
    sort = ",".join(order)
    rows = await staffed.all("/v1/staff", limit=limit, sort=sort, **chosen)
    assert [row["staff_no"] for row in rows] == [row["staff_no"] for row in wanted]
    page = await staffed.ok("GET", "/v1/staff", params=chosen | {"total": "exact", "limit": 1})
    assert page["total"] == len(wanted)
    exported = await staffed.call(
        "GET", "/v1/staff", params=chosen | {"sort": sort, "format": "csv"}
    )
    assert [row["staff_no"] for row in read_csv(exported.text)] == [
        row["staff_no"] for row in wanted
    ]


def place_in(field: str) -> Callable[[dict[str, Any]], tuple[bool, bytes]]:
    """What rows are ordered by; null comes last."""
    return lambda row: (row[field] is None, (row[field] or "").encode())


def matches(row: dict[str, Any], chosen: dict[str, Any]) -> bool:
    """Whether the row is of the selection."""
    tests: dict[str, Callable[[Any], bool]] = {
        "post_category": lambda wanted: row["post_category"] in wanted,
        "duty": lambda wanted: row["duty"] in wanted,
        "left_on": lambda wanted: row["left_on"] == wanted,
        "employed_on_gte": lambda bound: row["employed_on"] >= bound,
        "employed_on_lt": lambda bound: row["employed_on"] < bound,
        "q": lambda part: part in row["name"],
    }
    return all(tests[name](value) for name, value in chosen.items())


async def test_a_cursor_fits_its_query_and_caller_alone(staffed: County) -> None:
    first = await staffed.call("GET", "/v1/staff?limit=5&sort=name")
    cursor = first.json()["next_cursor"]
    good = {"limit": 7, "sort": "name", "cursor": cursor}
    assert (await staffed.call("GET", "/v1/staff", params=good)).status_code == 200
    changed: list[dict[str, Any]] = [
        {"sort": "-name"},
        {"sort": "name,staff_no"},
        {"sort": "staff_no"},
        {"q": "李"},
        {"post_category": "worker"},
        {"cursor": cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")},
        {"cursor": "A" + cursor[1:]},
        {"cursor": cursor + "AAAA"},
        {"cursor": "不是游标"},
        {"cursor": ""},
    ]
    for change in changed:
        answer = await staffed.call("GET", "/v1/staff", params=good | change)
        assert (answer.status_code, answer.json()["code"]) == (422, "platform.cursor_invalid")
    for subject in ({"bureau": "999994"}, {"schools": [staffed.one]}):
        answer = await staffed.call("GET", "/v1/staff", params=good, subject=subject)
        assert answer.json()["code"] == "platform.cursor_invalid"
    other = await staffed.call("GET", "/v1/schools", params={"sort": "name", "cursor": cursor})
    assert other.json()["code"] == "platform.cursor_invalid"


async def test_what_was_asked_for_in_the_end(county: County) -> None:
    """The filters and the order that api.md promises and that these lists once lacked."""
    await county.ok("POST", "/v1/schools", json=school(county.code(5), opened_on="1956-09-01"))
    await county.ok("POST", "/v1/schools", json=school(county.code(6), address="解放路1号"))
    await county.ok("POST", "/v1/staff", json=person("P1", county.one, 1, post_level=10))
    await county.ok("POST", "/v1/staff", json=person("P2", county.one, 2, post_level=4))
    for path, key, expected in [
        (f"schools?name={school(county.code(5))['name']}", "school_code", county.code(5)),
        ("schools?address=解放路1号", "school_code", county.code(6)),
        ("schools?opened_on=1956-09-01", "school_code", county.code(5)),
        ("schools?opened_on_lt=1957-01-01", "school_code", county.code(5)),
        ("staff?name=员工P1", "staff_no", "P1"),
        ("staff?post_level=10", "staff_no", "P1"),
        ("staff?post_level_lt=10", "staff_no", "P2"),
        ("staff?sort=school_code,-updated_at&limit=1", "staff_no", "P2"),
    ]:
        page = await county.ok("GET", f"/v1/{path}")
        assert [row[key] for row in page["data"]] == [expected], path


async def test_a_row_inserted_meanwhile_neither_repeats_nor_hides_others(staffed: County) -> None:
    first = await staffed.ok("GET", "/v1/staff?limit=20")
    await staffed.ok("POST", "/v1/staff", json=person("A00", staffed.one, 900))
    await staffed.ok("POST", "/v1/staff", json=person("T19a", staffed.one, 901))
    rest = await staffed.ok(
        "GET", "/v1/staff", params={"limit": 100, "cursor": first["next_cursor"]}
    )
    seen = [row["staff_no"] for row in first["data"] + rest["data"]]
    assert seen == [f"T{n:02}" for n in range(20)] + ["T19a"] + [f"T{n}" for n in range(20, 40)]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=1001", "/limit"),
        ("limit=many", "/limit"),
        ("sort=gender", "/sort"),
        ("sort=name,gender", "/sort"),
        ("sort=name,-name", "/sort"),
        ("sort=name,", "/sort"),
        ("sort=", "/sort"),
        ("sort=name,-staff_no,created_at,employed_on", "/sort"),
        ("colour=red", "/colour"),
        ("offset=5", "/offset"),
        ("total=guessed", "/total"),
        ("format=pdf", "/format"),
        ("fields=name,colour", "/fields"),
        ("fields=", "/fields"),
        ("employed_on_gte=yesterday", "/employed_on_gte"),
        ("q=", "/q"),
        ("q=%20%E3%80%80", "/q"),
        ("employed_on_gte=86400", "/employed_on_gte"),
        ("employed_on=2010-09-01&employed_on=0", "/employed_on/1"),
        ("created_at_gte=20260101", "/created_at_gte"),
        ("created_at_gte=2026-01-01T00:00:00", "/created_at_gte"),
        ("limit=1&limit=2", "/limit"),
        ("employed_on_gte=2010-09-01&employed_on_gte=2000-01-01", "/employed_on_gte"),
        ("q=%E5%BC%A0&q=%E6%9D%8E", "/q"),
    ],
)
async def test_a_query_that_means_nothing_is_refused(
    county: County, query: str, pointer: str
) -> None:
    answer = await county.call("GET", f"/v1/staff?{query}")
    assert answer.status_code == 422
    assert [where for where, _ in codes(answer)] == [pointer]


@pytest.mark.parametrize(
    "query",
    ["enrolment_gte=99999999999999999999", "enrolment_lt=-9223372036854775809", "q=%00",
     "school_code=%00", "updated_at_gte=9999-12-31T23:59:59%2B00:00"],
)  # fmt: skip
async def test_extreme_values_are_no_crash(county: County, query: str) -> None:
    answer = await county.call("GET", f"/v1/schools?{query}")
    assert answer.status_code in (200, 422)


async def test_exports_can_be_read_back(staffed: County) -> None:
    await staffed.ok("POST", "/v1/staff", json=person("F1", staffed.one, 800, name="=1+1"))
    await staffed.ok("POST", "/v1/staff", json=person("F2", staffed.one, 801, name="'=1+1"))
    await staffed.ok("POST", "/v1/staff", json=person("F3", staffed.one, 802, name="@标题 二"))
    answer = await staffed.call("GET", "/v1/staff?format=csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="staff.csv"'
    exported = read_csv(answer.text)
    assert {row["staff_no"]: row["name"] for row in exported if row["staff_no"][0] == "F"} == {
        "F1": "'=1+1", "F2": "''=1+1", "F3": "'@标题 二",
    }  # fmt: skip
    columns = ("staff_no", "name", "school_code", "post_category", "employed_on", "duty")
    numbers = {f"T{n:02}": n for n in range(40)} | {"F1": 800, "F2": 801, "F3": 802}
    before = await staffed.all("/v1/staff")
    rows = [
        {name: row[name] for name in columns}
        | {"id_number": person("", "", numbers[row["staff_no"]])["id_number"]}
        for row in exported
    ]
    assert counts(await staffed.load("staff", csv_of(rows))) == (0, 0, 43, 0)
    assert await staffed.all("/v1/staff") == before


async def test_both_exports_say_what_the_list_says(staffed: County) -> None:
    listed = await staffed.all("/v1/staff", sort="-employed_on")
    lines = (await staffed.call("GET", "/v1/staff?format=ndjson&sort=-employed_on")).text
    for row in listed:
        assert row.pop("etag") == f'"{row["version"]}"'
    assert [json.loads(line) for line in lines.splitlines()] == listed
    table = read_csv((await staffed.call("GET", "/v1/staff?format=csv&sort=-employed_on")).text)
    assert [row["id"] for row in table] == [row["id"] for row in listed]
    assert list(table[0]) == list(listed[0])


async def test_a_workbook_has_text_where_a_spreadsheet_would_guess(staffed: County) -> None:
    listed = await staffed.all("/v1/staff", sort="-employed_on")
    answer = await staffed.call("GET", "/v1/staff?format=xlsx&sort=-employed_on")
    assert answer.headers["content-disposition"] == 'attachment; filename="staff.xlsx"'
    found = read_workbook(answer.content)
    columns = ("staff_no", "name", "school_code", "employed_on", "duty", "version")
    assert [[row[name] for name in columns] for row in found] == [
        [row[name] for name in columns] for row in listed
    ]
    assert {type(row["school_code"]) for row in found} == {str}
    small = await staffed.call("GET", "/v1/staff?format=xlsx&fields=name,version&staff_no=T01")
    assert read_workbook(small.content) == [{"name": "李_明", "version": 1}]


async def test_a_sparse_page_has_the_fields_asked_for_in_their_order(staffed: County) -> None:
    page = await staffed.ok("GET", "/v1/staff?fields=name,etag,staff_no,name&limit=1")
    assert [list(row.items()) for row in page["data"]] == [
        [("name", "王%"), ("etag", '"1"'), ("staff_no", "T00")]
    ]
    table = (await staffed.call("GET", "/v1/staff?fields=staff_no&format=csv&bom=true")).content
    assert table.startswith(b"\xef\xbb\xbfstaff_no\nT00\nT01\n")


async def test_each_page_links_to_the_next(staffed: County) -> None:
    path, seen = "/v1/staff?limit=15&sort=-name&fields=staff_no", list[str]()
    while True:
        answer = await staffed.call("GET", path)
        seen += [row["staff_no"] for row in answer.json()["data"]]
        if answer.json()["next_cursor"] is None:
            break
        address, _, relation = answer.headers["link"].partition("; ")
        assert relation == 'rel="next"'
        path = "/v1/staff" + address.strip("<>")
    assert "link" not in answer.headers
    assert sorted(seen) == [f"T{n:02}" for n in range(40)]


async def test_a_small_selection_is_counted_even_where_an_estimate_would_do(
    staffed: County,
) -> None:
    page = await staffed.ok("GET", "/v1/staff?total=estimated&limit=1&school_code=" + staffed.one)
    assert page["total"] == 20


async def test_an_empty_export_still_has_its_header(county: County) -> None:
    answer = await county.call("GET", "/v1/staff?format=csv")
    assert answer.text.startswith("staff_no,name,school_code")
    assert (await county.call("GET", "/v1/staff?format=ndjson")).text == ""
