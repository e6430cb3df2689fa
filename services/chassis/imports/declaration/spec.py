"""Declaration of an importable resource: its schema, key, stored columns and rules.

The schema is the one that validates the API's own writes, so there is one definition of a valid
row. Everything else an import needs (headers, staged columns, statements) follows from here.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from services.chassis.core.resources import Resources
from services.chassis.core.text import Text
from services.chassis.database.auth import Caller
from services.chassis.database.db import Conn
from services.chassis.imports.declaration.hints import Hint
from services.chassis.imports.declaration.reported import Reported
from services.chassis.lists.listing import Listing
from services.chassis.lists.row_scopes import RowScope
from services.chassis.schemas.codes import CodeList, code_list_of
from services.chassis.schemas.fields import Input
from services.chassis.schemas.titles import title_of

BUREAU = "bureau_code"
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
Within = Mapping[str, UUID]


class Words(NamedTuple):
    """A fault of an import: its stable code and its words; `{value}` is what was found."""

    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class Check:
    """A rule about all rows that would be created or changed, in SQL.

    Attributes:
        field: the field to blame.
        words: what to say.
        sql: selects `row` and the `params` of the bad ones. `{changed}` stands for the rows to
            apply (with `_row`, and `_id` of the stored row or null), `{after}` for the same as
            they will be stored, `{keys}` for the keys of all good rows of the file, `{side}` for
            the side table, `{bit[name]}` for the bit of a field in `_absent`; `$1` is the bureau,
            `$2` … the values of `within`.
        params: the columns beside `row` that the words name.
        as_service: whether it must look at rows that the caller cannot see.
        visible: SQL that depends on the caller, put in as `{visible}`.
        unless: the words for callers to whom `words` would tell of a row that they must not see,
            and who those are.
    """

    field: str
    words: Words
    sql: str
    params: tuple[str, ...] = ("value",)
    as_service: bool = False
    visible: Callable[[Caller], str] | None = None
    unless: "tuple[Callable[[Caller], bool], Words] | None" = None

    def words_for(self, caller: Caller) -> Words:
        """The words for this caller."""
        if self.unless is None:
            return self.words
        must_not_know, others = self.unless
        return others if must_not_know(caller) else self.words


@dataclass(frozen=True, slots=True)
class Unique:
    """A stored column, beside the key, that no two rows of a bureau share.

    Attributes:
        column: in the table.
        field: the field it comes from.
        repeated: when two rows of the file have it; `{first}` is the earlier row.
        taken: when a stored row has it that the file does not change; `{value}` is its key.
    """

    column: str
    field: str
    repeated: Words
    taken: Words


@dataclass(frozen=True, slots=True)
class Derived:
    """A field that is stored as other columns than its own.

    Attributes:
        columns: of the table, in order.
        encode: the field's value as these columns, in COPY's text format (see `copying`).
        at_once: the same for a column of cells, faster: of every cell that the schema surely
            accepts as it stands; None for the others. For what repeats too seldom to be remembered.
        partial: the same for a cell that only repeats part of what is stored (a masked number);
            None when the cell is no such thing.
    """

    columns: tuple[str, ...]
    encode: Callable[[Any], str]
    at_once: Callable[[Sequence[Any]], Sequence[str | None]] | None = None
    partial: Callable[[str], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Rows from elsewhere that the checks and computed columns look things up in.

    Attributes:
        columns: name and SQL type.
        rows: fetches them, outside any transaction.
    """

    columns: Mapping[str, str]
    rows: Callable[[Resources, Caller], Awaitable[Sequence[tuple[Any, ...]]]]


def _anybody(_caller: Caller) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Keep:
    """Why `replace` keeps a stored row that the file no longer has.

    Attributes:
        reason: as the job names it.
        condition: SQL condition on `t`; the service itself looks, also at rows that the caller
            does not see.
        is_shown_to: whether the caller may know their number. Others must not learn of such rows.
    """

    reason: str
    condition: str
    is_shown_to: Callable[[Caller], bool] = _anybody


@dataclass(frozen=True, slots=True)
class Removal:
    """Treatment by `replace` of stored rows that are missing from the file.

    It removes what its caller could remove one by one, and nothing else.

    Attributes:
        present: SQL condition on `t` of rows that count as being there.
        assign: SQL assignments of a soft delete; None deletes the row.
        keeps: which rows are kept all the same; the first reason counts.
        lock: SQL that the service runs first, to lock what others lock before they write such
            rows; `{rows}` is a selection of the rows.
    """

    present: str = "true"
    assign: str | None = None
    keeps: tuple[Keep, ...] = ()
    lock: str | None = None


class PartMerge(NamedTuple):
    """The merge of one part, as a resource sees it that does more than store its rows.

    Attributes:
        connection: inside the part's transaction, in the caller's name.
        resources: of the process.
        caller: in whose name.
        run: of the import (`run.Run`).
        part: its number; its rows are those of `run.staging_tables.changed` with this `_part`.
    """

    connection: Conn
    resources: Resources
    caller: Caller
    run: Any
    part: int


Guard = Callable[[Conn, Caller, Within], Awaitable[None]]
Unfit = Callable[[PartMerge], Awaitable[list[int]]]
AfterPart = Callable[[PartMerge], Awaitable[None]]


@dataclass(frozen=True)
class ImportSpec:
    """How one resource is imported.

    Attributes:
        resource: its name in addresses (`staff`).
        title: what it is called.
        model: of the target table.
        row: the schema of a row, as written.
        listing: its list, whose fields an exported file may hold beside those of `row`.
        key: fields of the natural key; with `within`, unique in the bureau.
        scope: the scope that lets somebody write it.
        reveals: the scope that lets somebody see another person's files of it.
        is_private: whether only the account that opened an import sees it, its counts and files:
            rows of it may be secret from others who may write it.
        within: columns that are the same for the whole file, beside the bureau.
        derived: fields that are stored as other columns.
        uniques: unique columns beside the key.
        reported: a unique field that callers without a scope can only report.
        checks: rules over all rows to apply.
        kept: columns where a staged null means "as it is stored".
        quiet: columns that do not count as a change (a ciphertext differs each time).
        is_key_global: whether the key is unique over all bureaus.
        removal: what `replace` does; None when it is not offered.
        rows: who sees which stored rows. Row security knows the levels; what is kept from a
            caller beyond them (`narrowing`, where `{side}` is the side table) is met as a row
            outside the caller's scope, and not removed by `replace`.
        computed: columns that no field gives, as SQL, when a row is created.
        recomputed: the same when a row is changed.
        side: rows from elsewhere that checks need.
        guard: refuses the import as things stand; runs in each transaction that writes.
        unfit: locks what must not change while a part is merged, and finds the rows of the part
            that cannot be applied as things are by now.
        after: runs after a part is merged, in its transaction.
        aliases: headers that stand for a field.
        hints: explanations and synonyms of fields.
    """

    resource: str
    title: Text
    model: type[SQLModel]
    row: type[Input]
    listing: Listing
    key: tuple[str, ...]
    scope: str
    reveals: str | None = None
    is_private: bool = False
    within: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, Derived] = field(default_factory=dict)
    uniques: tuple[Unique, ...] = ()
    reported: Reported | None = None
    checks: tuple[Check, ...] = ()
    kept: frozenset[str] = frozenset()
    quiet: frozenset[str] = frozenset()
    is_key_global: bool = False
    removal: Removal | None = None
    rows: RowScope | None = None
    computed: Mapping[str, str] = field(default_factory=dict)
    recomputed: Mapping[str, str] = field(default_factory=dict)
    side: Side | None = None
    guard: Guard | None = None
    unfit: Unfit | None = None
    after: AfterPart | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, Hint] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        """The target table."""
        table: Table = self.model.__table__  # type: ignore[attr-defined]
        return table

    @property
    def target(self) -> str:
        """The table with its schema."""
        return f"{self.table.schema}.{self.table.name}"

    def reported_by(self, caller: Caller) -> Reported | None:
        """The field that this caller can only report."""
        if self.reported is None or caller.may(self.reported.scope):
            return None
        return self.reported

    def columns_of(self, name: str) -> tuple[str, ...]:
        """The columns that a field is stored in."""
        derived = self.derived.get(name)
        return derived.columns if derived else (name,)

    @cached_property
    def columns(self) -> dict[str, str]:
        """Every staged column with its SQL type, in the order of the fields."""
        names = [column for name in self.row.model_fields for column in self.columns_of(name)]
        return {name: self._sql_type(name) for name in names}

    def _sql_type(self, name: str) -> str:
        kind = str(self.table.c[name].type.compile(_DIALECT))
        return "text" if kind.startswith(("VARCHAR", "TEXT")) else kind.lower()

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Fields without which no row can be created."""
        return tuple(n for n, info in self.row.model_fields.items() if info.is_required())

    @cached_property
    def headers(self) -> dict[str, str]:
        """Accepted column headers: names, titles and aliases, each with its field."""
        fields = self.row.model_fields
        titles = {title: name for name, info in fields.items() for title in title_of(name, info)}
        return {name: name for name in fields} | titles | dict(self.aliases)

    @cached_property
    def read_only(self) -> frozenset[str]:
        """Headers of an exported file that say nothing to an import."""
        fields = self.listing.item.model_fields
        titles = {title for name, info in fields.items() for title in title_of(name, info)}
        return frozenset((fields.keys() | titles) - self.headers.keys())

    def title_of(self, name: str) -> Text:
        """The title of a field; in English its name, which is also accepted as a header."""
        return title_of(name, self.row.model_fields[name])

    def code_list(self, name: str) -> CodeList | None:
        """The code list of a coded field."""
        return code_list_of(self.row.model_fields[name])
