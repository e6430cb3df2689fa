"""Procedures in SQL: the verbs that the caller may use on a row, and whether one is allowed.

The caller is known from the transaction's own context (`Database.connection`), so that a guard is
one condition, for lists and for the verb itself.
"""

from typing import Any
from uuid import UUID

from services.chassis.core.errors import AppError, Fault, NotFound
from services.chassis.database.db import Conn
from services.chassis.procedures.errors import TransitionRefused, refusal_params
from services.chassis.procedures.machine import ROW, Guard, StateMachine, Verb

CALLER_SUBJECT = "(select current_setting('app.subject', true))"
CALLER_STAFF_NO = "(select nullif(current_setting('app.staff_no', true), ''))"
# With the cast an array: without it `any` would take the query for a set of values.
_SCOPES = "(select string_to_array(current_setting('app.scopes', true), ' '))::text[]"
# The business date: the day in China by the platform's clock, which can be moved in development
# only, whatever offset a restored table holds.
TODAY = (
    "(select (now() + make_interval(secs => case current_setting('app.clock_moves', true) "
    "when 'on' then offset_seconds else 0 end))::date from clock)"
)


def allowed_verbs(machine: StateMachine, row: str | None = None) -> str:
    """SQL of the array of verbs that the caller may use on a row now.

    A guard is looked at only where state and scope allow its verb.

    Args:
        machine: the procedure.
        row: name of the row in the query; that of the table when not given.
    """
    row = row or machine.table
    cases = ", ".join(
        f"case when {_may(machine, verb, row)} then '{verb.name}' end"
        for verb in machine.verbs
        if verb.scope is not None
    )
    return f"array_remove(array[{cases}]::text[], null)"


def _may(machine: StateMachine, verb: Verb, row: str) -> str:
    sources = ", ".join(f"'{state}'" for state in verb.sources)
    conditions = [f"{machine.state_of(row)} in ({sources})", f"'{verb.scope}' = any({_SCOPES})"]
    conditions += [f"({_of_row(guard.holds, row)})" for guard in verb.guards]
    return " and ".join(conditions)


def _of_row(sql: str, row: str) -> str:
    return sql.replace(ROW, row)


async def require_allowed(
    connection: Conn, machine: StateMachine, row_id: UUID, verb_name: str
) -> str:
    """Refuse a verb that the row's state or a guard does not allow; the state that it leads to.

    The route has checked the scope.

    Args:
        connection: in the transaction that has locked the row, in the caller's name.
        machine: the procedure.
        row_id: id of the row.
        verb_name: the verb.

    Raises:
        NotFound: there is no such row.
        TransitionRefused: the state does not allow the verb.
        Conflict: a guard does not hold; its own problem.
    """
    verb = machine.by_name[verb_name]
    columns = "".join(_columns_of(number, guard) for number, guard in enumerate(verb.guards))
    found = await connection.fetchrow(
        _of_row(
            f"select {machine.state} as state, {allowed_verbs(machine)} as allowed {columns} "
            f"from {machine.table} where {ROW}.id = $1",
            machine.table,
        ),
        row_id,
    )
    if found is None:
        raise NotFound(key=row_id)
    if found["state"] not in verb.sources:
        raise TransitionRefused.of(machine, found["state"], verb_name, found["allowed"])
    refusal = refusal_params(machine, found["state"], verb_name, found["allowed"])
    for number, guard in enumerate(verb.guards):
        if not found[f"holds_{number}"]:
            raise _problem(guard, number, found, refusal)
    return verb.target


def _columns_of(number: int, guard: Guard) -> str:
    params = (f", {sql} as param_{number}_{name}" for name, sql in guard.params.items())
    return f", coalesce({guard.holds}, false) as holds_{number}" + "".join(params)


def _problem(guard: Guard, number: int, found: Any, refusal: dict[str, Any]) -> AppError:
    problem = guard.problem
    params = {name: found[f"param_{number}_{name}"] for name in guard.params}
    return problem(faults=[Fault("", problem.code, problem.title, refusal)], **params)
