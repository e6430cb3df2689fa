"""Under row security, too, a search by pinyin reads two indexes and nothing else."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from services.appraisal.participants.queries import PARTICIPANTS
from services.appraisal.results.queries import results_listing
from services.appraisal.scores.queries import SCORES
from services.chassis.core.settings import ServiceSettings
from services.chassis.database.auth import Caller
from services.chassis.database.db import Database
from services.chassis.lists.listing import Listing
from services.chassis.lists.pinyin.names import keys_of
from services.schools.staff.queries import STAFF
from tests.support.database import create_database

BUREAUS, EACH = ("620901", "620902"), 15_000
CYCLE = "01890000-0000-7000-8000-00000000000{}"
_STAFF = """
insert into schools.staff (bureau_code, staff_no, name, name_pinyin, name_initials, school_code,
    post_category, employed_on, status, id_number_cipher, id_number_index, gender,
    birth_date)
select bureau_code, staff_no, name, pinyin, initials, '2162000001', 'worker', '2020-01-01',
    'active', 'k1:x', sha256((bureau_code || staff_no)::bytea), 'male', '1990-01-01' from names
"""
_PARTICIPANTS = """
insert into appraisal.participant (bureau_code, cycle_id, staff_no, name, name_pinyin,
    name_initials, school_code, school_name, post_category, employed_on)
select bureau_code, cycle_id, staff_no, name, pinyin, initials, '2162000001', '一小', 'worker',
    '2020-01-01' from names
"""
_SCORES = """
insert into appraisal.score (bureau_code, cycle_id, staff_no, virtue, ability, diligence,
    achievement, integrity)
select bureau_code, cycle_id, staff_no, 1, 1, 1, 1, 1 from names
"""
_RESULTS = """
insert into appraisal.result (bureau_code, cycle_id, staff_no, school_code, result, is_graded,
    reasons)
select bureau_code, cycle_id, staff_no, '2162000001', 'qualified', true, '[]' from names
"""


@pytest.fixture(scope="module")
def database_url() -> str:
    """A database of this module's own."""
    return create_database("names")


@pytest.fixture(scope="module")
async def filled(database_url: str) -> str:
    """The same, with some ten thousand names."""
    admin = await asyncpg.connect(database_url)
    await admin.execute("set session_replication_role = replica")  # neither log nor references
    await admin.execute(
        "create temporary table names (bureau_code text, cycle_id uuid, staff_no text, name text, "
        "pinyin text, initials text)"
    )
    await admin.copy_records_to_table("names", records=list(people()))
    for statement in (_STAFF, _PARTICIPANTS, _SCORES, _RESULTS):
        await admin.execute(statement)
    await admin.execute("analyze")
    await admin.close()
    return database_url


def people() -> Iterator[tuple[str, ...]]:
    """Names by chance, the same at each run."""
    chance = random.Random(1)
    for number, bureau in enumerate(BUREAUS, 1):
        for n in range(EACH):
            name = "".join(chance.choices("王李张刘陈杨赵黄周吴伟芳娜秀英敏静丽强磊军洋勇艳", k=3))
            yield bureau, CYCLE.format(number), f"T{n:05}", name, *keys_of(name)


@dataclass(frozen=True)
class Searched:
    """A list that is searched by name, and the indexes that serve it."""

    service: str
    listing: Listing
    within: dict[str, Any]
    indexes: tuple[str, str]


_CYCLE = CYCLE.format(1)
_OF_STAFF = ("staff_bureau_code_name_initials_id_idx", "staff_bureau_code_name_pinyin_id_idx")
_OF_ROSTER = (
    "participant_cycle_id_name_initials_id_idx",
    "participant_cycle_id_name_pinyin_id_idx",
)
LISTS = [
    Searched("schools", STAFF, {}, _OF_STAFF),
    Searched("appraisal", PARTICIPANTS, {"cycle_id": _CYCLE}, _OF_ROSTER),
    Searched("appraisal", SCORES, {"s.cycle_id": _CYCLE}, _OF_ROSTER),
    Searched("appraisal", results_listing("zh-CN"), {"r.cycle_id": _CYCLE}, _OF_ROSTER),
]
CALLER = Caller(
    subject="s", kind="account", name="n", roles=frozenset({"bureau_admin"}), scopes=frozenset(),
    bureau=BUREAUS[0], schools=(), staff_no=None,
)  # fmt: skip


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


@pytest.mark.parametrize("q", ["wangwei", "Zhang Xiuying", "wxy"])
@pytest.mark.parametrize("searched", LISTS, ids=lambda searched: searched.listing.resource)
async def test_a_search_by_pinyin_joins_two_indexes(
    searched: Searched, q: str, filled: str
) -> None:
    address = filled.replace(filled.partition("//")[2].rpartition("@")[0] + "@", "")
    settings = ServiceSettings.for_service(searched.service, database_url=address)
    database, listing = Database(searched.service, settings), searched.listing
    params = listing.params(q=q)
    where = listing.where(CALLER, params, searched.within)
    query = (
        f"select {listing.document} from {listing.source} {where.sql()} "
        f"order by {listing.order(params).sql} limit 101"
    )
    await database.open()
    try:
        async with database.connection(CALLER) as connection:
            role = await connection.fetchval("select current_user")
            (explained,) = await connection.fetchval(f"explain (format json) {query}", *where.args)
            rows = await connection.fetch(query, *where.args)
    finally:
        await database.close()
    assert role == f"junheng_{searched.service}_bureau"
    (joined,) = (node for node in nodes(explained["Plan"]) if node["Node Type"] == "BitmapOr")
    assert sorted(scan["Index Name"] for scan in joined["Plans"]) == sorted(searched.indexes)
    key = q.lower().replace(" ", "")
    mine = (keys for bureau, _, _, _, *keys in people() if bureau == BUREAUS[0])
    assert len(rows) == sum(any(one.startswith(key) for one in keys) for keys in mine) > 0
