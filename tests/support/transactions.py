"""How many transactions a process begins, and for whom."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.chassis.database.db import Database


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str | None]]:
    """Counts the transactions that this process begins, by whose they are."""
    begun: Counter[str | None] = Counter()
    connection = Database.connection

    def counting(self: Database, caller: Any, **options: Any) -> Any:
        begun[caller and caller.subject] += 1
        return connection(self, caller, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "connection", counting)
        yield begun
