"""What is done to the log behind the service's back is named by the verification."""

from typing import Any

import pytest

from services.chassis.audit.retention import drop_partitions, make_partitions
from services.chassis.audit.seal_check import Verification, verify
from services.chassis.audit.sealing import seal
from services.chassis.database.db import Database


async def write(database: Database, first: int, count: int) -> None:
    """Insert bureaus, in one transaction."""
    async with database.connection(None) as connection:
        await connection.execute(
            "insert into bureau (bureau_code, name, name_pinyin, name_initials) "
            "select i::text, '局' || i, 'ju' || i, 'j' || i "
            "from generate_series($1::int, $2::int) i",
            first,
            first + count - 1,
        )


async def seal_all(database: Database, superuser: Any) -> int:
    """Seal what is written, once nothing older is open (other tests share the server)."""
    sealed = 0
    left = (
        "select count(*) from schools.change_log where (position, id) > (select "
        "coalesce(max(to_position), 0), coalesce(max(to_id), 0) from schools.change_seal)"
    )
    while await superuser.fetchval(left):
        sealed += await seal(database)
    return sealed


@pytest.fixture
async def sealed(database: Database, superuser: Any) -> Database:
    """Two seals, of five entries each."""
    for first in (100_001, 100_006):
        await write(database, first, 5)
        assert await seal_all(database, superuser) == 5
    return database


def fault(found: Verification) -> tuple[str, str | None]:
    assert not found.is_intact
    assert found.first_fault is not None
    return found.first_fault.kind, found.first_fault.key


async def test_what_nobody_touched_is_intact(sealed: Database) -> None:
    found = await verify(sealed)
    assert (found.is_intact, found.seals, found.sealed_rows) == (True, 2, 10)
    assert found.first_fault is None
    await write(sealed, 100_011, 3)
    assert (await verify(sealed)).head == found.head, "what is not sealed yet does not count"


@pytest.mark.parametrize(
    "change",
    [
        'changes = (changes::jsonb || \'{"name": "假"}\')::json',
        "actor = 'somebody'",
        "at = at + interval '1 second'",
        "operation = 'delete'",
        "natural_key = 'x'",
        "request_id = null, bureau_code = '0'",
    ],
)
async def test_an_altered_entry_is_named(sealed: Database, superuser: Any, change: str) -> None:
    where = "where natural_key = '100007'"
    await superuser.execute(f"update schools.change_log set {change} {where}")
    assert fault(await verify(sealed)) == ("altered", "100007")


async def test_a_removed_entry_is_named(sealed: Database, superuser: Any) -> None:
    await superuser.execute("delete from schools.change_log where natural_key in ('100003')")
    found = await verify(sealed)
    assert fault(found) == ("missing", "100003")
    assert found.first_fault is not None
    assert (found.first_fault.resource, found.first_fault.at is None) == ("bureaus", False)


async def test_an_entry_slipped_in_is_named(sealed: Database, superuser: Any) -> None:
    await superuser.execute(
        "insert into schools.change_log (position, operation, resource, natural_key, changes) "
        "select position, 'update', 'bureaus', '100099', '{}' from schools.change_log "
        "where natural_key = '100002'"
    )
    # Its number is beyond those of its transaction, but not beyond the second seal's start.
    assert fault(await verify(sealed)) == ("added", "100099")


_COPIED = "bureau_code, operation, resource, row_id, actor, changes"
_FORGE = f"""
insert into schools.change_log (position, id, at, natural_key, {_COPIED})
select {{position}}, {{number}}, at, '100099', {_COPIED} from schools.change_log
where natural_key = '{{like}}'
"""


@pytest.mark.parametrize("like", ["100001", "100005", "100007"])
@pytest.mark.parametrize(
    ("position", "number"),
    [
        ("position - 1", "id"),
        ("position - 1", "id + 1000"),
        ("position", "-id"),
        ("1", "id"),
        ("0", "id"),
        ("0", "0"),
        ("-1", "id"),
        ("-position", "id + 1000"),
        ("position + (1::bigint << 60)", "id"),
    ],
)
async def test_a_forged_entry_is_named_wherever_it_stands(
    sealed: Database, superuser: Any, like: str, position: str, number: str
) -> None:
    await superuser.execute(
        "alter table schools.change_log drop constraint change_log_position_check"
    )
    await superuser.execute(_FORGE.format(position=position, number=number, like=like))
    assert fault(await verify(sealed)) == ("added", "100099")


async def test_an_entry_that_takes_anothers_place_is_an_altered_one(
    sealed: Database, superuser: Any
) -> None:
    await superuser.execute(_FORGE.format(position="position - 1", number="id", like="100007"))
    await superuser.execute("delete from schools.change_log where natural_key = '100007'")
    assert fault(await verify(sealed)) == ("altered", "100007")


async def test_the_first_of_several_is_named(sealed: Database, superuser: Any) -> None:
    for key in ("100009", "100004"):
        await superuser.execute("delete from schools.change_log where natural_key = $1", key)
    assert fault(await verify(sealed)) == ("missing", "100004")


@pytest.mark.parametrize(
    "forgery",
    [
        "delete from schools.change_seal where seq = 1",
        "update schools.change_seal set digests = substr(digests, 1, 128) where seq = 2",
        "update schools.change_seal set to_position = to_position + 1 where seq = 2",
        "update schools.change_seal set names[1] = 'bureaus 999999' where seq = 1",
        "update schools.change_seal set hash = sha256('x') where seq = 2",
    ],
)
async def test_seals_cannot_be_made_to_fit(sealed: Database, superuser: Any, forgery: str) -> None:
    await superuser.execute(forgery)
    assert fault(await verify(sealed)) == ("seal_broken", None)


async def test_a_log_cut_off_at_its_end_is_told_by_a_head_noted_before(
    sealed: Database, superuser: Any
) -> None:
    before = await verify(sealed)
    await superuser.execute("delete from schools.change_seal where seq = 2")
    await superuser.execute("delete from schools.change_log where natural_key >= '100006'")
    assert (await verify(sealed)).is_intact, "what is left fits together"
    found = await verify(sealed, since=before.head)
    assert fault(found) == ("cut_off", None)
    assert found.first_fault is not None
    assert found.first_fault.id == 2
    await write(sealed, 100_020, 5)
    assert await seal_all(sealed, superuser) == 5
    assert fault(await verify(sealed, since=before.head)) == ("cut_off", None)


async def test_a_log_that_was_only_added_to_has_every_head_it_ever_had(
    database: Database, superuser: Any
) -> None:
    heads = [(await verify(database)).head]
    for first in (100_001, 100_006):
        await write(database, first, 5)
        assert await seal_all(database, superuser) == 5
        heads.append((await verify(database, since=heads[-1])).head)
    assert len(set(heads)) == 3
    for head in heads:
        assert (await verify(database, since=head)).is_intact
    assert fault(await verify(database, since="ab" * 32)) == ("cut_off", None)


async def test_many_entries_take_several_seals(database: Database, superuser: Any) -> None:
    await write(database, 100_001, 25_000)
    assert await seal_all(database, superuser) == 25_000
    found = await verify(database)
    assert (found.is_intact, found.seals, found.sealed_rows) == (True, 3, 25_000)
    await superuser.execute("delete from schools.change_log where natural_key = '124999'")
    assert fault(await verify(database)) == ("missing", "124999")


async def test_months_that_were_dropped_do_not_count_as_missing(
    database: Database, superuser: Any
) -> None:
    await superuser.execute(
        "create table schools.change_log_2020_01 partition of schools.change_log "
        "for values from ('2020-01-01 00:00+08') to ('2020-02-01 00:00+08')"
    )
    await superuser.execute("alter table schools.change_log_2020_01 owner to junheng_schools_owner")
    await superuser.execute(
        "insert into schools.change_log (at, operation, resource, natural_key, changes) "
        "values ('2020-01-15', 'insert', 'bureaus', 'old', '{}')"
    )
    await write(database, 100_001, 2)
    assert await seal_all(database, superuser) == 3
    assert await drop_partitions(database) == 1
    assert await superuser.fetchval("select count(*) from schools.change_log") == 2
    assert (await verify(database)).is_intact
    await superuser.execute("update schools.change_floor set before = now() + interval '1 day'")
    assert fault(await verify(database)) == ("missing", "old"), "only signed records count"


async def test_partitions_are_there_ahead_of_time(database: Database, superuser: Any) -> None:
    months = "select count(*) from pg_inherits where inhparent = 'schools.change_log'::regclass"
    before = await superuser.fetchval(months)
    await make_partitions(database)
    assert await superuser.fetchval(months) == before == 5
    await superuser.execute("select schools.make_change_partitions(4)")
    assert await superuser.fetchval(months) == 6
    await write(database, 100_001, 1)
    assert await superuser.fetchval("select count(*) from schools.change_log_default") == 0


async def test_an_entry_of_no_month_is_not_lost(superuser: Any) -> None:
    await superuser.execute(
        "insert into schools.change_log (at, operation, resource, changes) "
        "values ('2000-01-01', 'access', 'x', '{}')"
    )
    assert await superuser.fetchval("select count(*) from schools.change_log_default") == 1


async def test_no_setting_drops_what_is_younger_than_six_months(superuser: Any) -> None:
    six_months = "select count(*) from schools.drop_change_partitions(0)"
    before = "select count(*) from pg_inherits where inhparent = 'schools.change_log'::regclass"
    there = await superuser.fetchval(before)
    assert await superuser.fetchval(six_months) == 0
    assert await superuser.fetchval(before) == there
