"""An integrator that keeps a copy by the feed of changes alone."""

import asyncio
from typing import Any

import asyncpg
import httpx

from tests.support.database import admin_url
from tests.support.tokens import bearer

Row = dict[str, Any]


class Copy:
    """Rows by resource and id, as the changes since the beginning make them."""

    def __init__(self, client: httpx.AsyncClient, bureau: str, limit: int = 1000) -> None:
        self.client, self.bureau, self.limit = client, bureau, limit
        self.headers = bearer("integration", bureau=bureau)
        self.cursor: str | None = None
        self.rows: dict[str, dict[str, Row]] = {}
        self.seen: list[Row] = []

    async def read(self, **params: Any) -> list[Row]:
        """The next page, applied to the copy."""
        after = {"after": self.cursor} if self.cursor else {}
        answer = await self.client.get(
            "/v1/changes", params={"limit": self.limit} | after | params, headers=self.headers
        )
        assert answer.status_code == 200, answer.text
        page = answer.json()
        for change in page["data"]:
            self._apply(change)
        self.seen += page["data"]
        self.cursor = page["next_cursor"]
        changes: list[Row] = page["data"]
        return changes

    async def catch_up(self) -> None:
        """Read everything that is committed by now."""
        await settled()
        while await self.read():
            pass

    def _apply(self, change: Row) -> None:
        rows = self.rows.setdefault(change["resource"], {})
        values = {name: new for name, (_old, new) in change["changes"].items()}
        if change["operation"] == "insert":
            assert change["id"] not in rows, "inserted twice"
            rows[change["id"]] = values
        elif change["operation"] == "delete":
            del rows[change["id"]]
        else:
            row = rows[change["id"]]
            old = {name: old for name, (old, _new) in change["changes"].items()}
            known = {name: row.get(name) for name in old}
            assert old == known or "***" in str(old), "does not follow from what was there"
            row |= values


async def settled() -> None:
    """Wait until every transaction that is open by now has ended, also other tests' ones."""
    connection = await asyncpg.connect(admin_url())
    try:
        newest = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        oldest = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        goal = await connection.fetchval(newest)
        while await connection.fetchval(oldest) < goal:
            await asyncio.sleep(0.02)
    finally:
        await connection.close()


def without_nulls(row: Row) -> Row:
    """A row as a copy holds it: what is null is not there."""
    return {name: value for name, value in row.items() if value is not None}
