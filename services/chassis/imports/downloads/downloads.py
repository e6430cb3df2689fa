"""Row results of an import as files: failed rows with faults, applied rows with ids.

Both are in the format of the upload and have its columns, so that a clerk corrects the failed
rows and sends just that file: where the upload needed a `column_mapping`, this one needs none. The
rows come from the upload itself, part by part.
"""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from services.chassis.core.errors import Conflict, MissingScope
from services.chassis.core.text import Language, Text
from services.chassis.database.auth import Caller
from services.chassis.imports.checks.cells import Column
from services.chassis.imports.checks.reading import Translation, read_cells, read_rows
from services.chassis.imports.declaration.spec import BUREAU, ImportSpec
from services.chassis.imports.downloads.failed_rows import FailedRows, Found
from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.engine.kind import IMPORTS
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.headers.column_names import MARK, ColumnMapping
from services.chassis.imports.headers.layout import Layout, unknown_columns
from services.chassis.imports.staging.failed_parts import Failed, failed_parts

_BOM = b"\xef\xbb\xbf"
_BETWEEN = "; "
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
FAULT_COLUMNS = ("_row", "_field", "_code", "_message")
RESULT_COLUMNS = ("_row", "_id", "_result")
_ADDED = {*FAULT_COLUMNS, *RESULT_COLUMNS}
Row = Sequence[Any] | bytes


class NotInspected(Conflict):
    """Nothing is known of the rows: the file has not been looked at, or could not be read."""

    code = "import.not_inspected"
    title = Text("尚无逐行结果", "No rows yet")
    detail = Text(
        "该导入的状态为 {state}，文件尚未读取或无法读取。",
        "This import is {state}: its file has not been read, or cannot be.",
    )


class Marked(NamedTuple):
    """A row of the upload, with what is to be said of it.

    Attributes:
        row: a list of cells, or a line of NDJSON.
        marks: the values of the added columns.
        faults: of a failed row, one by one.
    """

    row: Row
    marks: tuple[Any, ...]
    faults: Sequence[Found] = ()


def require_files(spec: ImportSpec, caller: Caller, job: Any) -> None:
    """Restrict files, which hold the upload in full, to its owner and to those who may see it all.

    Raises:
        MissingScope: the file is somebody else's.
        FilesExpired: it is gone.
    """
    scope = spec.reveals or spec.scope
    if job["subject"] != caller.subject and not caller.may(scope):
        raise MissingScope(scope=scope)
    if job["is_expired"]:
        raise IMPORTS.problems.expired(at=f"{job['expires_at']:%Y-%m-%d}")


def names_without_mapping(spec: ImportSpec, job: Any, language: Language) -> dict[str, str]:
    """The columns that an import names or ignores, and what they are called without its options."""
    mapping: ColumnMapping = job["wishes"]["column_mapping"]
    is_for_people = job["format"] != "ndjson"
    if is_for_people and job["wishes"].get("ignore_unknown_columns"):
        unknown = unknown_columns(spec, Layout(**job["layout"]), mapping)
        mapping = {**dict.fromkeys(["", *unknown]), **mapping}  # also those without a name

    def called(column: str, field: str | None) -> str:
        if field is None:
            return MARK + column
        return spec.title_of(field).render(language) if is_for_people else field

    return {column: called(column, field) for column, field in mapping.items()}


class Rows:
    """The rows of one import.

    Args:
        imports: of the service.
        caller: who fetches them.
        job: the import.
        names: what columns are called that the upload calls otherwise.
    """

    def __init__(
        self, imports: Imports, caller: Caller, job: Any, names: Mapping[str, str] | None = None
    ) -> None:
        self._imports, self._caller, self._job = imports, caller, job
        self.names = names or {}
        self._spec = imports.spec(job["resource"])
        self.resource, self.form = job["resource"], job["format"]
        self.scratch = imports.settings.scratch_dir
        self.layout = Layout(**job["layout"])
        self._file = imports.file(job)
        self._source = self._file.source(is_rewritten=job["is_rewritten"])
        self._values = {
            index: Translation(self.layout.values[name])
            for index, name in enumerate(self.layout.fields)
            if name in self.layout.values
        }
        self.kept = [
            (index, self._may_be_formula(index))
            for index, column in enumerate(self.layout.header)
            if column not in _ADDED  # by an earlier download
        ]

    def _may_be_formula(self, index: int) -> bool:
        name = self.layout.fields[index]
        return name is None or self._column(name).is_text

    def _column(self, name: str) -> Column:
        return self._imports.validation.column(self._spec.resource, name, self.layout)

    def header(self, added: Sequence[str]) -> list[str]:
        """The columns of the upload, and those that are added."""
        columns = (self.layout.header[index] for index, _ in self.kept)
        return [*(self.names.get(column, column) for column in columns), *added]

    def cells(self, batch: Sequence[Marked]) -> Iterator[list[Any]]:
        """Rows of a table with their marks; short ones filled up, formulas made harmless.

        What a row has beyond the columns comes last, under no column: nothing of it is lost, and
        as long as it stands there, the row is refused again.
        """
        columns = len(self.layout.header)
        for marked in batch:
            assert not isinstance(marked.row, bytes)
            row = self._translated(marked.row)
            width = len(row)
            surplus = [_guarded(cell) for cell in row[columns:]]
            cells = [
                _guarded(row[i]) if may_be_formula else row[i]
                for i, may_be_formula in self.kept
                if i < width
            ]
            filling = [""] * (len(self.kept) - len(cells))
            yield [*cells, *filling, *marked.marks, *surplus]

    def _translated(self, row: Sequence[Any]) -> Sequence[Any]:
        """A row with values in place of words that only the import's options explain."""
        if not self._values:
            return row
        return [
            self._values[index].of(cell) if index in self._values else cell
            for index, cell in enumerate(row)
        ]

    async def failed(self, language: Language) -> AsyncIterator[list[Marked]]:
        """Rows with faults, with row number, fields, codes and messages."""
        faults = FailedRows(self._imports, self._caller, self._job, self.layout, language)
        for failed in await self._failed_parts("failed > 0"):
            rows = await self._rows(failed.part)
            found = await faults.of(failed, self._content)
            yield [
                Marked(rows[number], (number, *map(_joined, zip(*some, strict=True))), some)
                for number, some in sorted(found.items())
                if number in rows
            ]

    async def applied(self) -> AsyncIterator[list[Marked]]:
        """Rows that are stored as the file has them, with the ids of their records."""
        for failed in await self._failed_parts("is_merged"):
            part = failed.part
            rows = await self._rows(part)
            keys = await asyncio.to_thread(self._keys, part)
            left_out = failed.rows | failed.passed
            good = [number for number in rows if number not in left_out]
            async with self._imports.database.connection(self._caller) as connection:
                results = await connection.fetch(_RESULTS, self._job["id"], part.number, good)
                ids = await self._ids(connection, [*keys.values()])
            yield [
                Marked(rows[number], (number, ids.get(keys.get(number)), result))
                for number, result in (tuple(found) for found in results)
            ]

    async def _failed_parts(self, where: str) -> list[Failed]:
        async with self._imports.database.connection(self._caller) as connection:
            rows = await failed_parts(connection, self._job["id"], where)
        return [Failed.of(row) for row in rows]

    async def _rows(self, part: Part) -> dict[int, Row]:
        def read() -> dict[int, Row]:
            return read_rows(self._content(part), part, self.layout)

        return await asyncio.to_thread(read)

    def _content(self, part: Part) -> bytes:
        return self._source.read(part.offset, part.length)

    def _keys(self, part: Part) -> dict[int, tuple[Any, ...]]:
        """The natural keys of the good rows of a part, by row number."""
        cells = read_cells(self._content(part), part, self.layout)
        columns = [self._column(name) for name in self._spec.key]
        keys = {}
        for number, raw in zip(
            cells.numbers,
            zip(*(cells.columns[n] for n in self._spec.key), strict=True),
            strict=True,
        ):
            try:
                keys[number] = tuple(c.value(x) for c, x in zip(columns, raw, strict=True))
            except ValueError:
                continue  # a faulty row
        return keys

    async def _ids(self, connection: Any, keys: Sequence[tuple[Any, ...]]) -> Mapping[Any, UUID]:
        if not keys:
            return {}
        spec = self._spec
        fixed = [BUREAU, *spec.within]
        values = [self._caller.bureau_code, *(UUID(self._job["within"][n]) for n in spec.within)]
        of_file = " and ".join(f"t.{name} = ${i}" for i, name in enumerate(fixed, 1))
        arrays = ", ".join(
            f"${i}::{spec.columns[name]}[]" for i, name in enumerate(spec.key, len(fixed) + 1)
        )
        names = ", ".join(spec.key)
        rows = await connection.fetch(
            f"select t.id, {', '.join(f't.{name}' for name in spec.key)} from {spec.target} t "
            f"join unnest({arrays}) as k ({names}) using ({names}) where {of_file}",
            *values,
            *(list(column) for column in zip(*keys, strict=True)),
        )
        return {tuple(row)[1:]: row["id"] for row in rows}


_RESULTS = """
select row, case when p.created @> row then 'created' when p.updated @> row then 'updated'
    else 'unchanged' end
from import_part p, unnest($3::bigint[]) as row where p.job_id = $1 and p.number = $2
order by row
"""


def _joined(values: Sequence[Any]) -> str:
    return _BETWEEN.join(dict.fromkeys(str(value) for value in values))


def _guarded(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; an import takes the apostrophe off again."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


async def as_csv(
    rows: Rows, batches: AsyncIterator[list[Marked]], added: Sequence[str]
) -> AsyncGenerator[bytes, None]:
    """Marked rows as CSV in UTF-8 with a byte order mark, under the upload's delimiter."""
    yield _BOM + _csv_lines(rows.layout, [rows.header(added)])
    async for batch in batches:
        yield _csv_lines(rows.layout, rows.cells(batch))


async def as_ndjson(
    rows: Rows, batches: AsyncIterator[list[Marked]], added: Sequence[str]
) -> AsyncGenerator[bytes, None]:
    """Marked rows as NDJSON; a line that is no JSON object stands under `_line`."""
    async for batch in batches:
        yield b"".join(_ndjson_line(marked, added, rows.names) + b"\n" for marked in batch)


def _csv_lines(layout: Layout, rows: Any) -> bytes:
    output = io.StringIO()
    csv.writer(output, delimiter=layout.delimiter, lineterminator="\r\n").writerows(rows)
    return output.getvalue().encode("utf-8", "surrogateescape")


def _ndjson_line(marked: Marked, added: Sequence[str], names: Mapping[str, str]) -> bytes:
    line = marked.row
    assert isinstance(line, bytes)
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        row = None
    if not isinstance(row, dict):
        row = {"_line": line.decode("utf-8", "replace")}
    kept = {key: value for key, value in row.items() if key not in (*added, *names)}
    for key, name in names.items():
        if key in row:  # where the field is there under its own name, too, that outweighs
            kept.setdefault(name, row[key])
    return orjson.dumps(kept | dict(zip(added, marked.marks, strict=True)), default=str)
