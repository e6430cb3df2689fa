"""The yardstick: what one writes by hand when a list needs to be fast, and nothing else.

No token, no row security, no filters, no problems, no log: one query whose JSON PostgreSQL builds.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Response

DSN = "BENCH_DSN"
COLUMNS = (
    "staff_no, name, school_code, post_category, post_level, title, duty, employed_on, left_on, "
    "status, id, '******************' as id_number_masked, gender, birth_date, version, "
    "created_at, updated_at"
)
PAGE = (
    f"select coalesce(json_agg(row_to_json(p)), '[]')::text from (select {COLUMNS} "
    "from schools.staff where bureau_code = $1 and (staff_no, id) > ($2, $3) "
    "order by staff_no, id limit $4) p"
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pool."""
    async with asyncpg.create_pool(os.environ[DSN], min_size=0, max_size=8) as app.state.pool:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/staff")
async def list_staff(bureau: str, after: str, after_id: str, limit: int = 50) -> Response:
    """The page after one row."""
    rows = await app.state.pool.fetchval(PAGE, bureau, after, after_id, limit)
    return Response(f'{{"data":{rows}}}', media_type="application/json")
