"""Files with many faults: what is known of them must not make an import slow, nor its answers."""

import pytest

from services.chassis.imports.formats import splitting
from tests.schools.county import County, csv_of, person, read_csv
from tests.support.importing import counts

ROWS = 700


async def test_every_row_is_in_one_of_the_two_files(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splitting, "PART_BYTES", 4000)
    good = [n for n in range(ROWS) if n % 7 == 0]
    rows = [
        person(f"F{n}", county.one, n) | ({} if n in good else {"post_category": "x"})
        for n in range(ROWS)
    ]
    job = await county.load("staff", csv_of(rows), mode="valid_rows")
    assert counts(job) == (len(good), 0, 0, ROWS - len(good))

    async def staff_in(kind: str) -> list[str]:
        answer = await county.call("GET", f"/v1/imports/{job['id']}/{kind}")
        return [row["staff_no"] for row in read_csv(answer.content.decode("utf-8-sig"))]

    assert await staff_in("applied-rows") == [f"F{n}" for n in good]
    assert await staff_in("failed-rows") == [f"F{n}" for n in range(ROWS) if n not in good]


async def test_they_are_read_page_by_page(county: County) -> None:
    rows = [person(f"F{n}", county.one, n, post_category="x", status="y") for n in range(7)]
    job = await county.load("staff", csv_of(rows))
    path = f"/v1/imports/{job['id']}/faults"
    found = await county.all(path, limit=2, sort="-row")
    assert [fault["row"] for fault in found] == [row for row in range(8, 1, -1) for _ in "xy"]
    assert found == await county.all(path, sort="-row")
