"""Streams what the platform gives as files: exports, templates, the rows of an import."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

from client.calls import Calls, query
from client.connection import Call
from client.resources import resource_of

Form = Literal["csv", "ndjson", "xlsx"]
# So that nobody on the way compresses once more what is to stay compressed.
AS_IT_IS = {"Accept-Encoding": "identity"}


class Downloads(Calls):
    """Files that are fetched."""

    def export(
        self, path: str, file: Path, /, *, form: Form = "csv", gzip: bool = False, **filters: Any
    ) -> int:
        """Stream every row of a list into a file; returns its size.

        The file appears when it is complete, so that half an export is never taken for one.

        Args:
            path: of the list (`/schools/v1/staff`).
            file: where the rows go.
            form: `csv`, `ndjson` or `xlsx`.
            gzip: whether the server compresses it.
            filters: of the list; `bom=True` makes CSV that Excel opens as it should.
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
        """As `export`, into an open file or pipe."""
        wanted = {**filters, "format": form, "compress": "gzip" if gzip else None}
        headers = AS_IT_IS if gzip else {}
        return self._copy(Call("GET", path, True, headers, query(wanted)), output, is_raw=gzip)

    def template(self, resource: str, file: Path) -> int:
        """Save a file in which rows of `resource` are filled in; returns its size.

        It is a workbook, or where the file is to be called `.csv` a header alone.

        Raises:
            ValueError: it cannot be imported.
        """
        form = "csv" if file.suffix.lower() == ".csv" else "xlsx"
        return self._save(resource_of(resource).template(form), file)

    def _save(self, path: str, file: Path) -> int:
        with complete(file) as output:
            return self._copy(Call("GET", path, True), output)

    def _copy(self, call: Call, output: BinaryIO, *, is_raw: bool = False) -> int:
        size = 0
        with self._stream(call) as response:
            for chunk in response.iter_raw() if is_raw else response.iter_bytes():
                size += output.write(chunk)
        return size


@contextmanager
def complete(file: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes its place when nothing has gone wrong."""
    unfinished = file.with_name(file.name + ".part")
    try:
        with unfinished.open("wb") as output:
            yield output
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
