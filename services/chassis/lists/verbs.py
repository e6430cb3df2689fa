"""The virtual field of rows that have states: the verbs that their reader may use on them."""

from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from services.chassis.procedures.machine import StateMachine

ALLOWED_VERBS = "allowed_verbs"


def with_verbs(read: type[BaseModel], machine: StateMachine) -> type[BaseModel]:
    """The schema of a row with the verbs that its reader may use on it.

    Args:
        read: schema of the row without them.
        machine: the states of the rows.
    """
    names = [verb.name for verb in machine.verbs if verb.scope is not None]
    one: Any = Literal[tuple(names)] if names else str
    about = "Verbs that the caller may use on it now, see `/v1/procedures` (可执行的操作)"
    example = [verb.name for verb in machine.verbs_from(machine.initial) if verb.name in names]
    verbs: dict[str, Any] = {
        ALLOWED_VERBS: (list[one], Field(description=about, examples=[example]))
    }
    name = f"{read.__name__}WithVerbs"
    schema: type[BaseModel] = create_model(name, __base__=read, __doc__=read.__doc__, **verbs)
    return schema
