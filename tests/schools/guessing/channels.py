"""Every way in which a number can be tried; each returns what the answers show for each guess."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.changes.copying import settled
from tests.schools.guessing.attacker import Attacker, Seen
from tests.schools.guessing.people import Victim

Tried = dict[str, list[str]]
Channel = Callable[[Attacker, Sequence[Victim], Tried], Awaitable[Seen]]


def _pairs(victims: Sequence[Victim], tried: Tried) -> list[tuple[str, str]]:
    return [(one.staff_no, number) for one in victims for number in tried[one.staff_no]]


def imported(**options: Any) -> Channel:
    """All candidates in one file, under new staff numbers."""

    async def channel(attacker: Attacker, victims: Sequence[Victim], tried: Tried) -> Seen:
        pairs = _pairs(victims, tried)
        rows = [attacker.new_person(number) for _, number in pairs]
        job, whole = await attacker.import_file(rows, **options)
        if job is None:
            return dict.fromkeys(pairs, whole)
        of_rows = await attacker.of_rows(job)
        after = await _stored(attacker, [] if options.get("dry_run") else rows)
        return {
            pair: (of_rows.get(number), after.get(row["staff_no"]))
            for number, (pair, row) in enumerate(zip(pairs, rows, strict=True), 2)
        }

    return channel


async def _stored(attacker: Attacker, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What lists, histories and the feed of changes show of the people of a file."""
    if not rows:
        return {}
    own = {row["staff_no"]: row for row in rows}
    params = {"limit": 1000, "staff_no": list(own), "school_code": attacker.school}
    listed: dict[str, list[Any]] = {}
    for at in range(0, len(own), 100):
        some = list(own)[at : at + 100]
        page = await attacker.call("GET", "/v1/staff", params=params | {"staff_no": some})
        for row in page.json()["data"] if page.status_code == 200 else []:
            history = await attacker.call("GET", f"/v1/staff/{row['id']}/history")
            shown = attacker.scrubbed([row, history.json()], own[row["staff_no"]])
            listed.setdefault(row["staff_no"], []).append(shown)
    for staff_no, entries in (await _fed(attacker, own)).items():
        listed.setdefault(staff_no, []).append(entries)
    return {staff_no: tuple(shown) for staff_no, shown in listed.items()}


async def _fed(attacker: Attacker, own: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the feed of changes tells of these people, once it tells everything."""
    found: dict[str, list[Any]] = {}
    params: dict[str, Any] = {"limit": 1000, "resource": "staff"}
    if (await attacker.call("GET", "/v1/changes", params=params)).status_code != 200:
        return {}
    await settled()
    while True:
        page = (await attacker.call("GET", "/v1/changes", params=params)).json()
        for entry in page["data"]:
            if row := own.get(entry["key"]):
                found.setdefault(entry["key"], []).append(attacker.scrubbed(entry, row))
        if not page["data"]:
            return {key: tuple(entries) for key, entries in found.items()}
        params["after"] = page["next_cursor"]


async def tried_dry_for_them(attacker: Attacker, victims: Sequence[Victim], tried: Tried) -> Seen:
    """One candidate for one registered person in each dry run: the counts tell of one row."""
    seen: Seen = {}
    for victim in victims:
        for number in tried[victim.staff_no]:
            row = _as_it_is(attacker, victim, number)
            _, seen[victim.staff_no, number] = await attacker.import_file([row], dry_run=True)
    return seen


async def imported_for_them(attacker: Attacker, victims: Sequence[Victim], tried: Tried) -> Seen:
    """Files with one candidate for each registered person, and their records afterwards."""
    seen: Seen = {}
    for numbers in zip(*(tried[victim.staff_no] for victim in victims), strict=True):
        rows = [_as_it_is(attacker, *one) for one in zip(victims, numbers, strict=True)]
        job, whole = await attacker.import_file(rows, mode="valid_rows")
        of_rows = await attacker.of_rows(job) if job else {}
        for at, (victim, row) in enumerate(zip(victims, rows, strict=True)):
            after = await _read(attacker, victim, row)
            own = (whole if job is None else None, of_rows.get(at + 2), after)
            seen[victim.staff_no, row["id_number"]] = own
    return seen


async def posted(attacker: Attacker, victims: Sequence[Victim], tried: Tried) -> Seen:
    """One new person after the other."""
    seen: Seen = {}
    for pair in _pairs(victims, tried):
        row = attacker.new_person(pair[1])
        answer = await attacker.call("POST", "/v1/staff", json=row)
        again = await attacker.call("GET", f"/v1/staff/by-key/{row['staff_no']}")
        seen[pair] = (attacker.seen_in(answer, row), attacker.seen_in(again, row))
    return seen


async def put_new(attacker: Attacker, victims: Sequence[Victim], tried: Tried) -> Seen:
    """New people by their key, each changed afterwards by a field and by another number."""
    seen: Seen = {}
    for pair in _pairs(victims, tried):
        row = attacker.new_person(pair[1])
        path = f"/v1/staff/by-key/{row['staff_no']}"
        answers = [
            await attacker.call("PUT", path, json=row),
            await attacker.call("PATCH", path, json={"duty": "教师"}),
            await attacker.call("PATCH", path, json={"id_number": "110105194912310102"}),
            await attacker.call("PUT", path, json=row),
        ]
        seen[pair] = tuple(attacker.seen_in(answer, row) for answer in answers)
    return seen


async def put_theirs(attacker: Attacker, victims: Sequence[Victim], tried: Tried) -> Seen:
    """Candidates written to the people themselves."""
    seen: Seen = {}
    for victim in victims:
        path = f"/v1/staff/by-key/{victim.staff_no}"
        for number in tried[victim.staff_no]:
            row = _as_it_is(attacker, victim, number)
            answers = [
                await attacker.call("PUT", path, json=row),
                await attacker.call("PATCH", path, json={"id_number": number}),
            ]
            shown = tuple(attacker.seen_in(answer, row) for answer in answers)
            seen[victim.staff_no, number] = (shown, await _read(attacker, victim, row))
    return seen


async def in_a_batch(attacker: Attacker, victims: Sequence[Victim], tried: Tried) -> Seen:
    """Many new people at once: every fault has its place."""
    pairs = _pairs(victims, tried)
    rows = [attacker.new_person(number) for _, number in pairs]
    answer = await attacker.call("POST", "/v1/staff:batch", json={"items": rows})
    faults = {one["pointer"]: one["code"] for one in answer.json().get("errors", [])}
    return {pair: faults.get(f"/items/{at}") for at, pair in enumerate(pairs)}


async def previewed(attacker: Attacker, victims: Sequence[Victim], tried: Tried) -> Seen:
    """What a preview shows of the first rows of a file."""
    pairs = _pairs(victims, tried)
    rows = [attacker.new_person(number) for _, number in pairs]
    lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    form = {"file": ("rows.csv", "\n".join(lines).encode())}
    answer = await attacker.call(
        "POST", "/v1/imports:preview", data={"resource": "staff"}, files=form
    )
    faults = {one["row"]: one["code"] for one in answer.json().get("faults", [])}
    return {pair: faults.get(number) for number, pair in enumerate(pairs, 2)}


async def looked_up(attacker: Attacker, victims: Sequence[Victim], tried: Tried) -> Seen:
    """Searches by number, and what is reserved to those who settle reports."""
    seen: Seen = {}
    for pair in _pairs(victims, tried):
        answers = [
            await attacker.call("POST", "/v1/staff:search", json={"id_number": pair[1]}),
            await attacker.call("GET", "/v1/id-number-reports", params={"staff_no": pair[0]}),
            await attacker.call("GET", "/v1/staff", params={"q": pair[1]}),
        ]
        seen[pair] = tuple(attacker.seen_in(one, {"id_number": pair[1]}) for one in answers)
    return seen


def _as_it_is(attacker: Attacker, victim: Victim, number: str) -> dict[str, Any]:
    """The person's record as the attacker reads it, with a number that is tried."""
    row = attacker.new_person(number, staff_no=victim.staff_no, name="王小明")
    return row | {"school_code": victim.school}


async def _read(attacker: Attacker, victim: Victim, row: dict[str, Any]) -> Any:
    answer = await attacker.call("GET", f"/v1/staff/by-key/{victim.staff_no}")
    if answer.status_code != 200:
        return attacker.seen_in(answer, row)
    history = await attacker.call("GET", f"/v1/staff/{answer.json()['id']}/history")
    fed = await _fed(attacker, {victim.staff_no: row})
    return attacker.seen_in(answer, row), attacker.seen_in(history, row), str(fed)
