"""Faults of the rows of one part: all are counted, the first ones are described."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from services.chassis.core.errors import Fault
from services.chassis.core.safe_text import storable


class Listed(NamedTuple):
    """A fault as it is stored, in words.

    Attributes:
        row: as a spreadsheet counts.
        entry: its place among the faults of the row, from 1 on.
        field: the field to blame.
        code: of the fault.
        zh: its words in Chinese, with `{}` for what `params` holds.
        en: the same in English.
        params: a JSON document.
    """

    row: int
    entry: int
    field: str
    code: str
    zh: str
    en: str
    params: str


@dataclass(slots=True)
class Findings:
    """The faults of the rows of a part.

    Attributes:
        most: how many of them are put in words.
        rows: the faulty ones, in order.
        codes: how many faults there are of each code.
        listed: the first faults.
    """

    most: int
    rows: list[int] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    listed: list[Listed] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """How many faults there are."""
        return self.codes.total()

    def add(self, row: int, faults: Sequence[Fault]) -> None:
        """Count the faults of a row; rows come in order."""
        self.rows.append(row)
        self.codes.update(fault.code for fault in faults)
        room = self.most - len(self.listed)
        self.listed += [_listed(row, n, one) for n, one in enumerate(faults[:room], 1)]


def _listed(row: int, entry: int, fault: Fault) -> Listed:
    params = orjson.dumps(storable(fault.params), default=str).decode()
    name = storable(fault.pointer.strip("/"))
    return Listed(row, entry, name, fault.code, *fault.message, params)
