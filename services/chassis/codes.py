"""Code lists: codes with Chinese and English labels, accepted by either, served as a resource."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from services.chassis.auth import Caller, allow
from services.chassis.errors import NotFound, documents
from services.chassis.text import Text
from services.chassis.validation import invalid_value


@dataclass(frozen=True)
class CodeList:
    """The values of a field.

    Attributes:
        name: in the address `/v1/code-lists/{name}`.
        title: what is coded.
        standard: the standard the codes come from, if any.
        labels: code → label in both languages.
    """

    name: str
    title: Text
    labels: dict[str, Text]
    standard: str | None = None

    def field(self) -> Any:
        """The type of a field with these codes; input may also be the Chinese label."""
        by_label = {label.zh: code for code, label in self.labels.items()}
        allowed = "、".join(f"{code} {label.zh}" for code, label in self.labels.items())

        def to_code(value: Any) -> Any:
            code = by_label.get(value, value) if isinstance(value, str) else value
            if code not in self.labels:
                raise invalid_value(
                    "code.unknown",
                    Text("应为其中之一:{allowed}", "Must be one of {allowed}"),
                    allowed=allowed,
                )
            return code

        schema = {"type": "string", "enum": list(self.labels), "description": allowed}
        return Annotated[str, BeforeValidator(to_code), WithJsonSchema(schema)]


class CodeRead(BaseModel):
    """One code (代码)."""

    code: str = Field(description="Stable code", examples=["211"])
    label_zh: str = Field(description="Chinese label", examples=["小学"])
    label_en: str = Field(description="English label", examples=["Primary school"])


class CodeListRead(BaseModel):
    """One code list (代码表)."""

    name: str = Field(description="Name in the address", examples=["school-types"])
    title_zh: str = Field(description="What is coded, Chinese", examples=["办学类型"])
    title_en: str = Field(description="What is coded, English", examples=["School type"])
    standard: str | None = Field(description="Where the codes come from", examples=[None])
    codes: list[CodeRead] = Field(description="All codes, in order")


def code_list_router(*lists: CodeList) -> APIRouter:
    """Serve a service's code lists."""
    router = APIRouter(prefix="/v1/code-lists", tags=["code lists 代码表"])
    by_name = {code_list.name: _read(code_list) for code_list in lists}

    @router.get("", summary="All code lists (全部代码表)")
    async def list_code_lists(_caller: CanReadCodes) -> list[CodeListRead]:
        """Every code list of this service."""
        return list(by_name.values())

    @router.get("/{name}", summary="One code list (代码表)", responses=documents(NotFound))
    async def read_code_list(name: str, _caller: CanReadCodes) -> CodeListRead:
        """The codes of one list, with labels in both languages."""
        if name not in by_name:
            raise NotFound
        return by_name[name]

    return router


CanReadCodes = Annotated[Caller, allow("codes:read")]


def _read(code_list: CodeList) -> CodeListRead:
    return CodeListRead(
        name=code_list.name,
        title_zh=code_list.title.zh,
        title_en=code_list.title.en,
        standard=code_list.standard,
        codes=[
            CodeRead(code=code, label_zh=label.zh, label_en=label.en)
            for code, label in code_list.labels.items()
        ],
    )
