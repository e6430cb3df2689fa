"""Lists: declared once per resource, built as JSON by PostgreSQL, paged by keyset.

A `Listing` names the source, the read schema and which of its fields can be filtered, ranged,
searched and sorted. From it come the query parameters (and so the OpenAPI document), the page,
the exact count and the export. Pages never build ORM objects, and page N costs what page 1 costs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from fastapi import Response
from pydantic import BaseModel, Field, create_model

from services.chassis.auth import Caller
from services.chassis.conditions import etag_of
from services.chassis.cursor import Cursors
from services.chassis.db import Conn
from services.chassis.errors import NotFound

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000
_RANGES = {"gte": ">=", "lte": "<=", "gt": ">", "lt": "<"}


class Where:
    """SQL conditions joined by AND, with their numbered arguments."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.args: list[Any] = []

    def arg(self, value: Any) -> str:
        """The placeholder of a new argument."""
        self.args.append(value.value if isinstance(value, Enum) else value)
        return f"${len(self.args)}"

    def add(self, template: str, *values: Any) -> None:
        """Add a condition; each `{}` becomes the placeholder of one value."""
        self.conditions.append(template.format(*(self.arg(value) for value in values)))

    def sql(self) -> str:
        """The `where` clause, always with at least one condition."""
        return "where " + (" and ".join(self.conditions) or "true")


class PageParams(BaseModel, extra="forbid"):
    """What every list accepts (分页参数)."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Rows per page (每页行数)")
    cursor: str | None = Field(None, max_length=2000, description="From `next_cursor` (游标)")
    total: Literal["exact"] | None = Field(None, description="Also count all rows (总数)")
    format: Literal["json", "csv", "ndjson"] = Field(
        "json", description="`csv` and `ndjson` stream every row of the selection (导出)"
    )


Scope = Callable[[Caller, Where], None]
# Columns fixed by the address: `{"cycle_id": …}` for a list inside one cycle.
Within = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """How one resource is listed.

    Attributes:
        resource: the name in cursors and file names.
        read: schema of one row; each field is a column of `source` or an entry of `sql`.
        source: the FROM clause.
        scope: adds the caller's row predicate (the first line of defence; row security is the net).
        filters: fields taken as equality parameters; repeated ones mean membership.
        related: parameters on related rows, with the condition on their values (`{}`, an array).
        ranges: fields taken with `_gte`, `_lte`, `_gt`, `_lt`.
        search: columns searched by substring with `q`.
        sorts: fields that may order the list; none may be null.
        sql: expressions for fields that are not plain columns.
        key: unique column that ends every order.
        missing: the problem when a single row is not there for the caller.
        is_public: everybody of the bureau sees rows that row security keeps from most of them;
            such a list is read as the service itself, and `scope` alone decides.
    """

    resource: str
    read: type[BaseModel]
    source: str
    scope: Scope
    filters: tuple[str, ...] = ()
    related: dict[str, str] = field(default_factory=dict)
    ranges: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ("created_at",)
    sql: dict[str, str] = field(default_factory=dict)
    key: str = "id"
    missing: type[NotFound] = NotFound
    is_public: bool = False

    def reader(self, caller: Caller) -> Caller | None:
        """In whose row-security context the list is read; None is the service itself."""
        return None if self.is_public else caller

    @cached_property
    def params(self) -> Any:
        """The query model of this list."""
        fields: dict[str, Any] = {}
        for name in self.filters:
            info = self.read.model_fields[name]
            fields[name] = (list[_plain(info.annotation)] | None, Field(None, title=info.title))  # type: ignore[misc]
        for name in self.related:
            fields[name] = (list[str] | None, Field(None))
        for name in self.ranges:
            kind = _plain(self.read.model_fields[name].annotation)
            for suffix in _RANGES:
                fields[f"{name}_{suffix}"] = (kind | None, Field(None))
        if self.search:
            fields["q"] = (str | None, Field(None, min_length=1, max_length=64, title="搜索"))
        options = [f"{sign}{name}" for name in self.sorts for sign in ("", "-")]
        fields["sort"] = (Literal[tuple(options)], Field(self.sorts[0], description="Order (排序)"))
        return create_model(f"{self.read.__name__}Params", __base__=PageParams, **fields)

    @cached_property
    def page_schema(self) -> Any:
        """The schema of one page."""
        return create_model(
            f"{self.read.__name__}Page",
            data=(list[self.read], Field(description="Rows (数据)")),  # type: ignore[name-defined]
            next_cursor=(str | None, Field(description="For the next page; null at the end")),
            total=(int | None, Field(None, description="Only with `total=exact`")),
        )

    def expression(self, name: str) -> str:
        """The SQL of one field."""
        return self.sql.get(name, name)

    @cached_property
    def document(self) -> str:
        """The SQL that builds one row's JSON text."""
        pairs = ", ".join(f"'{name}', {self.expression(name)}" for name in self.read.model_fields)
        return f"json_build_object({pairs})::text"

    def where(self, caller: Caller, params: Any, within: Within) -> Where:
        """The caller's scope, the parent resource and the request's filters, as SQL."""
        where = Where()
        self.scope(caller, where)
        for name, value in within.items():
            where.add(f"{name} = {{}}", value)
        for name in self.filters:
            if (values := getattr(params, name)) is not None:
                plain = [v.value if isinstance(v, Enum) else v for v in values]
                where.add(self.expression(name) + " = any({})", plain)
        for name, condition in self.related.items():
            if (values := getattr(params, name)) is not None:
                where.add(condition, values)
        for name in self.ranges:
            for suffix, operator in _RANGES.items():
                if (bound := getattr(params, f"{name}_{suffix}")) is not None:
                    where.add(f"{self.expression(name)} {operator} {{}}", bound)
        if self.search and params.q:
            where.add(_search_condition(self.search), params.q)
        return where

    def order(self, params: Any) -> str:
        """The order of pages and exports: the chosen field, then the key, in one direction."""
        direction = "desc" if params.sort.startswith("-") else "asc"
        sort = self.expression(params.sort.removeprefix("-"))
        return f"{sort} {direction}, {self.key} {direction}"

    async def page(
        self, connection: Conn, caller: Caller, params: Any, cursors: Cursors, within: Within
    ) -> Response:
        """One page as JSON built by PostgreSQL.

        Raises:
            CursorInvalid: the cursor is not of this list, filter, order and caller.
        """
        descending, column = params.sort.startswith("-"), params.sort.removeprefix("-")
        sort, order = self.expression(column), self.order(params)
        where = self.where(caller, params, within)
        binding = _binding(self.resource, caller, params, within)
        total = await self._total(connection, where) if params.total else None
        if params.cursor is not None:
            kind = _plain(self.read.model_fields[column].annotation)
            after, after_id = cursors.read(params.cursor, binding)
            beyond = "<" if descending else ">"
            where.add(
                f"({sort}, {self.key}) {beyond} ({{}}::{_sql_type(kind)}, {{}})",
                _typed(kind, after),
                after_id,
            )
        rows = await connection.fetch(
            f"select {self.document} as doc, {sort}::text as at, {self.key} as key "
            f"from {self.source} {where.sql()} order by {order} limit {params.limit + 1}",
            *where.args,
        )
        more = len(rows) > params.limit
        rows = rows[: params.limit]
        cursor = cursors.write([rows[-1]["at"], str(rows[-1]["key"])], binding) if more else None
        return page_response([row["doc"] for row in rows], cursor, total)

    async def one(self, connection: Conn, caller: Caller, condition: str, *values: Any) -> Response:
        """One row as JSON, if it exists and the caller may see it.

        Raises:
            NotFound: `missing`, otherwise.
        """
        where = Where()
        self.scope(caller, where)
        where.add(condition, *values)
        has_version = "version" in self.read.model_fields
        version = self.expression("version") if has_version else "null::integer"
        row = await connection.fetchrow(
            f"select {self.document} as document, {version} as version "
            f"from {self.source} {where.sql()}",
            *where.args,
        )
        if row is None:
            raise self.missing(key=values[-1])
        headers = {"ETag": etag_of(row["version"])} if has_version else None
        return Response(row["document"], media_type="application/json", headers=headers)

    async def _total(self, connection: Conn, where: Where) -> int:
        count: int = await connection.fetchval(
            f"select count(*) from {self.source} {where.sql()}", *where.args
        )
        return count


def page_response(documents: list[str], next_cursor: str | None, total: int | None) -> Response:
    """A page from JSON texts, without parsing them."""
    cursor = f'"{next_cursor}"' if next_cursor else "null"
    counted = f',"total":{total}' if total is not None else ""
    body = f'{{"data":[{",".join(documents)}],"next_cursor":{cursor}{counted}}}'
    return Response(body, media_type="application/json")


def _search_condition(columns: tuple[str, ...]) -> str:
    # One argument, used for every column; LIKE's wildcards are taken literally.
    pattern = "'%' || replace(replace(replace({0}, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'"
    return "(" + " or ".join(f"{column} ilike {pattern}" for column in columns) + ")"


def _binding(resource: str, caller: Caller, params: Any, within: Within) -> str:
    chosen = params.model_dump(mode="json", exclude={"cursor", "limit", "total", "format"})
    scope = (caller.bureau, caller.schools, caller.staff_no)
    return f"{resource}|{scope}|{within}|{sorted(chosen.items())}"


def _plain(annotation: Any) -> Any:
    """`T` of an optional `T`, without its constraints."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(a for a in get_args(annotation) if a is not type(None))
    return get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation


def _sql_type(kind: Any) -> str:
    for python, sql in ((datetime, "timestamptz"), (date, "date"), (bool, "boolean")):
        if kind is python:
            return sql
    if kind is int:
        return "bigint"
    return "text" if isinstance(kind, type) and issubclass(kind, str) else "numeric"


def _typed(kind: Any, value: str) -> Any:
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, str):
        return value
    return int(value) if kind is int else kind(value)
