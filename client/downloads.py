"""Downloads of files: exports, templates, rows of an import."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

from client.calls import Calls, query
from client.connection import Call
from client.resources import imported_resource

Form = Literal["csv", "ndjson", "xlsx"]
# Prevents a second compression in transit of a file that is stored compressed.
AS_IT_IS = {"Accept-Encoding": "identity"}


class Downloads(Calls):
    """Calls that download files."""

    def export(
        self, path: str, file: Path, /, *, form: Form = "csv", gzip: bool = False, **filters: Any
    ) -> int:
        """Stream every row of a list into a file. Returns its size in bytes.

        The file gets its name once it is complete.

        Args:
            path: path of the list (`/schools/v1/staff`).
            file: destination.
            form: format, `csv`, `ndjson` or `xlsx`.
            gzip: whether the server compresses the file.
            filters: parameters of the list; `bom=True` adds the byte order mark Excel needs in CSV.
        """
        with complete(file) as output:
            return self.export_to(path, output, form=form, gzip=gzip, **filters)

    def export_to(
        self,
        path: str,
        output: BinaryIO,
        /,
        *,
        form: Form = "csv",
        gzip: bool = False,
        **filters: Any,
    ) -> int:
        """Like `export`, into an open file or pipe."""
        wanted = {**filters, "format": form, "compress": "gzip" if gzip else None}
        headers = AS_IT_IS if gzip else {}
        return self._copy(Call("GET", path, True, headers, query(wanted)), output, is_raw=gzip)

    def template(self, resource: str, file: Path) -> int:
        """Save the import template of a resource. Returns its size in bytes.

        A file name ending in `.csv` gets only the header row, any other a workbook.

        Raises:
            ValueError: the resource cannot be imported.
        """
        form = "csv" if file.suffix.lower() == ".csv" else "xlsx"
        return self._save(imported_resource(resource).template(form), file)

    def _save(self, path: str, file: Path, **params: Any) -> int:
        with complete(file) as output:
            return self._copy(Call("GET", path, True, {}, query(params)), output)

    def _copy(self, call: Call, output: BinaryIO, *, is_raw: bool = False) -> int:
        size = 0
        with self._stream(call) as response:
            for chunk in response.iter_raw() if is_raw else response.iter_bytes():
                size += output.write(chunk)
        return size


@contextmanager
def complete(file: Path) -> Iterator[BinaryIO]:
    """A file to write that gets its final name only if no error occurs."""
    unfinished = file.with_name(file.name + ".part")
    try:
        with unfinished.open("wb") as output:
            yield output
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
