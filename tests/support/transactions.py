"""How many transactions a process begins, and for whom."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event

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


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch, database: Database) -> Iterator[list[str]]:
    """The statements that this process sends to a service's database, whoever sends them."""
    sent: list[str] = []

    def note(
        _conn: Any, _cursor: Any, statement: str, parameters: Any, _ctx: Any, many: bool
    ) -> None:
        sent.extend([statement] * (len(parameters) if many else 1))

    def noting(name: str) -> Any:
        original = getattr(asyncpg.Connection, name)

        def noted(self: Any, query: str, *args: Any, **kwargs: Any) -> Any:
            sent.append(query)
            return original(self, query, *args, **kwargs)

        return noted

    with monkeypatch.context() as patch:
        for name in ("execute", "fetch", "fetchrow", "fetchval"):
            patch.setattr(asyncpg.Connection, name, noting(name))
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        yield sent
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
