"""Poller of the change log for waiting requests."""

from collections.abc import Iterable
from typing import NamedTuple

from services.chassis.database.db import Database
from services.chassis.http.poller import Poller

LOOK_SECONDS = 0.25

WATERMARK = "select base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint from change_base"
# One pass over what is new, however many wait for it.
_NEWEST = """
select bureau_code, resource, max(position) as position from change_log
where position > $1 and position < $2 and bureau_code = any($3) and operation <> 'access'
group by bureau_code, resource
"""


class Awaited(NamedTuple):
    """The awaited news: an entry of these resources after a position."""

    bureau_code: str
    resources: frozenset[str]
    position: int


class NewEntries:
    """Finds news for all waiting requests in one statement, and only if a transaction has ended.

    Like a page of the feed it looks no further than the oldest open transaction, so a woken request
    finds the entry by a look of his own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_below: dict[Awaited, int] = {}

    async def look(self, awaited: frozenset[Awaited]) -> Iterable[Awaited]:
        """The requests with news."""
        async with self._database.connection(None) as connection:
            watermark: int = await connection.fetchval(WATERMARK)
            floors = {one: max(one.position, self._looked_below.get(one, 0) - 1) for one in awaited}
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
        self._looked_below = dict.fromkeys(awaited - found, watermark)
        return found


def _is_beyond(floor: int, awaited: Awaited, newest: dict[tuple[str, str], int]) -> bool:
    return any(newest.get((awaited.bureau_code, name), 0) > floor for name in awaited.resources)


class ChangePoller(Poller[Awaited]):
    """Polls the change log of one service for all requests that wait for changes."""

    def __init__(self, database: Database) -> None:
        super().__init__(NewEntries(database).look, LOOK_SECONDS)
