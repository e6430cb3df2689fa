"""Templates as a clerk fills them in."""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx

from services.chassis.core.text import Language
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.templates.workbook import EXAMPLES
from tests.support.importing import Job, send

_ROWS = re.compile(rb"<sheetData.*?(?:</sheetData>|<sheetData/>)", re.DOTALL)
_FIRST, _THIRD = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet3.xml"


def filled(workbook: bytes) -> bytes:
    """A workbook whose first sheet has the rows of its examples."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (rows,) = _ROWS.findall(parts[_THIRD])
    parts[_FIRST] = _ROWS.sub(lambda _: rows, parts[_FIRST])
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


async def template(
    client: httpx.AsyncClient,
    headers: Mapping[str, str],
    resource: str,
    language: Language = "zh-CN",
    form: str = "xlsx",
) -> bytes:
    """The template of a resource."""
    answer = await client.get(
        f"/v1/import-templates/{resource}.{form}",
        headers={**headers, "Accept-Language": language},
    )
    assert answer.status_code == 200, answer.text
    return answer.content


async def round_trip(
    client: httpx.AsyncClient,
    headers: Mapping[str, str],
    spec: ImportSpec,
    language: Language,
    **options: Any,
) -> Job:
    """Import a template as it comes, which is refused, then filled in with its example."""
    workbook = await template(client, headers, spec.resource, language)
    named = {"file_name": f"{spec.resource}.xlsx"} | options
    empty = await send(client, headers, spec.resource, workbook, **named)
    assert empty["problem"]["code"] == "import.empty"
    header = await template(client, headers, spec.resource, language, "csv")
    named_csv = named | {"file_name": "a.csv"}
    empty = await send(client, headers, spec.resource, header, **named_csv)
    assert empty["problem"]["code"] == "import.empty"
    example = EXAMPLES.render(language)
    from_example = await send(
        client, headers, spec.resource, workbook, **named, dry_run=True, sheet=example
    )
    assert from_example["progress"]["failed"] == 0, from_example
    return await send(client, headers, spec.resource, filled(workbook), **named)
