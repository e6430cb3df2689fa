"""Client of the school registry, through the gateway and never inside a transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

import httpx
from fastapi import Depends

from services.chassis.peers.client import PlatformClient, ThePlatform
from services.chassis.peers.contract import Use
from services.chassis.peers.http_client import UpstreamUnavailable
from services.chassis.peers.ndjson import ndjson_rows

_CHUNK = 100


class StaffRow(NamedTuple):
    """Fields of a member of staff that are read."""

    staff_no: str
    name: str
    school_code: str


class Place(NamedTuple):
    """Fields of an assignment that are read."""

    staff_no: str
    school_code: str


class Person(NamedTuple):
    """Fields of a member of staff that a case stores.

    Attributes:
        staff_no: the staff number.
        name: the name.
        school_code: the school of the personnel relation.
        works_at: that school, and those of the assignments in force.
    """

    staff_no: str
    name: str
    school_code: str
    works_at: frozenset[str]


class School(NamedTuple):
    """Fields of a school that are read."""

    school_code: str
    name: str


USES = (
    Use(
        "schools",
        "GET",
        "/v1/staff",
        {"staff_no": list[str], "restricted": list[str], "limit": int, "cursor": str},
        reads=StaffRow,
    ),
    Use(
        "schools",
        "GET",
        "/v1/assignments",
        {"staff_no": list[str], "on": date, "limit": int, "cursor": str},
        reads=Place,
    ),
    Use(
        "schools",
        "GET",
        "/v1/schools",
        {"school_code": list[str], "limit": int, "cursor": str},
        reads=School,
    ),
    Use("schools", "GET", "/v1/schools", {"format": Literal["ndjson"]}, reads=School),
)


class Registry:
    """Looks up staff and schools of a bureau.

    Every method raises UpstreamUnavailable when the registry or the gateway gives no answer.
    """

    def __init__(self, platform: PlatformClient) -> None:
        self._platform = platform

    async def people(
        self, bureau: str, staff_nos: Iterable[str], on: date, *, with_restricted: bool
    ) -> dict[str, Person]:
        """The existing ones of `staff_nos` by number; two calls per hundred.

        Args:
            bureau: whose staff.
            staff_nos: the numbers asked about.
            on: the day of the assignments that count.
            with_restricted: also those whose data are only kept: the registry shows them to this
                service, and not to everybody that it asks for.
        """
        narrowed = {} if with_restricted else {"restricted": "no"}
        numbers = sorted(set(staff_nos))
        found = await self._by_key(bureau, "staff", "staff_no", numbers, narrowed)
        staff = [StaffRow(*(row[name] for name in StaffRow._fields)) for row in found]
        places = await self._places(bureau, [row.staff_no for row in staff], on)
        return {
            row.staff_no: Person(*row, places.get(row.staff_no, frozenset()) | {row.school_code})
            for row in staff
        }

    async def _places(
        self, bureau: str, numbers: Sequence[str], on: date
    ) -> dict[str, frozenset[str]]:
        """The schools of these persons' assignments, by staff number."""
        rows = await self._by_key(
            bureau, "assignments", "staff_no", numbers, {"on": on.isoformat()}
        )
        places: dict[str, frozenset[str]] = {}
        for row in rows:
            known = places.get(row["staff_no"], frozenset())
            places[row["staff_no"]] = known | {row["school_code"]}
        return places

    async def school_name(self, bureau: str, school_code: str) -> str | None:
        """The name of the school; None if there is no such school."""
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
            rows += await self._all_pages(bureau, f"/schools/v1/{resource}", params)
        return rows

    async def _all_pages(
        self, bureau: str, path: str, params: dict[str, Any]
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        cursor: dict[str, str] | None = {}
        while cursor is not None:
            response = await self._platform.request(bureau, "GET", path, params=params | cursor)
            _require_ok(response)
            page = response.json()
            rows += page["data"]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return rows


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _require_ok(response: httpx.Response) -> None:
    if response.status_code != httpx.codes.OK:
        raise UpstreamUnavailable


def registry_of(platform: ThePlatform) -> Registry:
    """The registry client with this process's service account."""
    return Registry(platform)


TheRegistry = Annotated[Registry, Depends(registry_of)]
