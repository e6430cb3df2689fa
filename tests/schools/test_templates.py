"""Templates of the school registry: every one can be imported once it is filled in."""

import io
import re
import zipfile

import asyncpg
import httpx
import pytest

from services.chassis.imports.engine.imports import Imports
from services.schools.main import app
from tests.schools.county import County
from tests.support.importing import counts, table
from tests.support.templates import round_trip, template
from tests.support.tokens import bearer

RESOURCES = ("schools", "staff", "assignments")


def part(workbook: bytes, name: str) -> str:
    """A part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return archive.read(name).decode()


def sheets(workbook: bytes) -> list[tuple[str, str]]:
    """The names of the sheets, and whether they can be seen."""
    listed = re.findall(r'<sheet name="([^"]*)"([^>]*)/>', part(workbook, "xl/workbook.xml"))
    return [(name, "hidden" if "hidden" in rest else "visible") for name, rest in listed]


async def test_what_can_be_imported_is_listed(county: County) -> None:
    listed = await county.ok("GET", "/v1/import-templates")
    assert [one["resource"] for one in listed["data"]] == list(RESOURCES)
    staff = {column["field"]: column for column in listed["data"][1]["columns"]}
    assert staff["staff_no"] == {
        "field": "staff_no", "title_zh": "工号", "title_en": "Staff no",
        "description": "教职工在本局内唯一的编号", "kind": "text", "is_text": True,
        "is_required": True, "is_key": True, "codes": None, "example": "T000001",
    }  # fmt: skip
    assert staff["post_level"]["kind"] == "integer"
    assert staff["employed_on"]["example"] == "2008-09-01"
    assert staff["title"]["codes"][0]["label_zh"]
    english = await county.ok("GET", "/v1/import-templates", headers={"Accept-Language": "en"})
    assert english["data"][1]["columns"][0]["description"] == "Staff number, unique in the bureau"


async def test_only_what_the_caller_may_write_is_listed(county: County) -> None:
    listed = await county.ok("GET", "/v1/import-templates", role="school_officer")
    refused = await county.call("GET", "/v1/import-templates/schools.xlsx", role="school_officer")
    assert [one["resource"] for one in listed["data"]] == ["staff", "assignments"]
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.missing_scope")


async def test_templates_filled_in_with_their_example_are_imported(
    client: httpx.AsyncClient, bureau: str, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    # Codes are unique in the country, and other tests send the same example.
    await admin.execute("delete from schools.school where school_code = '2162000001'")
    headers = bearer("bureau_admin", bureau=bureau)
    for resource in RESOURCES:
        spec = app.state.resources[Imports].specs[resource]
        new = await round_trip(client, headers, spec, "zh-CN")
        same = await round_trip(client, headers, spec, "en")
        assert (counts(new), counts(same)) == ((1, 0, 0, 0), (0, 0, 1, 0))
        for job in (new, same):
            assert {column["field"] for column in job["columns"]} == set(spec.row.model_fields)


async def test_a_workbook_holds_a_clerk_to_what_can_be_imported(county: County) -> None:
    headers = bearer("bureau_admin", bureau=county.bureau)
    workbook = await template(county.client, headers, "staff")
    assert workbook == await template(county.client, headers, "staff")
    assert sheets(workbook) == [
        ("教职工", "visible"), ("填写说明", "visible"), ("示例（不导入）", "visible"),
        ("代码", "hidden"),
    ]  # fmt: skip
    rows = part(workbook, "xl/worksheets/sheet1.xml")
    assert len(re.findall("<row ", rows)) == 1
    assert 'state="frozen"' in rows
    checked = set(re.findall(r'<dataValidation type="(\w+)"', rows))
    assert checked == {"list", "date", "whole", "textLength"}
    for sqref in re.findall(r'<dataValidation [^>]*sqref="([^"]*)"', rows):
        assert re.fullmatch(r"(?P<column>[A-Z])2:(?P=column)1048576", sqref)
    assert "代码!$D$1:$D$3" in rows.replace("'", "")
    comments = part(workbook, "xl/comments1.xml")
    for words in ("教职工在本局内唯一的编号", "必填，且用于识别同一行", "示例：T000001"):
        assert words in comments
    assert "专业技术岗位" in part(workbook, "xl/sharedStrings.xml")


@pytest.mark.parametrize("resource", RESOURCES)
async def test_a_csv_template_is_a_header_that_excel_opens(county: County, resource: str) -> None:
    headers = bearer("bureau_admin", bureau=county.bureau)
    content = await template(county.client, headers, resource, form="csv")
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    spec = app.state.resources[Imports].specs[resource]
    titles = [info.title for info in spec.row.model_fields.values()]
    assert sorted(table(content)[0]) == sorted(titles)
    assert len(table(content)) == 1


async def test_three_callers(county: County) -> None:
    for path in ("", "/staff.xlsx", "/staff.csv"):
        address = f"/v1/import-templates{path}"
        assert (await county.client.get(address)).status_code == 401
        assert (await county.call("GET", address, role="staff")).status_code == 403
        assert (await county.call("GET", address)).status_code == 200
    unknown = await county.call("GET", "/v1/import-templates/results.xlsx")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "import.resource_unknown")
