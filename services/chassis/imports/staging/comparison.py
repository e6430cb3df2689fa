"""One run of an import: its values, and the SQL that compares staged with stored rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from services.chassis.database.auth import Caller
from services.chassis.imports.declaration.reported import Reported
from services.chassis.imports.declaration.spec import BUREAU, ImportSpec
from services.chassis.imports.staging.staging_tables import StagingTables


@dataclass(frozen=True)
class Run:
    """One run of an import.

    In SQL, `s` is a staged row and `t` a stored one.

    Attributes:
        job: the import job.
        number: of the run; a run that was presumed dead finds a higher one in the job.
        spec: declaration of the resource.
        staging_tables: its staging tables.
        caller: on whose behalf it runs.
        within: values of the spec's `within`, by name.
        operation: `insert`, `upsert` or `replace`.
        absent: fields that no row of the file has.
        has_gaps: whether each row may lack fields of its own (NDJSON).
        most_listed: limit of faults that are stored with their texts.
    """

    job: UUID
    number: int
    spec: ImportSpec
    staging_tables: StagingTables
    caller: Caller
    within: Mapping[str, UUID]
    operation: str
    absent: frozenset[str]
    has_gaps: bool
    most_listed: int

    def as_json(self) -> dict[str, Any]:
        """The values from which another process rebuilds this run with its own spec."""
        return {
            "job": str(self.job),
            "number": self.number,
            "staging_tables": list(self.staging_tables),
            "caller": self.caller.model_dump(mode="json"),
            "within": {name: str(value) for name, value in self.within.items()},
            "operation": self.operation,
            "absent": sorted(self.absent),
            "has_gaps": self.has_gaps,
            "most_listed": self.most_listed,
        }

    @classmethod
    def from_json(cls, spec: ImportSpec, document: dict[str, Any]) -> "Run":
        """The run that another process has described."""
        return cls(
            job=UUID(document["job"]),
            number=document["number"],
            spec=spec,
            staging_tables=StagingTables(*document["staging_tables"]),
            caller=Caller.model_validate(document["caller"]),
            within={name: UUID(value) for name, value in document["within"].items()},
            operation=document["operation"],
            absent=frozenset(document["absent"]),
            has_gaps=document["has_gaps"],
            most_listed=document["most_listed"],
        )

    @property
    def bureau(self) -> str:
        """The bureau whose rows these are."""
        return self.caller.bureau_code

    @property
    def sees_bureau(self) -> bool:
        """Whether the caller sees every row of the bureau."""
        return self.caller.sees_whole_bureau

    @property
    def reported(self) -> Reported | None:
        """The field whose values the caller can only report, not store."""
        return self.spec.reported_by(self.caller)

    @property
    def seen(self) -> str:
        """The condition that `t` is not hidden from the caller (recusal)."""
        rows = self.spec.rows
        if not rows:
            return "true"
        return self.staging_tables.fill(rows.under("t").narrowed_literal(self.caller))

    @property
    def fixed(self) -> list[Any]:
        """`$1`, `$2` …: the bureau and the other values that all rows share."""
        return [self.bureau, *(self.within[name] for name in self.spec.within)]

    @property
    def fixed_columns(self) -> list[str]:
        """The columns of these values."""
        return [BUREAU, *self.spec.within]

    @property
    def of_file(self) -> str:
        """The condition that `t` is in the scope of the file."""
        return " and ".join(f"t.{name} = ${i}" for i, name in enumerate(self.fixed_columns, 1))

    @property
    def same_key(self) -> str:
        """The condition that `t` is the stored row of `s`."""
        return " and ".join(f"t.{name} = s.{name}" for name in self.spec.key)

    @property
    def key_text(self) -> str:
        """The natural key of `s` as text, as messages show it."""
        parts = ", ".join(f"s.{name}" for name in self.spec.key)
        return f"concat_ws(' ', {parts})"

    @cached_property
    def changing(self) -> list[str]:
        """The columns that a row of this file may change."""
        fixed = {*self.spec.key, *self.absent, *([self.reported.field] if self.reported else [])}
        return [
            column
            for name in self.spec.row.model_fields
            if name not in fixed
            for column in self.spec.columns_of(name)
        ]

    def new_value(self, column: str) -> str:
        """SQL: the new value of a column of `t`; without a value in the file it stays the same."""
        value = f"s.{column}"
        if column in self.spec.kept:
            value = f"coalesce({value}, t.{column})"
        if self.has_gaps:
            value = (
                f"case when s._absent & {self.bits([self._field_of(column)])} = 0 "
                f"then {value} else t.{column} end"
            )
        return value

    def fill(self, sql: str, **more: str) -> str:
        """SQL of a spec with the names of the tables (see `Check`) and further values filled in."""
        columns = ", ".join(
            f"{self.new_value(name) if name in self.changing else f's.{name}'} as {name}"
            for name in self.spec.columns
        )
        after = (
            f"(select s._part, s._row, s._id, {columns} from {self.staging_tables.changed} s "
            f"left join {self.spec.target} t on t.id = s._id)"
        )
        bits = {name: self.bits([name]) for name in self.spec.row.model_fields}
        return self.staging_tables.fill(sql, after=after, bit=bits, **more)

    @property
    def differs(self) -> str:
        """The condition that applying `s` would change `t`."""
        compared = [column for column in self.changing if column not in self.spec.quiet]
        if not compared:
            return "false"
        old = ", ".join(f"t.{column}" for column in compared)
        new = ", ".join(self.new_value(column) for column in compared)
        return f"({old}) is distinct from ({new})"

    def bits(self, names: Any) -> int:
        """The bits of fields in `_absent`."""
        order = list(self.spec.row.model_fields)
        return sum(1 << order.index(name) for name in names)

    def _field_of(self, column: str) -> str:
        fields = self.spec.row.model_fields
        return next(name for name in fields if column in self.spec.columns_of(name))
