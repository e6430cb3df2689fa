"""News of the change log: for whom there is an entry beyond what they have read."""

from collections.abc import Iterable
from typing import NamedTuple

from services.chassis.db import Database
from services.chassis.lookout import Lookout

LOOK_SECONDS = 0.25

WATERMARK = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# `limit` keeps each a look into the index: as a join it may read the log as a whole.
_GROWN = """
select a.n from unnest($1::text[], $2::text[], $3::bigint[])
    with ordinality as a (bureau_code, resources, position, n)
cross join lateral (
    select from change_log l where l.bureau_code = a.bureau_code and l.position > a.position
    and l.position < $4 and l.operation <> 'access'
    and l.resource = any(string_to_array(a.resources, ',')) limit 1
) news
"""


class Awaited(NamedTuple):
    """What somebody waits for: an entry of these resources beyond a position."""

    bureau_code: str
    resources: str  # joined by commas
    position: int


class NewEntries:
    """Finds out for all who wait, by one statement, and only if a transaction has ended.

    Like a page of the feed it looks no further than the oldest open transaction, so whoever is
    woken finds the entry by a look of his own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_below: dict[Awaited, int] = {}

    async def look(self, awaited: frozenset[Awaited]) -> Iterable[Awaited]:
        """Those whose entry is there."""
        async with self._database.connection(None) as connection:
            watermark: int = await connection.fetchval(WATERMARK)
            floors = {one: max(one.position, self._looked_below.get(one, 0) - 1) for one in awaited}
            behind = [one for one, floor in floors.items() if floor < watermark - 1]
            if not behind:
                return ()
            rows = await connection.fetch(
                _GROWN,
                [one.bureau_code for one in behind],
                [one.resources for one in behind],
                [floors[one] for one in behind],
                watermark,
            )
        news = {behind[row["n"] - 1] for row in rows}
        self._looked_below = dict.fromkeys(awaited - news, watermark)
        return news


def change_lookout(database: Database) -> Lookout[Awaited]:
    """Looks at the log of one service for those who wait for changes."""
    return Lookout(NewEntries(database).look, LOOK_SECONDS)
