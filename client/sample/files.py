"""Rows as the files an import takes: CSV with a header line, or one JSON object a line."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from client.sample.model import Row


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """The rows as UTF-8 CSV; columns are those of the first row, None is an empty cell."""
    if not rows:
        return b""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def ndjson_bytes(rows: Sequence[Row]) -> bytes:
    """The rows as UTF-8 JSON lines."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
    return "".join(f"{encode(row)}\n" for row in rows).encode()


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows to a CSV file."""
    path.write_bytes(csv_bytes(rows))


def write_ndjson(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows to a file of JSON lines."""
    path.write_bytes(ndjson_bytes(rows))
