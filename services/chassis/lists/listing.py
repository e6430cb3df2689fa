"""Lists: declared once per resource, built as JSON by PostgreSQL, paged by keyset.

A `Listing` names the source, the read schema and which of its fields can be searched and sorted;
filters follow from the schema. From it come the query parameters (and so the OpenAPI document),
the page, the exact count and the export. Pages never build ORM objects, and page N costs what page
1 costs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

from fastapi import Response
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    create_model,
)

from services.chassis.core.errors import NotFound
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.database.sql_conditions import Where
from services.chassis.http.preconditions import ID_DIGITS, etag_of
from services.chassis.lists.cursor import NEXT_CURSOR, Cursors
from services.chassis.lists.expansions import (
    Expansions,
    columns_of,
    embedded_sql,
    expand_parameter,
    expanded,
    with_expansions,
)
from services.chassis.lists.filters import Filter, filters_of, plain
from services.chassis.lists.keyset import Order, SortKey, is_nullable, plain_type
from services.chassis.lists.page_params import CODES, SHOWN, TITLES
from services.chassis.lists.page_params import PageParams as PageParams
from services.chassis.lists.pages import Page
from services.chassis.lists.related import Related as Related
from services.chassis.lists.row_scopes import RowScope, require_rows
from services.chassis.lists.search import Search
from services.chassis.lists.sorting import sort_parameter
from services.chassis.lists.verbs import ALLOWED_VERBS, with_verbs
from services.chassis.procedures.machine import StateMachine
from services.chassis.procedures.sql import allowed_verbs
from services.chassis.schemas.validation import invalid_value

# Below this, counting costs less than being wrong.
_COUNTED_EXACTLY = 10_000
ETAG = "etag"


_Sought = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
# Parameters that may change from page to page.
_PAGED = ("cursor", "limit", "total", "fields", "format", "bom", "compress", "expand")
_NOT_BOUND = {*_PAGED, *SHOWN}
# No field can be filtered by these names.
_TAKEN = frozenset({*PageParams.model_fields, *SHOWN, "sort", "q"})
Scope = Callable[[Caller, Where], None]
# Columns fixed by the address: `{"cycle_id": …}` for a list inside one cycle.
Within = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """Declaration of the list of a resource.

    Attributes:
        resource: the name in cursors and file names.
        read: schema of one row; each field is a column of `source` or an entry of `sql`.
        source: the FROM clause.
        scope: adds the caller's row predicate (the first line of defence; row security is the net).
        unfiltered: fields that are no parameters although they are plain, each with the reason.
        related: further parameters, by name, also instead of a field's own.
        search: what `q` searches, where there is something to search.
        sorts: fields that may order the list.
        sql: expressions for fields that are not plain columns.
        texts: expressions for nested fields in tables for people; those without are left out.
        key: unique column that ends every order.
        missing: the problem when a single row is not there for the caller.
        expansions: records that a row contains on request, by the names of their fields.
        procedure: the states of the rows; each row shows the verbs that its reader may use on it.
            Files, histories and copies do not show them: they are true for one caller at one time.
        shows_more: rows show more than is counted in `version`: what other rows say, words in the
            caller's language. The ETag of a single one covers all that it shows.
        keys_return: the key of a deleted row may be taken again: ETags name the row, too.
        is_public: everybody of the bureau sees rows that row security keeps from most of them;
            such a list is read as the service itself, and `scope` alone decides.
        is_personal: rows of the caller's own person, read at the level of persons, whatever the
            caller's roles.
    """

    resource: str
    read: type[BaseModel]
    source: str
    scope: Scope
    unfiltered: Mapping[str, str] = field(default_factory=dict)
    related: dict[str, Related] = field(default_factory=dict)
    search: Search | None = None
    sorts: tuple[str, ...] = ("created_at",)
    sql: dict[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    key: str = "id"
    missing: type[NotFound] = NotFound
    expansions: Expansions = field(default_factory=dict)
    procedure: StateMachine | None = None
    shows_more: bool = False
    keys_return: bool = False
    is_public: bool = False
    is_personal: bool = False

    @property
    def table(self) -> str:
        """The table that the rows are of, where `source` begins with it."""
        return self.source.split()[0]

    @property
    def rows(self) -> RowScope:
        """Who sees which rows of the table, where `scope` is declared as a row scope.

        Raises:
            TypeError: it is a function.
        """
        if not isinstance(self.scope, RowScope):
            raise TypeError(f"{self.resource}: its scope is a function")
        return self.scope.under("")

    def reader(self, caller: Caller) -> Caller | None:
        """In whose row-security context the list is read; None is the service itself."""
        if self.is_personal:
            return caller.as_person()
        return None if self.is_public else caller

    @cached_property
    def params(self) -> Any:
        """The query model of this list's pages."""
        bases, inherited = (self.selection, PageParams), PageParams.model_fields["fields"]
        chosen: Any = (Annotated[str, AfterValidator(self._known_fields)] | None, inherited)
        added: Any = {"fields": chosen} | expand_parameter(self.expansions)
        return create_model(f"{self.read.__name__}Params", __base__=bases, **added)

    @cached_property
    def row_params(self) -> Any:
        """The query model of a single row."""
        strict, fields = ConfigDict(extra="forbid"), expand_parameter(self.expansions)
        return create_model(f"{self.read.__name__}RowParams", __config__=strict, **fields)

    @cached_property
    def selection(self) -> Any:
        """The model of what can be selected from this list: filters, order, fields."""
        fields: dict[str, Any] = {}
        inherited = PageParams.model_fields["fields"]
        fields["fields"] = (Annotated[str, AfterValidator(self._known_in_files)] | None, inherited)
        for name, one in self.filters.items():
            fields[name] = one.asked
        for name, related in self.related.items():
            examples = related.example and [related.example]
            asked = Field(None, description=related.description, examples=examples)
            fields[name] = (related.kind | None, asked)
        if self.search:
            about, some = self.search.description, [*self.search.examples]
            fields["q"] = (
                _Sought | None,
                Field(None, title="搜索", description=about, examples=some),
            )
        fields["sort"] = sort_parameter(self._sort_keys, self.sorts[0])
        fields["titles"], fields["codes"] = TITLES, CODES
        name, strict = f"{self.read.__name__}Selection", ConfigDict(extra="forbid")
        return create_model(name, __config__=strict, **fields)

    @cached_property
    def filters(self) -> dict[str, Filter]:
        """The filters on its fields, by the names of their parameters."""
        found = filters_of(self.read, _TAKEN, self.unfiltered)
        return {name: one for name, one in found.items() if name not in self.related}

    @cached_property
    def page_schema(self) -> Any:
        """The schema of one page."""
        name = self.read.__name__
        item = with_expansions(self.item, f"{name}Item", self.expansions)
        return create_model(
            f"{name}Page",
            data=(list[item], Field(description="Rows (数据)")),  # type: ignore[valid-type]
            next_cursor=(str | None, NEXT_CURSOR),
            total=(int | None, Field(None, description="Only with `total=` (总数)", examples=[84])),
        )

    @cached_property
    def row_schema(self) -> Any:
        """The schema of a single row: as read, with the verbs allowed on it where it has states."""
        return with_verbs(self.read, self.procedure) if self.procedure else self.read

    @cached_property
    def read_schema(self) -> Any:
        """The schema of a single row that is read with `expand`."""
        return with_expansions(self.row_schema, f"{self.read.__name__}Expanded", self.expansions)

    @cached_property
    def item(self) -> Any:
        """The schema of one row of a page: like a single one, with its ETag if it has a version."""
        if not self.has_version:
            return self.row_schema
        etag = Field(description="For `If-Match` (版本标记)", examples=['"1"'])
        return create_model(f"{self.read.__name__}Item", __base__=self.row_schema, etag=(str, etag))

    @property
    def has_version(self) -> bool:
        """Whether the rows have versions."""
        return "version" in self.read.model_fields

    def names(self, params: Any) -> list[str]:
        """The fields that the request wants, all of them unless it says otherwise."""
        if params.fields is None:
            return [*self.item.model_fields]
        return [*dict.fromkeys(params.fields.split(","))]

    def _known_in_files(self, value: str) -> str:
        return self._known_fields(value, without=ALLOWED_VERBS)

    def _known_fields(self, value: str, without: str = "") -> str:
        known = self.item.model_fields.keys() - {without}
        if unknown := [name for name in value.split(",") if name not in known]:
            raise invalid_value(
                "fields.unknown",
                Text("没有字段 {names}", "No such field: {names}"),
                names=", ".join(unknown),
            )
        return value

    def expression(self, name: str) -> str:
        """The SQL of one field."""
        if name == ALLOWED_VERBS and self.procedure:
            return allowed_verbs(self.procedure, self.key.rpartition(".")[0] or self.table)
        if name == ETAG and ETAG not in self.read.model_fields:
            named = f"|| '-' || right({self.key}::text, {ID_DIGITS})" if self.keys_return else ""
            return f"""'"' || {self.expression("version")} {named} || '"'"""
        return self.sql.get(name, name)

    @cached_property
    def document(self) -> str:
        """The SQL that builds the JSON text of one row, the same for every reader."""
        return self.document_of(self.read.model_fields)

    def document_of(self, names: Iterable[str]) -> str:
        """The SQL that builds the JSON text of some fields of a row."""
        return f"{self.object_of(names)}::text"

    def object_of(self, names: Iterable[str], also: Mapping[str, str] | None = None) -> str:
        """The SQL that builds the JSON of some fields of a row, and of other expressions."""
        values = {name: self.expression(name) for name in names} | dict(also or {})
        pairs = ", ".join(f"'{name}', {sql}" for name, sql in values.items())
        return f"json_build_object({pairs})"

    def is_whole(self, params: Any) -> bool:
        """Whether the request filters nothing: every page of it is best read along the index."""
        return not params.model_fields_set - _NOT_BOUND - {"sort"}

    def where(self, caller: Caller, params: Any, within: Within) -> Where:
        """The caller's scope, the parent resource and the request's filters, as SQL."""
        require_rows(self.scope, caller)
        where = Where()
        self.scope(caller, where)
        for name, value in within.items():
            where.add(f"{name} = {{}}", value)
        given = params.model_fields_set
        for name, one in self.filters.items():
            if name in given and (value := getattr(params, name)) is not None:
                placeholder = where.arg(plain(value))
                condition = one.condition(self.expression(one.field), placeholder)
                where.conditions.append(condition)
        for name, related in self.related.items():
            if (value := getattr(params, name)) is not None:
                where.add(related.condition, value)
        if self.search and params.q:
            template, values = self.search.condition(params.q)
            where.add(template, *values)
        return where

    def order(self, params: Any) -> Order:
        """The order of pages and exports: the chosen fields, then the key."""
        return Order([self._sort_keys[term] for term in params.sort.split(",")], self.key)

    @cached_property
    def _sort_keys(self) -> dict[str, SortKey]:
        """Everything that `sort` can name."""
        keys: dict[str, SortKey] = {}
        for name in self.sorts:
            annotation = self.read.model_fields[name].annotation
            sql, kind = self.expression(name), plain_type(annotation)
            for term in (name, f"-{name}"):
                keys[term] = SortKey(sql, kind, term != name, is_nullable(annotation))
        return keys

    async def page(
        self, connection: Conn, caller: Caller, params: Any, cursors: Cursors, within: Within
    ) -> Page:
        """One page, its rows as JSON built by PostgreSQL.

        Raises:
            CursorInvalid: the cursor is not of this list, filter, order and caller.
        """
        order = self.order(params)
        where = self.where(caller, params, within)
        binding = _binding(self.resource, caller, params, within)
        total = await self._total(connection, where, params.total) if params.total else None
        if params.cursor is not None:
            order.add_after(cursors.read(params.cursor, binding), where)
        names, embedded = self.names(params), expanded(params)
        columns = [f"{self.expression(name)} as _{n}" for n, name in enumerate(names)]
        needed = columns_of(self.expansions, embedded)
        columns += [f"{self.table}.{name} as _on_{name}" for name in needed]
        selected = ", ".join(columns)
        shown = {name: f"_{n}" for n, name in enumerate(names)}
        shown |= embedded_sql(self.expansions, caller, embedded, "page._on_{}", where)
        pairs = ", ".join(f"'{name}', {sql}" for name, sql in shown.items())
        # The rows first, then their JSON: else it is built of every row that is sorted. Columns
        # are numbered because `order by` takes a column of the result before one of the table.
        rows = await connection.fetch(
            f"select json_build_object({pairs})::text as _doc, {order.place_columns} "
            f"from (select {selected}, {order.place_sql} from {self.source} {where.sql()} "
            f"order by {order.sql} limit {params.limit + 1}) as page",
            *where.args,
        )
        more = len(rows) > params.limit
        rows = rows[: params.limit]
        cursor = cursors.write(order.place_of(rows[-1]), binding) if more else None
        return Page([row["_doc"] for row in rows], cursor, total)

    async def one(
        self,
        connection: Conn,
        caller: Caller,
        condition: str,
        *values: Any,
        params: BaseModel | None = None,
    ) -> Response:
        """One row as JSON, if it exists and the caller may see it.

        Args:
            connection: of the caller.
            caller: the reader.
            condition: on the row, with `{}` for each of `values`.
            values: of the condition.
            params: of the request (`row_params`).

        Raises:
            NotFound: `missing`, otherwise.
        """
        where = Where()
        self.scope(caller, where)
        where.add(condition, *values)
        place = f"{self.table}.{{}}"
        embedded = embedded_sql(self.expansions, caller, expanded(params), place, where)
        shown = self.object_of(self.row_schema.model_fields, embedded)
        version = self.expression("version") if self.has_version else "null::integer"
        row = await connection.fetchrow(
            f"select {shown}::text as document, "
            f"{version} as version, {self.key} as id from {self.source} {where.sql()}",
            *where.args,
        )
        if row is None:
            raise self.missing(key=values[-1])
        document = row["document"].encode()
        headers = {}
        if self.has_version:
            row_id = row["id"] if self.keys_return else None
            is_more = self.shows_more or self.procedure or embedded
            headers["ETag"] = etag_of(row["version"], row_id, document if is_more else None)
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


def _binding(resource: str, caller: Caller, params: Any, within: Within) -> str:
    given = params.model_fields_set - _NOT_BOUND - {"sort"}
    chosen = params.model_dump(mode="json", include=given, exclude_none=True) if given else {}
    scope = (caller.bureau, caller.schools, caller.staff_no)
    return f"{resource}|{scope}|{within}|{params.sort}|{sorted(chosen.items())}"
