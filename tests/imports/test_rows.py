"""Rows of a file are judged exactly as the API judges the same record, and stored the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from services.accountability import features as accountability
from services.appraisal import features as appraisal
from services.chassis.core.visible_text import is_blank
from services.chassis.imports.checks.cell_faults import misfit_of
from services.chassis.imports.checks.cells import ABSENT
from services.chassis.imports.checks.day_texts import UnreadableDay, day_of
from services.chassis.imports.checks.field_types import takes
from services.chassis.imports.checks.reading import Cells
from services.chassis.imports.checks.rows import RowReader
from services.chassis.imports.declaration.copy_text import NULL, copy_text
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.headers.layout import Layout
from services.chassis.imports.staging.row_sets import pack, unpack
from services.chassis.schemas.validation import faults_of
from services.schools import features as schools
from tests.schools.county import id_number

SPECS = {
    spec.resource: spec
    for service in (schools.SERVICE, appraisal.SERVICE, accountability.SERVICE)
    for spec in service.import_specs()
}
# Texts of which some are good in every field, and many in none.
TEXTS = (
    "T1", "A" * 32, "A" * 33, "A1\nB2", "2162000101", "2162000101\n2162000102", "21620001",
    "620123", "123456789012345678", id_number(1), id_number(1).lower(), id_number(9)[:-1] + "?",
    "2010-09-01", "2010-02-30", "1899-12-31", "2024-02-29", "01/02/2010", "2010-09-01T00:00:00",
    "2026-03-01T08:00:00+08:00", "0", "1", "-1", "12.5", "100.001", "1e3", "NaN", "Infinity",
    "99999999999", "true", "false", "yes", "是", " 两边 ", "王小明", "说\"好\"", "a\tb", "a\\b",
    "a\x00b", "a\u2028b", "𠮷", "=1+1", "'=1+1", "''=1+1", "-", "'-5", "\\N", "x" * 5000,
    "professional", "专业技术岗位", "first", "active", "teacher", "sick", "attendance", "211",
    "普通小学", "leader", "self", "anonymous", "letter", "public",
)  # fmt: skip


@cache
def reader_of(resource: str) -> RowReader:
    """The reader of a resource, kept: what it remembers must not change what it says."""
    return RowReader(SPECS[resource])


def cells_of(spec: ImportSpec, name: str) -> st.SearchStrategy[str]:
    """Cells of a field: mostly good ones."""
    known = texts_of_codes(spec, name)
    good = [text for text in (*TEXTS, *known) if not cell_faults(spec, name, text)]
    anything = st.sampled_from([*TEXTS, *known, ""]) | st.text(max_size=12)
    # What spreadsheets put in place of a value has words of its own (tests/imports/cases).
    kind = reader_of(spec.resource).columns[name].kind
    anything = anything.filter(lambda text: misfit_of(text, kind) is None)
    if takes(spec.row.model_fields[name], date):
        anything = anything.filter(is_for_the_schema)
    return st.sampled_from(good) | st.sampled_from(good) | anything if good else anything


def is_for_the_schema(text: str) -> bool:
    """Whether an import leaves it to the schema to say what a day is; others it reads itself."""
    try:
        return bool(day_of(text) == text)
    except UnreadableDay:
        return False


def texts_of_codes(spec: ImportSpec, name: str) -> list[str]:
    """Codes and labels of a coded field."""
    codes = spec.code_list(name)
    return [t for code, label in codes.labels.items() for t in (code, label.zh)] if codes else []


def cell_faults(spec: ImportSpec, name: str, text: str) -> list[tuple[str, str]]:
    """What the schema says of one cell."""
    return [fault for fault in faults_in(spec, {name: text}) if fault[0] == name]


def faults_in(spec: ImportSpec, record: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the API's own schema says of a record; empty cells are left out, as an import does."""
    try:
        texts = {k: unguarded(spec, k, v) for k, v in record.items() if not is_blank(v)}
        _of_text(spec.row).model_validate(texts)
    except ValidationError as error:
        return [(fault.pointer.strip("/"), fault.code) for fault in faults_of(error.errors())]
    return []


@cache
def _of_text(row: type[BaseModel]) -> type[BaseModel]:
    """The same schema for values that are text, as in files, of which bodies have other types."""
    return type(f"{row.__name__}OfText", (row,), {"model_config": {"strict": False}})


def unguarded(spec: ImportSpec, name: str, text: str) -> str:
    """A text without the apostrophe that exports put before what looks like a formula."""
    is_text = reader_of(spec.resource).columns[name].is_text
    bare = text.lstrip("'")
    is_guarded = text.startswith("'") and bare[:1] in tuple("=+-@\t\r") and bare != ""
    return text[1:] if is_text and is_guarded else text


def is_masked(spec: ImportSpec, name: str, text: str) -> bool:
    """Whether a cell shows only part of what is stored, which an import leaves as it is."""
    derived = spec.derived.get(name)
    return bool(derived and derived.partial and derived.partial(text) is not None)


# Of cells that are given by field.
TABLE = Layout(form="csv")


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[dict[str, str]]]:
    """Some rows of some resource."""
    resource = draw(st.sampled_from(sorted(SPECS)))
    spec = SPECS[resource]
    row = st.fixed_dictionaries({name: cells_of(spec, name) for name in spec.row.model_fields})
    return resource, draw(st.lists(row, min_size=1, max_size=8))


@settings(max_examples=300)
@given(table=tables())
def test_rows_are_judged_as_the_api_judges_them(
    table: tuple[str, list[dict[str, str]]],
) -> None:
    resource, rows = table
    spec = SPECS[resource]
    fields = spec.row.model_fields
    columns: dict[str, Sequence[str]] = {name: [row[name] for row in rows] for name in fields}
    cells = Cells(range(2, 2 + len(rows)), columns, {})
    staged = reader_of(resource).stage(3, cells, TABLE, most_listed=1000)
    staged_lines = staged.payload.decode().split("\n")[:-1]
    lines = {int(line.split("\t")[1]): line for line in staged_lines}
    assert staged.rows == len(rows)
    assert [*lines, *staged.findings.rows] == [
        *(n for n in range(2, 2 + len(rows)) if n in lines),
        *(n for n in range(2, 2 + len(rows)) if n not in lines),
    ], "one line of COPY for each good row"
    for number, row in enumerate(rows, 2):
        found = [(f.field, f.code) for f in staged.findings.listed if f.row == number]
        masked = {name for name, text in row.items() if is_masked(spec, name, text)}
        expected = [fault for fault in faults_in(spec, row) if fault[0] not in masked]
        of_cells = [f for f in found if f in cell_faults(spec, f[0], row[f[0]])]
        by_itself = [f for f in expected if f in cell_faults(spec, f[0], row.get(f[0], ""))]
        assert sorted(of_cells) == sorted(by_itself)
        # The API looks at rules between fields only when every single field is good.
        rules = {*found} - {*of_cells}
        assert rules >= {*expected} - {*by_itself}
        assert not rules or of_cells or expected
        assert bool(found) == (number not in lines)
        if number in lines:
            part, place, absent, later, *texts = lines[number].split("\t")
            assert (part, place, absent, later) == ("3", str(number), "0", NULL)
            assert len(texts) == len(spec.columns)
            if not masked:
                assert_stored(spec, row, dict(zip(spec.columns, texts, strict=True)))
    assert staged.findings.codes == Counter(f.code for f in staged.findings.listed)


def test_only_the_first_faults_are_put_in_words() -> None:
    names = ("staff_no", "name", "post_category")
    cells = Cells(range(2, 7), {name: ["", "x", "", "", ""] for name in names}, {})
    everything = reader_of("staff").stage(0, cells, TABLE, most_listed=1000).findings
    for most in range(len(everything.listed) + 1):
        found = reader_of("staff").stage(0, cells, TABLE, most_listed=most).findings
        assert found.listed == everything.listed[:most]
        assert (found.rows, found.codes) == (everything.rows, everything.codes)


@given(rows=st.sets(st.integers(5, 300)), records=st.integers(296, 500))
def test_a_set_of_rows_is_what_it_was(rows: set[int], records: int) -> None:
    part = Part(0, 0, 1, 5, records)
    packed = pack(rows, part)
    assert unpack(packed, part) == rows
    assert len(packed) < 20 + records / 8
    assert unpack(None, part) == set()


def assert_stored(spec: ImportSpec, row: dict[str, str], texts: dict[str, str]) -> None:
    """The columns hold what the API would store for this record."""
    given = {k: unguarded(spec, k, v) for k, v in row.items() if not is_blank(v)}
    model = _of_text(spec.row).model_validate(given)
    for name in spec.row.model_fields:
        if name not in spec.derived:
            (column,) = spec.columns_of(name)
            assert texts[column] == copy_text(getattr(model, name)), name


def test_two_numbers_in_one_cell_are_no_number() -> None:
    column = reader_of("staff").columns["staff_no"]
    for cells in (["T1", "T2\nT3"], ["T1\nT2"], ["T1", "T2\n"], ["\nT1"], ["T1", ""]):
        column.texts(cells)
        assert column.bad.keys() == {cell for cell in cells if "\n" in cell.strip() or not cell}
    assert column.texts(["T1", "T2"]) == ["T1", "T2"]


def test_what_a_row_lacks_is_told_apart_from_what_is_empty() -> None:
    reader = reader_of("staff")
    cells = Cells([1, 2], {"staff_no": ["T1", "T2"], "duty": ["", ABSENT]}, {}, has_gaps=True)
    lines = [
        line.split("\t") for line in reader.stage(0, cells, TABLE, 10).payload.decode().splitlines()
    ]
    fields = [*reader.columns]
    lacking = [{f for bit, f in enumerate(fields) if int(line[2]) >> bit & 1} for line in lines]
    assert lacking == [{*fields} - {"staff_no", "duty"}, {*fields} - {"staff_no"}]


@pytest.mark.parametrize("resource", sorted(SPECS))
def test_every_good_text_of_a_field_is_tried(resource: str) -> None:
    spec = SPECS[resource]
    for name in spec.row.model_fields:
        kinds = {not cell_faults(spec, name, text) for text in TEXTS}
        assert True in kinds or texts_of_codes(spec, name), f"no good text for {name}"
