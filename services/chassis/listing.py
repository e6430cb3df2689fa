"""Lists: declared once per resource, built as JSON by PostgreSQL, paged by keyset.

A `Listing` names the source, the read schema and which of its fields can be filtered, ranged,
searched and sorted. From it come the query parameters (and so the OpenAPI document), the page,
the exact count and the export. Pages never build ORM objects, and page N costs what page 1 costs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    create_model,
)

from services.chassis.auth import Caller
from services.chassis.conditions import ID_DIGITS, etag_of
from services.chassis.cursor import Cursors
from services.chassis.db import Conn
from services.chassis.errors import NotFound
from services.chassis.exports.files import Compress
from services.chassis.keyset import plain_type, sql_type, typed
from services.chassis.search import Search
from services.chassis.text import Text
from services.chassis.validation import invalid_value

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000
# Below this, counting costs less than being wrong.
_COUNTED_EXACTLY = 10_000
ETAG = "etag"
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
    total: Literal["exact", "estimated"] | None = Field(
        None, description="Also count all rows, or have PostgreSQL estimate their number (总数)"
    )
    fields: str | None = Field(None, description="Only these fields, comma-separated (字段)")
    format: Literal["json", "csv", "ndjson", "xlsx"] = Field(
        "json", description="`csv`, `ndjson` and `xlsx` hold every row of the selection (导出)"
    )
    bom: bool = Field(False, description="Begin CSV with a byte order mark, for Excel (字节序标记)")
    compress: Compress = Field("none", description="`gzip` packs csv and ndjson (压缩)")


_Sought = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
# What may change from page to page.
_NOT_BOUND = {"cursor", "limit", "total", "fields", "format", "bom", "compress"}
Scope = Callable[[Caller, Where], None]
# Columns fixed by the address: `{"cycle_id": …}` for a list inside one cycle.
Within = dict[str, Any]


class Related(NamedTuple):
    """A parameter that asks for something which is no field of the row.

    Attributes:
        description: what it asks for.
        condition: the condition on its value, `{}`.
        kind: its type; a list can be repeated and means membership.
    """

    description: str
    condition: str
    kind: Any = list[str]


@dataclass(frozen=True)
class Listing:
    """How one resource is listed.

    Attributes:
        resource: the name in cursors and file names.
        read: schema of one row; each field is a column of `source` or an entry of `sql`.
        source: the FROM clause.
        scope: adds the caller's row predicate (the first line of defence; row security is the net).
        filters: fields taken as equality parameters; repeated ones mean membership.
        related: further parameters, by name.
        ranges: fields taken with `_gte`, `_lte`, `_gt`, `_lt`.
        search: what `q` searches, where there is something to search.
        sorts: fields that may order the list; none may be null.
        sql: expressions for fields that are not plain columns.
        key: unique column that ends every order.
        missing: the problem when a single row is not there for the caller.
        shows_more: rows show more than is counted in `version`: what other rows say, words in the
            caller's language. The ETag of a single one covers all that it shows.
        keys_return: the key of a deleted row may be taken again: ETags name the row, too.
        is_public: everybody of the bureau sees rows that row security keeps from most of them;
            such a list is read as the service itself, and `scope` alone decides.
    """

    resource: str
    read: type[BaseModel]
    source: str
    scope: Scope
    filters: tuple[str, ...] = ()
    related: dict[str, Related] = field(default_factory=dict)
    ranges: tuple[str, ...] = ()
    search: Search | None = None
    sorts: tuple[str, ...] = ("created_at",)
    sql: dict[str, str] = field(default_factory=dict)
    key: str = "id"
    missing: type[NotFound] = NotFound
    shows_more: bool = False
    keys_return: bool = False
    is_public: bool = False

    def reader(self, caller: Caller) -> Caller | None:
        """In whose row-security context the list is read; None is the service itself."""
        return None if self.is_public else caller

    @cached_property
    def params(self) -> Any:
        """The query model of this list's pages."""
        bases = (self.selection, PageParams)
        return create_model(f"{self.read.__name__}Params", __base__=bases)

    @cached_property
    def selection(self) -> Any:
        """The model of what can be selected from this list: filters, order, fields."""
        fields: dict[str, Any] = {}
        inherited = PageParams.model_fields["fields"]
        fields["fields"] = (Annotated[str, AfterValidator(self._known_fields)] | None, inherited)
        for name in self.filters:
            info = self.read.model_fields[name]
            fields[name] = (list[plain_type(info.annotation)] | None, Field(None, title=info.title))  # type: ignore[misc]
        for name, related in self.related.items():
            fields[name] = (related.kind | None, Field(None, description=related.description))
        for name in self.ranges:
            kind = plain_type(self.read.model_fields[name].annotation)
            for suffix in _RANGES:
                fields[f"{name}_{suffix}"] = (kind | None, Field(None))
        if self.search:
            about, examples = self.search.description, [*self.search.examples] or None
            sought = Field(None, title="搜索", description=about, examples=examples)
            fields["q"] = (_Sought | None, sought)
        options = [f"{sign}{name}" for name in self.sorts for sign in ("", "-")]
        fields["sort"] = (Literal[tuple(options)], Field(self.sorts[0], description="Order (排序)"))
        name, strict = f"{self.read.__name__}Selection", ConfigDict(extra="forbid")
        return create_model(name, __config__=strict, **fields)

    @cached_property
    def page_schema(self) -> Any:
        """The schema of one page."""
        return create_model(
            f"{self.read.__name__}Page",
            data=(list[self.item], Field(description="Rows (数据)")),  # type: ignore[name-defined]
            next_cursor=(str | None, Field(description="For the next page; null at the end")),
            total=(int | None, Field(None, description="Only with `total=`")),
        )

    @cached_property
    def item(self) -> Any:
        """The schema of one row of a page: as read, with its ETag where it has a version."""
        if not self.has_version:
            return self.read
        etag = Field(description="For `If-Match` (版本标记)", examples=['"1"'])
        return create_model(f"{self.read.__name__}Item", __base__=self.read, etag=(str, etag))

    @property
    def has_version(self) -> bool:
        """Whether the rows count their changes."""
        return "version" in self.read.model_fields

    def names(self, params: Any) -> list[str]:
        """The fields that the request wants, all of them unless it says otherwise."""
        if params.fields is None:
            return [*self.item.model_fields]
        return [*dict.fromkeys(params.fields.split(","))]

    def _known_fields(self, value: str) -> str:
        unknown = [name for name in value.split(",") if name not in self.item.model_fields]
        if unknown:
            raise invalid_value(
                "fields.unknown",
                Text("没有字段 {names}", "No such field: {names}"),
                names=", ".join(unknown),
            )
        return value

    def expression(self, name: str) -> str:
        """The SQL of one field."""
        if name == ETAG and ETAG not in self.read.model_fields:
            named = f"|| '-' || right({self.key}::text, {ID_DIGITS})" if self.keys_return else ""
            return f"""'"' || {self.expression("version")} {named} || '"'"""
        return self.sql.get(name, name)

    @cached_property
    def document(self) -> str:
        """The SQL that builds the JSON text of one whole row."""
        return self.document_of(self.read.model_fields)

    def document_of(self, names: Iterable[str]) -> str:
        """The SQL that builds the JSON text of some fields of a row."""
        pairs = ", ".join(f"'{name}', {self.expression(name)}" for name in names)
        return f"json_build_object({pairs})::text"

    def is_whole(self, params: Any) -> bool:
        """Whether the request filters nothing: every page of it is best read along the index."""
        return not params.model_fields_set - _NOT_BOUND - {"sort"}

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
        for name, related in self.related.items():
            if (value := getattr(params, name)) is not None:
                where.add(related.condition, value)
        for name in self.ranges:
            for suffix, operator in _RANGES.items():
                if (bound := getattr(params, f"{name}_{suffix}")) is not None:
                    where.add(f"{self.expression(name)} {operator} {{}}", bound)
        if self.search and params.q:
            template, values = self.search.condition(params.q)
            where.add(template, *values)
        return where

    def order(self, params: Any) -> str:
        """The order of pages and exports: the chosen field, then the key, in one direction."""
        direction = "desc" if params.sort.startswith("-") else "asc"
        sort = self.expression(params.sort.removeprefix("-"))
        return f"{sort} {direction}, {self.key} {direction}"

    async def page(
        self, connection: Conn, caller: Caller, params: Any, cursors: Cursors, within: Within
    ) -> "Page":
        """One page, its rows as JSON built by PostgreSQL.

        Raises:
            CursorInvalid: the cursor is not of this list, filter, order and caller.
        """
        descending, column = params.sort.startswith("-"), params.sort.removeprefix("-")
        sort, order = self.expression(column), self.order(params)
        where = self.where(caller, params, within)
        binding = _binding(self.resource, caller, params, within)
        total = await self._total(connection, where, params.total) if params.total else None
        if params.cursor is not None:
            kind = plain_type(self.read.model_fields[column].annotation)
            after, after_id = cursors.read(params.cursor, binding)
            beyond = "<" if descending else ">"
            where.add(
                f"({sort}, {self.key}) {beyond} ({{}}::{sql_type(kind)}, {{}})",
                typed(kind, after),
                after_id,
            )
        document = self.document_of(self.names(params))
        rows = await connection.fetch(
            f"select {document} as doc, {sort}::text as at, {self.key} as key "
            f"from {self.source} {where.sql()} order by {order} limit {params.limit + 1}",
            *where.args,
        )
        more = len(rows) > params.limit
        rows = rows[: params.limit]
        cursor = cursors.write([rows[-1]["at"], str(rows[-1]["key"])], binding) if more else None
        return Page([row["doc"] for row in rows], cursor, total)

    async def one(self, connection: Conn, caller: Caller, condition: str, *values: Any) -> Response:
        """One row as JSON, if it exists and the caller may see it.

        Raises:
            NotFound: `missing`, otherwise.
        """
        where = Where()
        self.scope(caller, where)
        where.add(condition, *values)
        version = self.expression("version") if self.has_version else "null::integer"
        row = await connection.fetchrow(
            f"select {self.document} as document, {version} as version, {self.key} as id "
            f"from {self.source} {where.sql()}",
            *where.args,
        )
        if row is None:
            raise self.missing(key=values[-1])
        document = row["document"].encode()
        headers = {}
        if self.has_version:
            row_id = row["id"] if self.keys_return else None
            shown = document if self.shows_more else None
            headers["ETag"] = etag_of(row["version"], row_id, shown)
        return Response(document, media_type="application/json", headers=headers)

    async def _total(self, connection: Conn, where: Where, how: str) -> int:
        selection = f"from {self.source} {where.sql()}"
        if how == "estimated":
            plan = await connection.fetchval(
                f"explain (format json) select {selection}", *where.args
            )
            estimate: int = plan[0]["Plan"]["Plan Rows"]
            if estimate >= _COUNTED_EXACTLY:
                return estimate
        count: int = await connection.fetchval(f"select count(*) {selection}", *where.args)
        return count


class Page(NamedTuple):
    """One page of JSON texts."""

    documents: list[str]
    next_cursor: str | None
    total: int | None = None


def page_response(
    documents: list[str],
    next_cursor: str | None,
    total: int | None,
    request: Request | None = None,
) -> Response:
    """A page as an answer, without parsing its rows; with a link to the next page of `request`."""
    cursor = f'"{next_cursor}"' if next_cursor else "null"
    counted = f',"total":{total}' if total is not None else ""
    body = f'{{"data":[{",".join(documents)}],"next_cursor":{cursor}{counted}}}'
    headers = {}
    if next_cursor and request:
        query = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
        # Relative, so that it is right behind the gateway too.
        headers["Link"] = f'<?{urlencode([*query, ("cursor", next_cursor)])}>; rel="next"'
    return Response(body, media_type="application/json", headers=headers)


def _binding(resource: str, caller: Caller, params: Any, within: Within) -> str:
    chosen = params.model_dump(mode="json", exclude=_NOT_BOUND, exclude_none=True)
    scope = (caller.bureau, caller.schools, caller.staff_no)
    return f"{resource}|{scope}|{within}|{sorted(chosen.items())}"
