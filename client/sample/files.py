"""Rows as import files: CSV with a header, or one JSON object per line."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from client.sample.model import Row


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """The rows as UTF-8 CSV with the columns of the first row; None becomes an empty cell."""
    if not rows:
        return b""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def ndjson_bytes(rows: Sequence[Row]) -> bytes:
    """The rows as NDJSON in UTF-8."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
    return "".join(f"{encode(row)}\n" for row in rows).encode()


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows to a CSV file."""
    path.write_bytes(csv_bytes(rows))


def write_ndjson(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows to an NDJSON file."""
    path.write_bytes(ndjson_bytes(rows))
