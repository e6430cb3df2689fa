"""Rows of an import that are passed over, as its parts keep them and its job reports them."""

from base64 import b64decode, b64encode
from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

from services.chassis.database.db import Conn
from services.chassis.imports.checks.passing_over import Passed
from services.chassis.imports.formats.report import FIRST_PLACES, report_on_rows
from services.chassis.imports.formats.splitting import Part
from services.chassis.imports.staging.row_sets import pack, unpack

_COLUMNS = "number, start_byte, bytes, first_row, records"


def stored(passed: Passed, part: Part) -> list[dict[str, str]]:
    """The rows of a part as they are kept: a set for each reason."""
    return [
        {"reason": reason, "rows": b64encode(pack(rows, part)).decode()}
        for reason, rows in passed.items()
    ]


def kept(document: list[dict[str, str]], part: Part) -> dict[str, set[int]]:
    """The rows of a stored document, by the reason."""
    return {one["reason"]: unpack(b64decode(one["rows"]), part) for one in document}


async def passed_over(connection: Conn, job_id: UUID) -> dict[str, Any]:
    """The report of an import on its rows that are passed over (see `report.report_on_rows`).

    `connection` acts as the service itself.
    """
    counts: Counter[str] = Counter()
    first: defaultdict[str, list[int]] = defaultdict(list)
    rows = await connection.fetch(
        f"select {_COLUMNS}, passed from import_part where job_id = $1 and passed <> '[]' "
        "order by number",
        job_id,
    )
    for row in rows:
        part = Part(*[*row.values()][:5])
        for reason, numbers in kept(row["passed"], part).items():
            counts[reason] += len(numbers)
            first[reason] += sorted(numbers)[: max(FIRST_PLACES - len(first[reason]), 0)]
    return report_on_rows(first, counts)
