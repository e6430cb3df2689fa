"""What is exported, imported again: nothing changes, and nobody is told of a change."""

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any, NamedTuple

import httpx

from tests.support.exporting import content, export
from tests.support.importing import counts, faults, send


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        format: `csv`, `ndjson` or `xlsx`.
        more: further parameters.
    """

    format: str
    more: Mapping[str, Any]


PLAIN = (Kind("csv", {}), Kind("ndjson", {}), Kind("xlsx", {}))
KINDS = (
    *PLAIN,
    Kind("csv", {"bom": True}),
    Kind("csv", {"compress": "gzip"}),
    Kind("csv", {"compress": "gzip", "bom": True}),
    Kind("ndjson", {"compress": "gzip"}),
)
# As people read them: every format of tables, with each header, with codes and with labels.
SHOWN = tuple(
    Kind(form, {"titles": titles, "codes": codes})
    for form, titles, codes in product(("csv", "xlsx"), ("code", "zh", "en"), ("code", "label"))
)


class RoundTrip(NamedTuple):
    """A list that is exported and imported again.

    Attributes:
        client: of its service.
        headers: of somebody who may read and write it, and follow changes.
        resource: its name.
        within: the year, where it belongs to one.
    """

    client: httpx.AsyncClient
    headers: Mapping[str, str]
    resource: str
    within: Mapping[str, str] = {}

    async def go(self, rows: int) -> None:
        """Export so many rows as each kind of file, streamed and by job, and import each file."""
        await self.stream(rows, (*KINDS, *SHOWN))
        for kind in (*KINDS, *SHOWN[3:5]):
            file = await self._written(kind)
            if kind.format == "xlsx":  # tells when it was made
                await self._imported(file, kind, rows)
            else:
                assert _unpacked(file, kind) == _unpacked(await self._streamed(kind), kind), kind

    async def stream(self, rows: int, kinds: tuple[Kind, ...] = PLAIN) -> None:
        """The same, streamed only, and that nobody is told of a change."""
        # `now` is as far back as the oldest transaction of any database of the server.
        before, begun = await self._changes("now"), datetime.now(UTC)
        for kind in kinds:
            await self._imported(await self._streamed(kind), kind, rows)
        after = await self._changes(before["next_cursor"])
        changes = [one for one in after["data"] if datetime.fromisoformat(one["at"]) > begun]
        assert changes == []

    async def _streamed(self, kind: Kind) -> bytes:
        parent = f"/cycles/{self.within['cycle_id']}" if self.within else ""
        params = {"format": kind.format, **kind.more}
        answer = await self.client.get(
            f"/v1{parent}/{self.resource}", params=params, headers=self.headers
        )
        assert answer.status_code == 200, answer.text
        return answer.content

    async def _written(self, kind: Kind) -> bytes:
        shown = {name: value for name, value in kind.more.items() if name in ("titles", "codes")}
        more = {name: value for name, value in kind.more.items() if name not in shown}
        options = {"format": kind.format, "within": self.within, "query": shown, **more}
        job = await export(self.client, self.headers, self.resource, **options)
        assert job["state"] == "completed", job
        return (await content(self.client, self.headers, job)).content

    async def _imported(self, file: bytes, kind: Kind, rows: int) -> None:
        options: dict[str, Any] = {"within": self.within} if self.within else {}
        job = await send(
            self.client, self.headers, self.resource, file, file_name="rows", **options
        )
        found = await faults(self.client, self.headers, job)
        assert (counts(job), found) == ((0, 0, rows, 0), []), (kind, job["problem"])

    async def _changes(self, after: str) -> Any:
        params = {"after": after}
        answer = await self.client.get("/v1/changes", params=params, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


def _unpacked(file: bytes, kind: Kind) -> bytes:
    return gzip.decompress(file) if "compress" in kind.more else file
