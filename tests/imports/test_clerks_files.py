"""Three files as offices have them, brought to "all stored" in four steps without another tool.

A step is a request: a look, an import, another one after reading what was wrong.
"""

from typing import Any

import pytest

from tests.imports.real_files import SCHOOL_HEADER, Book, faults_of, look
from tests.schools.county import County, id_number
from tests.support.importing import Job, counts

MOST_STEPS = 4


class Clerk:
    """Somebody who reads what the platform says, and does it."""

    def __init__(self, county: County, resource: str, content: bytes) -> None:
        self._county, self._resource, self._content = county, resource, content
        self.options: dict[str, Any] = {}
        self.steps = 0

    async def look(self) -> Any:
        """Look at the columns, and take the suggestions."""
        self.steps += 1
        seen = await look(self._county, self._content, "a.xlsx", self._resource)
        self.options["ignore_unknown_columns"] = True
        self.options["column_mapping"] = {
            one["header"]: one["suggestions"][0]["field"]
            for one in seen["columns"]
            if one["suggestions"] and one["suggestions"][0]["score"] == 1
        }
        return seen

    async def load(self) -> Job:
        """Import the file."""
        self.steps += 1
        return await self._county.load(self._resource, self._content, "a.xlsx", **self.options)

    async def take_nearest(self, job: Job) -> None:
        """Have every unknown word stand for the code that is nearest to it."""
        mapping: dict[str, dict[str, str]] = {}
        for fault in await faults_of(self._county, job):
            assert fault["code"] == "code.unknown", fault["message"]
            nearest = fault["params"]["nearest"][0]
            mapping.setdefault(fault["field"], {})[fault["params"]["value"]] = nearest
        self.options["value_mapping"] = mapping


@pytest.fixture
def city(county: County) -> bytes:
    """Schools of a city: a title, codes as numbers, words of its own, a note at the end."""
    types = [("初级中学", "31"), ("完小", "21"), ("九年一贯制", "31"), ("教学点", "21")]
    made = Book()
    sheet = made.sheet(
        "学校一览表",
        [
            ["示例市义务教育学校一览表"],
            [],
            ["序号", *SCHOOL_HEADER, "举办者", "备注"],
            *(
                [
                    n,
                    int(county.code(n, types[n % 4][1])),
                    f"示例{n}",
                    types[n % 4][0],
                    "镇区",
                    "教育",
                ]
                for n in range(20, 99)
            ),
            ["合计", None, "=COUNTA(C4:C82)"],
            ["填表人：王某", None, "审核人：李某"],
        ],
    )
    sheet.merge_range("A1:G1", "示例市义务教育学校一览表")
    return made.content()


@pytest.fixture
def ministry(county: County) -> bytes:
    """A ministry's list: a section for each of 33 provinces, merged over all columns."""
    rows: list[list[Any]] = [["名单"], ["序号", "学校名称", "学校标识码", "办学类型", "城乡类型"]]
    sections = []
    for province in range(33):
        sections.append(len(rows))
        rows.append([f"第{province}省（2所）"])
        rows += [
            [n, f"示例小学{n}", county.code(n), "小学", "村庄"]
            for n in (20 + 2 * province, 21 + 2 * province)
        ]
    made = Book()
    sheet = made.sheet("名单", rows)
    for at in sections:
        sheet.merge_range(at, 0, at, 4, rows[at][0])
    return made.content()


@pytest.fixture
def roster(county: County) -> bytes:
    """A roster of 84 columns in two rows of headers, behind a sheet of instructions."""
    named = ["职工号", "教师姓名", "身份证号码", "学校代码", "岗位类型", "参加工作日期"]
    more = [f"自设项目{n}" for n in range(78)]
    made = Book()
    made.sheet("填表说明", [["请如实填写"]])
    sheet = made.sheet(
        "花名册",
        [
            ["基本信息", *[None] * 5, "其他", *[None] * 77],
            [*named, *more],
            *(
                [
                    f"T{n}",
                    f"员\u200b工{n}",
                    id_number(n),
                    int(county.one),
                    "专技岗位",
                    "2010.9.1",
                    *more,
                ]
                for n in range(60)
            ),
        ],
    )
    sheet.merge_range("A1:F1", "基本信息")
    sheet.merge_range(0, 6, 0, 83, "其他")
    return made.content()


async def test_schools_of_a_city(county: County, city: bytes) -> None:
    clerk = Clerk(county, "schools", city)
    seen = await clerk.look()
    assert seen["header_row"] == 3
    first = await clerk.load()
    await clerk.take_nearest(first)
    job = await clerk.load()
    assert (counts(job), clerk.steps) == ((79, 0, 0, 0), 3)
    assert job["reading"]["columns_passed_over"] == ["序号", "举办者", "备注"]
    assert [one["reason"] for one in job["reading"]["rows_passed_over"]] == ["total", "note"]


async def test_the_list_of_a_ministry(county: County, ministry: bytes) -> None:
    clerk = Clerk(county, "schools", ministry)
    await clerk.look()
    job = await clerk.load()
    assert (job["problem"], counts(job), clerk.steps) == (None, (66, 0, 0, 0), 2)
    (passed,) = job["reading"]["rows_passed_over"]
    assert (passed["reason"], passed["count"], len(passed["first"])) == ("section", 33, 20)


async def test_a_roster_of_84_columns(county: County, roster: bytes) -> None:
    clerk = Clerk(county, "staff", roster)
    seen = await clerk.look()
    assert (seen["sheet"], len(seen["columns"]), seen["missing"][0]["field"]) == (
        "花名册", 84, "staff_no",
    )  # fmt: skip
    first = await clerk.load()
    await clerk.take_nearest(first)
    job = await clerk.load()
    assert (counts(job), clerk.steps <= MOST_STEPS) == ((60, 0, 0, 0), True)
    assert len(job["reading"]["columns_passed_over"]) == 78
