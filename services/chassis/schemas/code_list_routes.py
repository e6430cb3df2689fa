"""Code lists as a resource."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.chassis.core.errors import NotFound, documents
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.tags import CODE_LISTS_TAG
from services.chassis.database.auth import Caller, allow
from services.chassis.schemas.codes import CodeList


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
    standard: str | None = Field(description="Where the codes come from", examples=["GB/T 2261.1"])
    codes: list[CodeRead] = Field(description="All codes, in order")


def read_of(code_list: CodeList) -> CodeListRead:
    """The list as it is served."""
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


def code_list_router(*lists: CodeList) -> APIRouter:
    """Serve a service's code lists."""
    router = APIRouter(prefix="/v1/code-lists", tags=[CODE_LISTS_TAG])
    by_name = {code_list.name: read_of(code_list) for code_list in lists}

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


CanReadCodes = Annotated[Caller, allow(PlatformScope.CODES_READ)]
