"""Polls the change log once for all requests that wait for changes."""

from collections.abc import Iterable
from typing import NamedTuple

from services.chassis.database.db import Database
from services.chassis.http.poller import Poller

POLL_SECONDS = 0.25

WATERMARK = "select base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint from change_base"
# One statement for all waiting requests.
_NEWEST = """
select bureau_code, resource, max(position) as position from change_log
where position > $1 and position < $2 and bureau_code = any($3) and operation <> 'access'
group by bureau_code, resource
"""


class AwaitedEntry(NamedTuple):
    """The entry that a request awaits: the first of these resources after a position."""

    bureau_code: str
    resources: frozenset[str]
    position: int


class NewEntries:
    """Finds new entries for all waiting requests, and only if a transaction has ended.

    Like a page of the feed, it stops at the oldest open transaction, so a woken request can read
    the entry that it was woken for.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._searched_below: dict[AwaitedEntry, int] = {}

    async def find(self, awaited: frozenset[AwaitedEntry]) -> Iterable[AwaitedEntry]:
        """The requests for which there are new entries."""
        async with self._database.connection(None) as connection:
            watermark: int = await connection.fetchval(WATERMARK)
            floors = {
                one: max(one.position, self._searched_below.get(one, 0) - 1) for one in awaited
            }
            behind = [one for one, floor in floors.items() if floor < watermark - 1]
            if not behind:
                return ()
            rows = await connection.fetch(
                _NEWEST,
                min(floors[one] for one in behind),
                watermark,
                list({one.bureau_code for one in behind}),
            )
        newest = {(row["bureau_code"], row["resource"]): row["position"] for row in rows}
        found = {one for one in behind if _is_beyond(floors[one], one, newest)}
        self._searched_below = dict.fromkeys(awaited - found, watermark)
        return found


def _is_beyond(floor: int, awaited: AwaitedEntry, newest: dict[tuple[str, str], int]) -> bool:
    return any(newest.get((awaited.bureau_code, name), 0) > floor for name in awaited.resources)


class ChangePoller(Poller[AwaitedEntry]):
    """Polls the change log of one service for all requests that wait for changes."""

    def __init__(self, database: Database) -> None:
        super().__init__(NewEntries(database).find, POLL_SECONDS)
