"""The school registry as this service asks it: through the gateway, never in a transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import httpx
from fastapi import Depends

from services.chassis.peers.client import PlatformClient, ThePlatform
from services.chassis.peers.contract import Use
from services.chassis.peers.http_client import UpstreamUnavailable
from services.chassis.peers.ndjson import ndjson_rows

_CHUNK = 100


class Person(NamedTuple):
    """What a case keeps of a member of staff."""

    staff_no: str
    name: str
    school_code: str


class School(NamedTuple):
    """What is read of a school."""

    school_code: str
    name: str


USES = (
    Use(
        "schools",
        "GET",
        "/v1/staff",
        {"staff_no": list[str], "restricted": list[str], "limit": int},
        reads=Person,
    ),
    Use("schools", "GET", "/v1/schools", {"school_code": list[str], "limit": int}, reads=School),
    Use("schools", "GET", "/v1/schools", {"format": Literal["ndjson"]}, reads=School),
)


class Registry:
    """Looks up staff and schools of a bureau.

    Every method raises UpstreamUnavailable when the registry or the gateway gives no answer.
    """

    def __init__(self, platform: PlatformClient) -> None:
        self._platform = platform

    async def people(
        self, bureau: str, staff_nos: Iterable[str], *, with_restricted: bool
    ) -> dict[str, Person]:
        """Those of `staff_nos` that exist, by number; one call for every hundred.

        Args:
            bureau: whose staff.
            staff_nos: the numbers asked about.
            with_restricted: also those whose data are only kept: the registry shows them to this
                service, and not to everybody that it asks for.
        """
        narrowed = {} if with_restricted else {"restricted": "no"}
        found = await self._by_key(bureau, "staff", "staff_no", sorted(set(staff_nos)), narrowed)
        return {row["staff_no"]: Person(*(row[name] for name in Person._fields)) for row in found}

    async def school_name(self, bureau: str, school_code: str) -> str | None:
        """The school's name; None when there is no such school."""
        rows = await self._by_key(bureau, "schools", "school_code", [school_code])
        return rows[0]["name"] if rows else None

    async def all_schools(self, bureau: str) -> list[tuple[str, str]]:
        """Code and name of every school of the bureau."""
        params = {"format": "ndjson"}
        async with self._platform.stream(bureau, "/schools/v1/schools", params=params) as response:
            _require_ok(response)
            rows = ndjson_rows(response)
            return [School(row["school_code"], row["name"]) async for row in rows]

    async def _by_key(
        self,
        bureau: str,
        resource: str,
        key: str,
        values: Sequence[str],
        narrowed: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for chunk in _chunks(values):
            params = {key: chunk, "limit": _CHUNK, **(narrowed or {})}
            response = await self._platform.request(
                bureau, "GET", f"/schools/v1/{resource}", params=params
            )
            _require_ok(response)
            rows += response.json()["data"]
        return rows


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _require_ok(response: httpx.Response) -> None:
    if response.status_code != httpx.codes.OK:
        raise UpstreamUnavailable


def registry_of(platform: ThePlatform) -> Registry:
    """The registry, as the service account of this process sees it."""
    return Registry(platform)


TheRegistry = Annotated[Registry, Depends(registry_of)]
