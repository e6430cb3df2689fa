"""Routes of procedures: states, verbs and guards of everything that has states."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from services.chassis.core.errors import NotFound, documents
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.tags import PROCEDURES_TAG
from services.chassis.core.text import Text, current_language
from services.chassis.database.auth import Caller, allow
from services.chassis.procedures.diagram import mermaid
from services.chassis.procedures.machine import StateMachine, Verb

MERMAID_TYPE = "text/vnd.mermaid"

_Format = Annotated[
    Literal["json", "mermaid"],
    Query(description="`mermaid` for a `stateDiagram-v2` in the request's language (格式)"),
]


class ProcedureNotFound(NotFound):
    """This service has no such procedure."""

    code = "procedure.not_found"
    title = Text("没有这个程序", "No such procedure")
    detail = Text("本服务的程序：{known}。", "Procedures of this service: {known}.")


class ProcedureState(BaseModel):
    """A state of a procedure (状态)."""

    code: str = Field(description="As stored and sent (代码)", examples=["filed"])
    label_zh: str = Field(description="Chinese label (中文名称)", examples=["已立案"])
    label_en: str = Field(description="English label (英文名称)", examples=["Filed"])
    is_initial: bool = Field(description="Whether new records have it (初始)", examples=[False])
    is_final: bool = Field(description="Whether nothing leads out of it (终结)", examples=[False])


class ProcedureGuard(BaseModel):
    """A condition of a verb beyond the state (条件)."""

    code: str = Field(
        description="Code of the problem when it does not hold (问题代码)",
        examples=["accountability.no_respondents"],
    )
    title_zh: str = Field(description="Its title, Chinese (中文标题)", examples=["没有责任人"])
    title_en: str = Field(description="Its title, English (英文标题)", examples=["No respondents"])


class ProcedureVerb(BaseModel):
    """A step of a procedure (操作)."""

    name: str = Field(description="Name in the path, `POST …:<name>` (名称)", examples=["propose"])
    label_zh: str = Field(description="Chinese label (中文名称)", examples=["提出初步意见"])
    label_en: str = Field(description="English label (英文名称)", examples=["Propose measures"])
    sources: list[str] = Field(
        description="States it may start from (起始状态)", examples=[["filed"]]
    )
    target: str = Field(description="State it leads to (目标状态)", examples=["proposed"])
    scope: str | None = Field(
        description="Scope that a caller needs; null for a step of the platform (权限)",
        examples=["cases:write"],
    )
    guards: list[ProcedureGuard] = Field(description="Conditions beyond the state (条件)")


class ProcedureRead(BaseModel):
    """A procedure: states, verbs and guards (程序)."""

    name: str = Field(description="In the address (名称)", examples=["cases"])
    title_zh: str = Field(description="What goes through it, Chinese (中文名称)", examples=["案件"])
    title_en: str = Field(description="What goes through it, English (英文名称)", examples=["Case"])
    states: list[ProcedureState] = Field(description="In order (状态)")
    verbs: list[ProcedureVerb] = Field(description="In order (操作)")


def read_of(machine: StateMachine) -> ProcedureRead:
    """A procedure as it is served."""
    return ProcedureRead(
        name=machine.name,
        title_zh=machine.title.zh,
        title_en=machine.title.en,
        states=[
            ProcedureState(
                code=one.code,
                label_zh=one.label.zh,
                label_en=one.label.en,
                is_initial=one.code == machine.initial,
                is_final=one.is_final,
            )
            for one in machine.states
        ],
        verbs=[_verb(one) for one in machine.verbs],
    )


def _verb(verb: Verb) -> ProcedureVerb:
    guards = [
        ProcedureGuard(
            code=guard.problem.code,
            title_zh=guard.problem.title.zh,
            title_en=guard.problem.title.en,
        )
        for guard in verb.guards
    ]
    return ProcedureVerb(
        name=verb.name,
        label_zh=verb.label.zh,
        label_en=verb.label.en,
        sources=list(verb.sources),
        target=verb.target,
        scope=verb.scope,
        guards=guards,
    )


def procedure_router(machines: Sequence[StateMachine]) -> APIRouter:
    """The routes on the procedures of one service."""
    router = APIRouter(prefix="/v1/procedures", tags=[PROCEDURES_TAG])
    by_name = {machine.name: machine for machine in machines}
    anyone = Annotated[Caller, allow(PlatformScope.CODES_READ)]

    @router.get("", summary="All procedures (全部程序)")
    async def list_procedures(_caller: anyone) -> list[ProcedureRead]:
        """States, verbs and guards of everything in this service that has states."""
        return [read_of(machine) for machine in machines]

    @router.get(
        "/{name}",
        summary="One procedure, also as a diagram (程序)",
        response_model=ProcedureRead,
        responses=documents(ProcedureNotFound) | _DIAGRAM,
    )
    async def read_procedure(name: str, _caller: anyone, format: _Format = "json") -> Any:  # noqa: A002
        """As JSON, or as the source of a Mermaid diagram in the request's language."""
        if name not in by_name:
            raise ProcedureNotFound(known=", ".join(by_name))
        if format == "mermaid":
            language = current_language.get()
            headers = {"Content-Language": language}
            source = mermaid(by_name[name], language)
            return Response(source, media_type=f"{MERMAID_TYPE}; charset=utf-8", headers=headers)
        return read_of(by_name[name])

    return router


_DIAGRAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {MERMAID_TYPE: {"schema": {"type": "string"}}}}
}
