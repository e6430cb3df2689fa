"""Faults of the failed rows of an import, part by part, however many there are.

The first faults are kept in words. Of rows beyond those it is known which ones failed, and which
rules they broke beside other rows; what is wrong with a row by itself is found once more, by
checking it as the import has done. (Measured: a million rows are checked so in a few seconds; to
keep their faults took 300 bytes each, and as long as importing them.)
"""

import asyncio
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from services.chassis.core.text import Language, Text
from services.chassis.database.auth import Caller
from services.chassis.imports.checks.reading import read_cells
from services.chassis.imports.checks.rows import RowReader, faults_by_row
from services.chassis.imports.engine.imports import Imports
from services.chassis.imports.engine.queries import worded
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.headers.layout import Layout
from services.chassis.imports.staging.failed_parts import Failed
from services.chassis.imports.staging.faults import fault_codes

_NOT_LISTED = Text(
    "与其他行或已存数据不符（同类错误过多，未逐条说明）",
    "Contradicts other rows or stored ones (too many such faults to describe each)",
)


_LISTED = (
    "select count(*) as listed, coalesce(max(row), 0) as last from import_fault where job_id = $1"
)


class Found(NamedTuple):
    """A fault of a row, as it is shown."""

    field: str
    code: str
    message: str


class FailedRows:
    """The faults of one import's rows.

    Args:
        imports: of the service.
        caller: who asks.
        job: the import.
        layout: of its file.
        language: of the messages.
    """

    def __init__(
        self, imports: Imports, caller: Caller, job: Any, layout: Layout, language: Language
    ) -> None:
        self._imports, self._caller, self._job = imports, caller, job
        self._layout, self._language = layout, language
        self._reader: RowReader | None = None
        self._last: float | None = None

    async def of(self, failed: Failed, content: Callable[[Part], bytes]) -> dict[int, list[Found]]:
        """The faults of each failed row of a part.

        Args:
            failed: the rows.
            content: reads the part.
        """
        found = await self._listed(failed.part)
        last = await self._last_complete()
        rest = {row for row in failed.rows if row not in found or row >= last}
        if not rest:
            return found
        again = await asyncio.to_thread(self._judged_again, failed.part, content)
        for row in rest:
            known = {(one.field, one.code): one for one in found.get(row, [])}
            for one in (*again.get(row, []), *self._beside_others(failed, row)):
                known.setdefault((one.field, one.code), one)
            found[row] = [*known.values()] or [Found("", "", _NOT_LISTED.render(self._language))]
        return found

    async def _listed(self, part: Part) -> dict[int, list[Found]]:
        """Those that are kept in words."""
        message = worded("message_zh" if self._language == "zh-CN" else "message_en")
        async with self._imports.database.connection(self._caller) as connection:
            rows = await connection.fetch(
                f"select row, field, code, {message} as message from import_fault "
                "where job_id = $1 and row between $2 and $3 order by row, entry",
                self._job["id"],
                part.first_row,
                part.last_row,
            )
        found: dict[int, list[Found]] = {}
        for row in rows:
            found.setdefault(row["row"], []).append(Found(*[*row.values()][1:]))
        return found

    async def _last_complete(self) -> float:
        """The row from which on not all faults are kept in words."""
        if self._last is None:
            async with self._imports.database.connection(self._caller) as connection:
                all_faults = sum((await fault_codes(connection, self._job["id"])).values())
                row = await connection.fetchrow(_LISTED, self._job["id"])
            assert row is not None
            self._last = math.inf if row["listed"] >= all_faults else row["last"]
        return self._last

    def _judged_again(self, part: Part, content: Callable[[Part], bytes]) -> dict[int, list[Found]]:
        """The faults of rows taken by themselves."""
        spec = self._imports.spec(self._job["resource"])
        self._reader = self._reader or RowReader(spec, is_guarded=self._layout.form != "ndjson")
        cells = read_cells(content(part), part, self._layout)
        return {
            row: [
                Found(
                    fault.pointer.strip("/"),
                    fault.code,
                    fault.message.render(self._language, **fault.params),
                )
                for fault in faults
            ]
            for row, faults in faults_by_row(
                cells, self._reader.judge(cells, self._layout).faults
            ).items()
        }

    def _beside_others(self, failed: Failed, row: int) -> list[Found]:
        words = _NOT_LISTED.render(self._language)
        return [Found(*blame, words) for blame, rows in failed.judged.items() if row in rows]
