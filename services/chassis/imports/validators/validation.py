"""The heavy work of an import: looking at a file, cutting it up, staging a part.

Plain functions on files. They run in a thread for small files and in processes of their own for
large ones (`validators`), so that the service goes on answering.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel

from services.chassis.files.encrypted_files import EncryptedFile
from services.chassis.imports.checks.cells import Column
from services.chassis.imports.checks.reading import read_cells
from services.chassis.imports.checks.rows import RowReader, Staged
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.formats.inspecting import Inspected, inspect
from services.chassis.imports.formats.readable import Wishes
from services.chassis.imports.formats.splitting import Part, split
from services.chassis.imports.headers.layout import Layout

REWRITTEN = ".rows"


class FileTask(BaseModel):
    """An uploaded file, as a validator finds it.

    Attributes:
        resource: whose spec applies.
        path: of the upload; what it is rewritten to stands beside it.
        key: the files' key, in hexadecimal.
    """

    resource: str
    path: str
    key: str

    @property
    def upload(self) -> EncryptedFile:
        """The file as it came."""
        return EncryptedFile(Path(self.path), bytes.fromhex(self.key))

    @property
    def rows(self) -> EncryptedFile:
        """The file as text in UTF-8, or as cells, when it did not come so."""
        return EncryptedFile(Path(self.path).with_suffix(REWRITTEN), bytes.fromhex(self.key))

    def source(self, *, is_rewritten: bool) -> EncryptedFile:
        """The one of the two that is read."""
        return self.rows if is_rewritten else self.upload


class Validation:
    """The tasks of one process; remembers what it has validated."""

    def __init__(self, specs: Mapping[str, ImportSpec]) -> None:
        self._specs = specs
        self._tables = {name: RowReader(spec) for name, spec in specs.items()}
        self._objects = {name: RowReader(spec, is_guarded=False) for name, spec in specs.items()}

    def column(self, resource: str, name: str, layout: Layout) -> Column:
        """How cells of a field are read."""
        return self._reader(resource, layout).columns[name]

    def _reader(self, resource: str, layout: Layout) -> RowReader:
        """NDJSON is written by programs, and no spreadsheet opens it: its texts are as they are."""
        return (self._objects if layout.form == "ndjson" else self._tables)[resource]

    def spec(self, file: FileTask) -> ImportSpec:
        """The spec of a file."""
        return self._specs[file.resource]

    def inspect(self, file: FileTask, wishes: Wishes, most_bytes: int) -> Inspected:
        """See `inspecting.inspect`."""
        return inspect(self.spec(file), file.upload, file.rows, wishes, most_bytes)

    def split(
        self, file: FileTask, layout: Layout, part_bytes: int, *, is_rewritten: bool
    ) -> Iterator[Part]:
        """See `splitting.split`."""
        source = file.source(is_rewritten=is_rewritten)
        delimiter = layout.delimiter if layout.form == "csv" else None
        return split(source.read, layout.offset, layout.first_row, delimiter, part_bytes)

    def stage(
        self, file: FileTask, layout: Layout, part: Part, most_listed: int, *, is_rewritten: bool
    ) -> Staged:
        """Read, check and put in COPY's form a part of the file."""
        content = file.source(is_rewritten=is_rewritten).read(part.offset, part.length)
        cells = read_cells(content, part, layout)
        return self._reader(file.resource, layout).stage(part.number, cells, layout, most_listed)
