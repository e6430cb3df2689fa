"""Many clients that use the sessions of one account at the same time."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from tests.gateway.people import code_of, refresh, tokens

CLIENTS = 20
OTHER = "another pass phrase"

Crowd = list[httpx.AsyncClient]
End = Callable[[], Awaitable[httpx.Response]]


class Refreshing:
    """Clients that exchange their refresh token again and again until it is refused.

    Attributes:
        tokens: the last one that each of them got.
        faults: answers that are neither tokens nor the end of the session.
    """

    def __init__(self, http: Crowd, begun: list[str]) -> None:
        self._http, self.tokens = http, begun
        self.faults: list[str] = []
        self.exchanged = 0

    async def run(self) -> None:
        """Refresh until every session has ended."""
        await asyncio.gather(*(self._run(place) for place in range(len(self.tokens))))

    async def _run(self, place: int) -> None:
        while True:
            answer = await refresh(self._http[place], self.tokens[place])
            if answer.status_code != 200:
                if code_of(answer) != "oauth.invalid_grant":
                    self.faults.append(answer.text)
                return
            self.tokens[place] = answer.json()["refresh_token"]
            self.exchanged += 1


async def end_while_refreshing(http: Crowd, name: str, password: str, end: End) -> httpx.Response:
    """Begin a session for each client, and end them all while they refresh."""
    logins = await asyncio.gather(*(tokens(one, name, password) for one in http))
    clients = Refreshing(http, [answer.json()["refresh_token"] for answer in logins])
    async with asyncio.timeout(300), asyncio.TaskGroup() as group:
        group.create_task(clients.run())
        while clients.exchanged < CLIENTS:
            await asyncio.sleep(0.001)
        ended = await end()
    assert clients.faults == []
    for one, token in zip(http, clients.tokens, strict=True):
        assert code_of(await refresh(one, token)) == "oauth.invalid_grant"
    return ended


async def waiting(admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Return when a statement of the gateway waits for a lock of this transaction."""
    async with asyncio.timeout(300):
        while not await admin.fetchval(
            "select exists (select from pg_stat_activity "
            "where pg_backend_pid() = any(pg_blocking_pids(pid)))"
        ):
            await asyncio.sleep(0.01)
