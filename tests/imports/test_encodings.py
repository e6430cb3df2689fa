"""Texts in any encoding, and in two: what is readable is read, what is not costs its row."""

import codecs
from typing import Any

import pytest

from tests.schools.county import County, person, read_csv, school
from tests.support.importing import counts

TITLES = "学校标识码,学校名称,办学类型,城乡类型"
FIELDS = "school_code,name,school_type,area_type"
NAMES = ("示范小学校区", "河西中心小学", "城关镇第二小学", "联通路小学", "艾力·买买提小学")
OTHER = {"utf-8": "gb18030", "gb18030": "utf-8"}


def lines(county: County, *names: str, header: str = TITLES) -> list[str]:
    """A file of schools by their names, line by line."""
    return [header, *(f"{county.code(n)},{name},小学,村庄" for n, name in enumerate(names, 10))]


async def names_of(county: County) -> list[str]:
    """The names of the schools that the file has brought."""
    rows = await county.all("/v1/schools", sort="school_code")
    return [row["name"] for row in rows if row["school_code"] >= county.code(10)]


def mixed(found: list[str], encoding: str, *others: int) -> bytes:
    """Lines of which the others are in the other of the two encodings."""
    return b"".join(
        (line + "\r\n").encode(OTHER[encoding] if number in others else encoding)
        for number, line in enumerate(found)
    )


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("encoding", OTHER)
async def test_a_line_in_another_encoding_costs_its_row(
    county: County, encoding: str, quote: str
) -> None:
    found = [TITLES, *(line.replace(",", f"{quote},{quote}") for line in lines(county, *NAMES)[1:])]
    found[1:] = [f"{quote}{line}{quote}" for line in found[1:]]
    job = await county.load("schools", mixed(found, encoding, 1), mode="valid_rows")
    assert (job["encoding"], job["faults"]) == (encoding, [(2, "", "import.encoding")])
    assert await names_of(county) == [*NAMES[1:]]

    answer = await county.call("GET", f"/v1/imports/{job['id']}/failed-rows")
    again = await county.load("schools", answer.content, mode="valid_rows")
    assert again["faults"] == [(2, "", "import.encoding")], "until somebody has corrected it"
    by_hand = answer.content.decode("utf-8-sig", "replace").splitlines()
    by_hand[1] = lines(county, NAMES[0])[1] + "," * 4
    again = await county.load("schools", "\n".join(by_hand))
    assert counts(again) == (1, 0, 0, 0)


# What the header is in decides; where it says nothing, most of the lines do.
@pytest.mark.parametrize(
    ("header", "encoding", "others"),
    [
        (TITLES, "utf-8", (1,)),
        (TITLES, "utf-8", (1, 2)),
        (TITLES, "utf-8", (1, 2, 3)),
        (TITLES, "gb18030", (1, 2)),
        (TITLES, "gb18030", (1, 2, 3)),
        (FIELDS, "utf-8", (2,)),
        (FIELDS, "gb18030", (3,)),
    ],
)
async def test_a_short_file_is_not_lost_for_some_of_its_rows(
    county: County, header: str, encoding: str, others: tuple[int, ...]
) -> None:
    found = lines(county, *NAMES[:3], header=header)
    job = await county.load("schools", mixed(found, encoding, *others), mode="valid_rows")
    assert (job["state"], job["encoding"]) == ("completed", encoding)
    assert job["faults"] == [(row + 1, "", "import.encoding") for row in others]


async def test_one_row_that_is_ascii_and_one_in_another_encoding(county: County) -> None:
    found = [TITLES, "x,y,z,w", *lines(county, NAMES[0])[1:]]
    job = await county.load("schools", mixed(found, "utf-8", 2), mode="valid_rows")
    assert job["state"] == "completed"
    assert {row for row, _, _ in job["faults"]} == {2, 3}
    assert (3, "", "import.encoding") in job["faults"]


async def test_a_line_in_another_encoding_of_ndjson(county: County) -> None:
    rows = [str(school(county.code(n), name=name)) for n, name in enumerate(NAMES, 10)]
    content = mixed([row.replace("'", '"') for row in rows], "gb18030", 2)
    job = await county.load("schools", content, "a.ndjson", mode="valid_rows")
    assert job["faults"] == [(3, "", "import.encoding")]


MARKED: dict[str, Any] = {
    "utf-8": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-8 twice": lambda text: codecs.BOM_UTF8 * 2 + text.encode(),
    "gb18030": lambda text: ("\ufeff" + text).encode("gb18030"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 twice": lambda text: ("\ufeff" + text).encode("utf-16"),
    "utf-16-be": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
}


@pytest.mark.parametrize("form", ["csv", "ndjson"])
@pytest.mark.parametrize("kind", MARKED)
async def test_a_mark_is_no_part_of_the_text(county: County, kind: str, form: str) -> None:
    row = school(county.code(10), name="！全角小学")  # begins with a byte that marks have, too
    text = "\n".join(lines(county, row["name"]))
    if form == "ndjson":
        text = str(row).replace("'", '"')
    job = await county.load("schools", MARKED[kind](text), "rows")
    assert (job["problem"], counts(job), job["format"]) == (None, (1, 0, 0, 0), form)
    assert job["encoding"].startswith(kind.partition(" ")[0])
    assert await names_of(county) == [row["name"]]


async def test_a_mark_outweighs_what_the_caller_says(county: County) -> None:
    content = MARKED["utf-8"]("\n".join(lines(county, *NAMES)))
    job = await county.load("schools", content, encoding="gb18030")
    assert (job["encoding"], counts(job)) == ("utf-8", (len(NAMES), 0, 0, 0))


async def faults_of(county: County, content: str) -> list[tuple[str, str, str]]:
    """Field, code and words of the faults of a file."""
    job = await county.load("staff", content, mode="valid_rows")
    answer = await county.ok(
        "GET", f"/v1/imports/{job['id']}/faults", headers={"Accept-Language": "en"}
    )
    return [(fault["field"], fault["code"], fault["message"]) for fault in answer["data"]]


@pytest.mark.parametrize("beside", ["王", '"王"'])
@pytest.mark.parametrize("quote", ["", '"'])
async def test_a_cell_that_is_too_long_is_told_as_such(
    county: County, quote: str, beside: str
) -> None:
    row = person("T1", county.one, 1, name=beside, duty=f"{quote}{'长' * 50_000}{quote}")
    content = "\n".join([",".join(row), ",".join(map(str, row.values()))])
    assert await faults_of(county, content) == [
        ("duty", "string_too_long", "At most 50 characters")
    ]


async def test_a_quote_that_is_never_closed_costs_its_line(county: County) -> None:
    rows = [person(f"T{n}", county.one, n) for n in range(4000)]
    content = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    content[5] = '"' + content[5]
    job = await county.load("staff", "\n".join(content), mode="valid_rows")
    assert (counts(job), job["faults"]) == ((3999, 0, 0, 1), [(6, "", "import.malformed_csv")])


@pytest.mark.parametrize(
    ("name", "words"),
    [("王\r明", "lone CR"), ('"王"\r明', "lone CR"), ('"王', "unbalanced quotes")],
)
async def test_what_is_malformed_is_said(county: County, name: str, words: str) -> None:
    row = person("T1", county.one, 1, name=name)
    content = "\n".join([",".join(row), ",".join(map(str, row.values()))])
    ((field, code, message),) = await faults_of(county, content)
    assert (field, code) == ("", "import.malformed_csv")
    assert words in message


async def test_a_row_that_cannot_be_read_is_handed_out_byte_for_byte(county: County) -> None:
    found = lines(county, *NAMES)
    job = await county.load("schools", mixed(found, "utf-8", 2), mode="valid_rows")
    answer = await county.call("GET", f"/v1/imports/{job['id']}/failed-rows")
    assert NAMES[1].encode("gb18030") in answer.content
    (row,) = read_csv(answer.content.decode("utf-8-sig", "replace"))
    assert row["_row"] == "3"
