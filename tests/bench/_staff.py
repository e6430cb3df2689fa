"""A registry of a million members of staff, made inside PostgreSQL."""

import asyncpg

from services.chassis.lists.pinyin.readings import syllables_of

BUREAU, OTHERS = "620123", 20
# Pages of 1,000 end fifty rows before the end, so that the last page of fifty is a full one.
ROWS, ROWS_OF_OTHERS = 1_000_050, 2_000

_SCHOOLS = """
insert into schools.school (school_code, name, name_pinyin, name_initials, school_type, area_type,
    status, bureau_code)
select '21' || lpad((b * 10000 + n)::text, 8, '0'), '示例县第' || n || '小学',
    'shilixiandi' || n || 'xiaoxue', 'slxd' || n || 'xx', '211', '121', 'active',
    lpad((620123 + b)::text, 6, '0')
from generate_series(0, $1::int) b, generate_series(1, 2000) n
where b = 0 or n <= 10
"""
_SURNAMES, _FIRST, _SECOND = "赵钱孙李周吴郑王冯陈褚卫", "伟芳娜敏静丽强磊军洋", "明华平国英玉春海"
_SYLLABLES = [syllables_of(characters) for characters in (_SURNAMES, _FIRST, _SECOND)]
_STAFF = f"""
insert into schools.staff (staff_no, name, name_pinyin, name_initials, school_code, post_category,
    post_level, title, duty, employed_on, status, bureau_code, id_number_cipher, id_number_index,
    gender, birth_date, created_at)
select 'T' || lpad(n::text, 7, '0'),
    substr('{_SURNAMES}', n % 12 + 1, 1) || substr('{_FIRST}', n % 10 + 1, 1)
        || substr('{_SECOND}', n % 8 + 1, 1),
    x || y || z, left(x, 1) || left(y, 1) || left(z, 1),
    '21' || lpad((b * 10000 + n % (case when b = 0 then 2000 else 10 end) + 1)::text, 8, '0'),
    'professional', 7 + n % 7, (array['senior', 'first', 'second', null])[n % 4 + 1],
    case when n % 5 = 0 then '班主任' end, date '1990-09-01' + n % 12000, 'active',
    lpad((620123 + b)::text, 6, '0'),
    'k1:'::bytea || sha256(('c' || b || '/' || n)::bytea) || decode('00010203', 'hex'),
    sha256((b || '/' || n)::bytea),
    (array['male', 'female'])[n % 2 + 1], date '1965-01-01' + n % 14000,
    timestamptz '2026-01-01 08:00+08' + n * interval '1 second'
from generate_series(0, $1::int) b,
    lateral generate_series(1, case when b = 0 then $2::int else $3::int end) n,
    lateral (select (array{_SYLLABLES[0]})[n % 12 + 1], (array{_SYLLABLES[1]})[n % 10 + 1],
        (array{_SYLLABLES[2]})[n % 8 + 1]) syllables (x, y, z)
"""


async def fill(url: str, rows: int = ROWS, rows_of_others: int = ROWS_OF_OTHERS) -> None:
    """Fill the empty registry at `url`; triggers stay out of it, as in a restore."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("set session_replication_role = replica")
        await connection.execute(_SCHOOLS, OTHERS)
        await connection.execute(_STAFF, OTHERS, rows, rows_of_others)
        await connection.execute("vacuum analyze schools.staff")
        await connection.execute("analyze schools.school")
        await connection.execute("checkpoint")
    finally:
        await connection.close()
