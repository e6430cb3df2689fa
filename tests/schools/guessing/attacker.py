"""An attacker: somebody with a role, and what the answers show for each guess."""

import csv
import io
import random
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from tests.schools.county import County
from tests.schools.guessing.people import Victim
from tests.support.importing import ended, open_import
from tests.support.tokens import bearer

# A guess: whose number, and which.
Guess = tuple[str, str]
Seen = dict[Guess, Hashable]
# What differs from one answer to the next, whatever is stored.
_VOLATILE = (
    frozenset(
        (
            "id",
            "at",
            "job_id",
            "created_at",
            "updated_at",
            "started_at",
            "finished_at",
            "expires_at",
        )
    )
    | frozenset(
        ("estimated_end_at", "rows_per_second", "cursor", "next_cursor", "request_id", "instance")
    )
    | frozenset(("sha256", "size", "bytes", "received", "file_name"))
)
_serials = count(1)


@dataclass
class Attacker:
    """Somebody with a role.

    Attributes:
        county: whose people are guessed.
        headers: the token.
        school: where the attacker may register people.
        chance: for guesses without a clue.
    """

    county: County
    headers: Mapping[str, str]
    school: str
    chance: random.Random

    @classmethod
    def of(cls, county: County, *roles: str, **subject: Any) -> "Attacker":
        """Somebody with these roles."""
        subject = {"bureau": county.bureau} | subject
        chance = random.Random("-".join(roles))
        return cls(county, bearer(*roles, **subject), county.one, chance)

    def new_person(self, number: str, **changes: Any) -> dict[str, Any]:
        """Somebody invented, with a number that is tried."""
        staff_no = f"X{next(_serials):06}"
        return {
            "staff_no": staff_no,
            "name": "试探",
            "school_code": self.school,
            "post_category": "professional",
            "employed_on": "2010-09-01",
            "id_number": number,
        } | changes

    async def call(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """A call in the attacker's name."""
        headers = {**self.headers, **kwargs.pop("headers", {})}
        return await self.county.client.request(method, path, headers=headers, **kwargs)

    async def masks(self) -> dict[str, str]:
        """What the attacker reads of everybody's number."""
        found: dict[str, str] = {}
        params: dict[str, Any] = {"limit": 1000}
        while True:
            answer = await self.call("GET", "/v1/staff", params=params)
            if answer.status_code != 200:
                return found
            page = answer.json()
            found |= {row["staff_no"]: row["id_number_masked"] for row in page["data"]}
            if page["next_cursor"] is None:
                return found
            params["cursor"] = page["next_cursor"]

    def seen_in(self, answer: httpx.Response, row: Mapping[str, Any]) -> Hashable:
        """Everything of an answer but what always differs."""
        body = answer.json() if answer.content else None
        return answer.status_code, answer.headers.get("ETag"), self.scrubbed(body, row)

    def scrubbed(self, value: Any, row: Mapping[str, Any]) -> Hashable:
        """A value without what always differs, and what was written itself."""
        if isinstance(value, Mapping):
            return tuple(
                (key, self.scrubbed(one, row))
                for key, one in sorted(value.items())
                if key not in _VOLATILE
            )
        if isinstance(value, list):
            return tuple(self.scrubbed(one, row) for one in value)
        text = str(value)
        for name in ("id_number", "staff_no"):
            text = text.replace(str(row.get(name) or "\0"), name)
        for born in _born(row):
            text = text.replace(born, "birth_date")
        return text

    async def import_file(
        self, rows: Sequence[Mapping[str, Any]], **options: Any
    ) -> tuple[dict[str, Any] | None, Hashable]:
        """Import rows as CSV; the job, and what the answers to it show of the whole."""
        opened = await open_import(
            self.county.client, self.headers, "staff", file_name="rows.csv", **options
        )
        if opened.status_code != 202:
            return None, (opened.status_code, opened.json()["code"])
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        path = f"/v1/imports/{opened.json()['id']}"
        sent = await self.call("PUT", f"{path}/content", content=text.getvalue().encode())
        assert sent.status_code == 202, sent.text
        job = await ended(self.county.client, self.headers, path)
        # How often progress was written down depends on the machine.
        return job, self.scrubbed({**job, "version": None}, {})

    async def of_rows(self, job: Mapping[str, Any]) -> dict[int, Hashable]:
        """What an import shows of each of its rows: faults, failed rows, applied rows."""
        path = f"/v1/imports/{job['id']}"
        seen: dict[int, list[Any]] = {}
        params: dict[str, Any] = {"limit": 1000}
        while True:
            page = (await self.call("GET", f"{path}/faults", params=params)).json()
            for fault in page["data"]:
                shown = sorted((key, str(value)) for key, value in fault.items() if key != "id")
                seen.setdefault(fault["row"], []).append(("fault", fault["code"], len(shown)))
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
        for kind in ("failed-rows", "applied-rows"):
            answer = await self.call("GET", f"{path}/{kind}")
            if answer.status_code == 200:
                for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))):
                    mark = (kind, row.get("_result"), row.get("_code"))
                    seen.setdefault(int(row["_row"]), []).append(mark)
        return {number: tuple(marks) for number, marks in seen.items()}

    def guess(self, victims: Iterable[Victim], tried: Mapping[str, list[str]], seen: Seen) -> int:
        """How many numbers are guessed right: of each person the candidate that stands out."""
        return sum(self._guess_of(one, tried[one.staff_no], seen) == one.number for one in victims)

    def answers_about(
        self, victims: Iterable[Victim], tried: Mapping[str, list[str]], seen: Seen
    ) -> list[set[Hashable]]:
        """Of each person the different answers to the candidates."""
        return [
            {seen.get((one.staff_no, number)) for number in tried[one.staff_no]} for one in victims
        ]

    def _guess_of(self, victim: Victim, candidates: list[str], seen: Seen) -> str | None:
        if not candidates:
            return None
        shown = {one: seen.get((victim.staff_no, one)) for one in candidates}
        frequency = Counter(shown.values())
        rarest = min(frequency.values())
        return self.chance.choice([one for one in candidates if frequency[shown[one]] == rarest])


def key() -> dict[str, str]:
    """A header that makes a request one of its own."""
    return {"Idempotency-Key": uuid4().hex}


def _born(row: Mapping[str, Any]) -> list[str]:
    number = str(row.get("id_number") or "")
    return [f"{number[6:10]}-{number[10:12]}-{number[12:14]}"] if len(number) == 18 else []
