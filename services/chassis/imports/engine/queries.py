"""Visibility and listing of imports."""

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

from services.chassis.core.text import Language
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.database.sql_conditions import Where
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.engine.kind import IMPORT_MACHINE, IMPORTS
from services.chassis.imports.engine.notices import notices_sql
from services.chassis.imports.engine.row_scopes import import_rows
from services.chassis.imports.engine.schemas import FaultRead, ImportRead
from services.chassis.lists.listing import Listing
from services.chassis.operations.answers import require_operation

# While it runs, an import is what its parts are: each is entered, and marked as merged, in the
# transaction that does so. The numbers of one that has ended were added up in its last one.
SOURCE = """(
    select j.*, coalesce(p.bytes_read, j.bytes_read) as read_now,
        coalesce(p.rows, j.rows) as rows_now,
        coalesce(p.created, j.created) as created_now,
        coalesce(p.updated, j.updated) as updated_now,
        coalesce(p.unchanged, j.unchanged) as unchanged_now,
        coalesce(p.failed, j.failed) as failed_now, coalesce(c.codes, j.fault_codes) as codes_now
    from import_job j
    left join lateral (
        select sum(bytes)::bigint as bytes_read, sum(rows)::bigint as rows,
            sum(created_count)::bigint as created, sum(updated_count)::bigint as updated,
            sum((rows - failed - created_count - updated_count) * is_merged::int)::bigint
                as unchanged, sum(failed)::bigint as failed
        from import_part where job_id = j.id and j.state in ('validating', 'loading')
    ) p on true
    left join lateral (
        select jsonb_object_agg(code, n) as codes from (
            select code, sum(n::bigint) as n from import_part, jsonb_each_text(codes) as e (code, n)
            where job_id = j.id and j.state in ('validating', 'loading') group by code) s
    ) c on true
) jobs"""
_DONE = "(created_now + updated_now + unchanged_now + failed_now)"
_UNPROCESSED = f"greatest(rows_now - {_DONE}, 0)"
# Validating has so many rows read; loading, so many applied.
_RATE = f"""case
    when finished_at is not null and started_at is not null
        then round((rows / greatest(extract(epoch from finished_at - started_at), 0.001)), 1)
    when state = 'validating'
        then round((rows_now / greatest(extract(epoch from now() - started_at), 0.001)), 1)
    when state = 'loading'
        then round(({_DONE} / greatest(extract(epoch from now() - loading_at), 0.001)), 1)
    end"""
_END = f"""case
    when state = 'validating' and read_now > 0
        then started_at + (now() - started_at) * (size::float8 / read_now)
            * case when dry_run then 1 else 3 end
    when state = 'loading' and {_DONE} > failed_now
        then loading_at + (now() - loading_at) * (rows_now::float8 / {_DONE})
    end"""
_MOVES = "estimated anew each time that it is read"
_COLUMNS = """(
    select coalesce(json_agg(json_build_object('header', h, 'field', f) order by at), '[]')
    from rows from (jsonb_array_elements_text(layout->'header'),
        jsonb_array_elements_text(layout->'fields')) with ordinality as c (h, f, at))"""
# The number of restricted persons is shown only to an importer who sees such persons:
# others may read the import, too.
_KEPT = """case when subject = current_setting('app.subject', true)
    then kept else kept - 'restricted' end"""
_PROGRESS = (
    "json_build_object('bytes', read_now, 'rows', rows_now, 'created', created_now, "
    "'updated', updated_now, 'unchanged', unchanged_now, 'failed', failed_now, "
    f"'unprocessed', {_UNPROCESSED}, 'removed', removed, 'kept', {_KEPT})"
)
_FAULTS = (
    "json_build_object("
    "'count', (select coalesce(sum(n::bigint), 0) from jsonb_each_text(codes_now) as c (code, n)), "
    "'listed', faults_listed, 'by_code', codes_now, 'is_complete', is_judged)"
)


class ImportLists:
    """The lists of one service's imports.

    Args:
        specs: what it imports.
    """

    def __init__(self, specs: Collection[ImportSpec]) -> None:
        self._specs = specs
        self._scopes = {spec.resource: spec.scope for spec in specs}
        self._rows = import_rows(specs)
        self._private = [spec.resource for spec in specs if spec.is_private]

    def visible_to(self, caller: Caller, where: Where) -> None:
        """The bureau's imports of what the caller may write; of a school account its own.

        Of what is private, everybody sees their own imports only.
        """
        self._rows(caller, where)
        writable = [name for name, scope in self._scopes.items() if caller.may(scope)]
        where.add("resource = any({}::text[])", writable)
        if self._private:
            where.add(
                "(subject = {} or resource <> all({}::text[]))", caller.subject, self._private
            )

    @cache  # noqa: B019 -- lives as long as the service, for two languages
    def jobs(self, language: Language) -> Listing:
        """The list of imports, problems in `language`."""
        return Listing(
            "imports",
            ImportRead,
            SOURCE,
            self.visible_to,
            unfiltered={"rows_per_second": _MOVES, "estimated_end_at": _MOVES},
            sorts=("created_at", "finished_at"),
            sql={
                "received": "bytes",
                "columns": _COLUMNS,
                "progress": _PROGRESS,
                "reading": "reading - 'notices'",
                "notices": notices_sql(self._specs, language),
                "faults": _FAULTS,
                "rows_per_second": _RATE,
                "estimated_end_at": _END,
                "problem": f"problem->'{language}'",
            },
            key="jobs.id",
            missing=IMPORTS.problems.not_found,
            procedure=IMPORT_MACHINE,
            shows_more=True,
        )

    @cache  # noqa: B019
    def faults(self, language: Language) -> Listing:
        """The list of one import's faults, worded in `language`."""
        message = "message_zh" if language == "zh-CN" else "message_en"
        return Listing(
            "faults",
            FaultRead,
            f"(select *, {worded(message)} as message, row * 10000 + entry as place "
            "from import_fault) f",
            lambda _caller, _where: None,  # within one import, which was asked for before
            unfiltered={"message": "worded when read, in the reader's language"},
            sorts=("row",),
            key="place",
        )


def worded(message: str) -> str:
    """SQL: a fault's message with its parameters filled in."""
    return (
        f"(select coalesce(string_agg(case when at % 2 = 1 then piece "
        f"else coalesce(params->>piece, '{{' || piece || '}}') end, '' order by at), '') "
        f"from regexp_split_to_table({message}, '[{{}}]') with ordinality as p (piece, at))"
    )


async def require_job(connection: Conn, lists: ImportLists, caller: Caller, job_id: UUID) -> Any:
    """The row of an import that the caller may see.

    Raises:
        OperationNotFound: there is none.
    """
    return await require_operation(connection, IMPORTS, lists.visible_to, caller, job_id)
