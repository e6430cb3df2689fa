"""Workbooks put together by hand, part by part, as odd as need be."""

import io
import zipfile
from collections.abc import Mapping, Sequence

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STRICT = (
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" '
    'formatCode="[$-804]yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/>'
    '<numFmt numFmtId="165" formatCode="[&gt;=100]0.00&quot;days&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>'
    '<xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="57"/><xf numFmtId="164"/>'
    '<xf numFmtId="165"/><xf numFmtId="20"/><xf numFmtId="46"/></cellXfs></styleSheet>'
)
# Styles of `STYLES` by what they show.
DATE, MOMENT, BUILT_IN_CHINESE, CHINESE, NUMBER, TIME, ELAPSED = range(1, 8)


def parts(
    rows: str,
    *,
    after: str = "",
    strings: str | None = None,
    styles: str = STYLES,
    sheets: Sequence[tuple[str, str]] = (("Sheet1", "visible"),),
    properties: str = "",
    spaces: tuple[str, str] = (MAIN, RELATIONS),
) -> dict[str, str]:
    """The parts of a workbook by name.

    Args:
        rows: the content of the sheet's data.
        after: what comes after it.
        strings: the shared strings, if there are any.
        styles: the styles part.
        sheets: name and state of each; all but the last are empty.
        properties: attributes of the workbook.
        spaces: the namespaces, transitional or strict.
    """
    main, relations = spaces
    names = [f"sheet{n}.xml" for n in range(1, len(sheets) + 1)]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" state="{state}" r:id="rId{n}"/>'
        for n, (name, state) in enumerate(sheets, 1)
    )
    targets = [("worksheet", f"worksheets/{name}") for name in names] + [("styles", "styles.xml")]
    if strings is not None:
        targets.append(("sharedStrings", "sharedStrings.xml"))
    found = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _related([("officeDocument", "xl/workbook.xml")], relations),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}">'
        f"<workbookPr {properties}/><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _related(targets, relations),
        "xl/styles.xml": styles,
    }
    for name in names:
        found[f"xl/worksheets/{name}"] = f'<worksheet xmlns="{main}"><sheetData/></worksheet>'
    found[f"xl/worksheets/{names[-1]}"] = (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{main}">'
        f'<dimension ref="A1"/><sheetData>{rows}</sheetData>{after}</worksheet>'
    )
    if strings is not None:
        found["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'
    return found


def zipped(found: Mapping[str, str | bytes]) -> bytes:
    """Parts as a file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in found.items():
            archive.writestr(name, part)
    return content.getvalue()


def sheet_of(rows: Sequence[Sequence[str]]) -> str:
    """Rows of texts as the content of a sheet's data."""
    return "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )


def _related(targets: Sequence[tuple[str, str]], relations: str) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{relations}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'
