"""The statement that exports are measured against reads the columns that exports have."""

import asyncpg

from services.schools.staff.models import StaffRead
from tests.bench._ways import ROWS
from tests.support.database import admin_url


async def test_the_reference_of_the_benchmark_has_the_columns_of_the_list() -> None:
    connection = await asyncpg.connect(admin_url())
    try:
        statement = await connection.prepare(ROWS)
        names = [column.name for column in statement.get_attributes()]
    finally:
        await connection.close()
    assert names == [*StaffRead.model_fields]
