"""Rows of a part of a file: all cells and rules checked, ready for COPY.

Works column by column. Of faulty rows nothing is staged: they are counted, and the first of their
faults are put in words.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import NamedTuple

import orjson

from services.chassis.core.errors import Fault
from services.chassis.core.safe_text import storable
from services.chassis.imports.checks.cells import ABSENT, Column
from services.chassis.imports.checks.findings import Findings
from services.chassis.imports.checks.passing_over import Passed, PassingOver
from services.chassis.imports.checks.reading import Cells
from services.chassis.imports.checks.rules import RuleReader
from services.chassis.imports.declaration.copy_text import NULL, escape
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.headers.layout import Layout
from services.chassis.imports.headers.unnamed import column_without_header
from services.chassis.imports.xlsx.typed_cells import is_filled

Faults = dict[int, list[Fault]]


class Staged(NamedTuple):
    """A part as COPY takes it.

    Attributes:
        payload: the good rows, as lines of the columns that `staging` copies.
        rows: how many rows there are, faulty ones too.
        findings: what is wrong with those.
        passed: rows that are no data, by the reason.
    """

    payload: bytes
    rows: int
    findings: Findings
    passed: Passed


class Judged(NamedTuple):
    """The checked rows of a part; faults by index of the row.

    Attributes:
        texts: for each field the cells as COPY takes them.
        faults: what is wrong with a row.
        later: what is wrong with it if it is a new one (see `Finding`).
        passed: numbers of rows that are passed over, by the reason.
        dropped: indices of those rows, and of blank ones.
    """

    texts: list[Sequence[str]]
    faults: Faults
    later: Faults
    passed: Passed
    dropped: frozenset[int]


class RowReader:
    """Turns the cells of one resource's files into staged rows.

    Attributes:
        spec: of the resource.
        columns: how the cells of each field are read.
    """

    def __init__(self, spec: ImportSpec, *, is_guarded: bool = True) -> None:
        """Begin without having read anything.

        Args:
            spec: of the resource.
            is_guarded: whether the files are such as spreadsheets open, their formulas guarded.
        """
        self.spec = spec
        self.columns = {
            name: Column(spec, name, is_guarded=is_guarded) for name in spec.row.model_fields
        }
        self._rules = [
            RuleReader(rule, self.columns)
            for rule in spec.row.rules_between
            if not rule.is_set_based
        ]

    def judge(self, cells: Cells, layout: Layout) -> Judged:
        """Check every cell and every rule of the rows of a part; pass over what is no data."""
        numbers, given = cells.numbers, cells.columns
        faults, later = Faults(), Faults()
        texts: list[Sequence[str]] = []
        for name, column in self.columns.items():
            if name in given:
                texts.append(column.texts(given[name]))
                if column.bad:
                    _collect(faults, map(column.faults, given[name]))
            else:
                texts.append([column.default] * len(numbers))
        for rule in self._rules:
            if any(name in given for name in rule.fields):
                nothing = [ABSENT] * len(numbers)
                found = rule.findings([given.get(name, nothing) for name in rule.fields])
                _collect(faults, (finding.faults for finding in found))
                _collect(later, (finding.later for finding in found))
        _collect(faults, _beside_the_header(cells, layout))
        over = PassingOver(self.columns, self.spec.key, layout, cells)
        before = frozenset(faults)
        passed = over.take_out(faults)
        return Judged(texts, faults, later, passed, before - faults.keys())

    def stage(self, part: int, cells: Cells, layout: Layout, most_listed: int) -> Staged:
        """Stage the rows of a part, and put at most `most_listed` of their faults in words."""
        numbers = cells.numbers
        texts, faults, later, passed, dropped = self.judge(cells, layout)
        # Without a loop of ours: this is done for every row of every file.
        own = (repeat(str(part)), map(str, numbers))
        masks, laters = self._masks(cells), _documents(later, len(numbers))
        lines = list(map("\t".join, zip(*own, masks, laters, *texts, strict=False)))
        if faults or dropped:
            lines = [
                line
                for index, line in enumerate(lines)
                if index not in faults and index not in dropped
            ]
        payload = ("\n".join(lines) + "\n").encode() if lines else b""
        rows = len(numbers) + len(cells.broken) - len(dropped)
        return Staged(payload, rows, findings_of(cells, faults, most_listed), passed)

    def _masks(self, cells: Cells) -> Iterable[str]:
        """For each row, which of its fields are absent, as bits over the spec's fields."""
        always, some = 0, []
        for bit, name in enumerate(self.columns):
            if name not in cells.columns:
                always |= 1 << bit
            elif cells.has_gaps and ABSENT in cells.columns[name]:
                some.append((1 << bit, cells.columns[name]))
        if not some:
            return repeat(str(always))
        masks = [always] * len(cells.numbers)
        for flag, column in some:
            for index, cell in enumerate(column):
                if cell is ABSENT:
                    masks[index] |= flag
        return map(str, masks)


def findings_of(cells: Cells, faults: Faults, most_listed: int) -> Findings:
    """The faults of the rows of a part, in their order."""
    found = Findings(most_listed)
    for number, some in sorted(faults_by_row(cells, faults).items()):
        found.add(number, some)
    return found


def faults_by_row(cells: Cells, faults: Faults) -> Faults:
    """The faults of a part by number of the row, those of rows without cells, too."""
    by_row = {cells.numbers[index]: some for index, some in faults.items()}
    return by_row | {number: [fault] for number, fault in cells.broken.items()}


def _beside_the_header(cells: Cells, layout: Layout) -> Iterator[list[Fault]]:
    """For each row, its data in columns that have no name."""
    if not (layout.unnamed and cells.table):
        return
    columns = [(at, cells.table[at]) for at in layout.unnamed]
    for index in range(len(cells.numbers)):
        yield [
            column_without_header(at, cells_of[index])
            for at, cells_of in columns
            if is_filled(cells_of[index])
        ]


def _collect(faults: Faults, found: Iterable[list[Fault]]) -> None:
    for index, some in enumerate(found):
        if some:
            faults.setdefault(index, []).extend(some)


def _documents(faults: Faults, count: int) -> Iterable[str]:
    if not faults:
        return repeat(NULL)
    return [_document(faults[index]) if index in faults else NULL for index in range(count)]


def _document(faults: Sequence[Fault]) -> str:
    """Faults as they are staged: `judging` takes them apart again."""
    found = [
        {
            "field": storable(fault.pointer.strip("/")),
            "code": fault.code,
            "zh": fault.message.zh,
            "en": fault.message.en,
            "params": storable(fault.params),
        }
        for fault in faults
    ]
    return escape(orjson.dumps(found, default=str).decode())
