"""Schemas of the list of templates (导入模板)."""

from typing import Any

from pydantic import BaseModel, Field

from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.engine.schemas import FieldRead
from services.chassis.imports.templates.columns import Kind, TemplateColumn, template_columns
from services.chassis.schemas.code_list_routes import CodeRead, read_of


class TemplateColumnRead(FieldRead):
    """A column to fill in; its titles are its headers (列)."""

    description: str = Field(
        description="Meaning, in the request's language (说明)", examples=["学校全称"]
    )
    kind: Kind = Field(description="Type of its cells (类型)", examples=["text"])
    is_text: bool = Field(
        description="True if a spreadsheet must format it as text (是否文本)", examples=[True]
    )
    is_required: bool = Field(
        description="True if it is required for a new row (必填)", examples=[True]
    )
    is_key: bool = Field(description="True if it is part of the key (主键)", examples=[False])
    codes: list[CodeRead] | None = Field(
        description="Accepted codes, each as code or Chinese label (允许的代码)"
    )
    example: Any = Field(description="Example value (示例)", examples=["示例县城关第一小学"])


class TemplateRead(BaseModel):
    """A resource with the columns of its template (导入模板)."""

    resource: str = Field(description="Resource, as in imports (资源)", examples=["schools"])
    title_zh: str = Field(description="Chinese title (中文名)", examples=["学校"])
    title_en: str = Field(description="English title (英文名)", examples=["Schools"])
    within: list[str] = Field(
        description="Required parents of the rows (所属)", examples=[["cycle_id"]]
    )
    columns: list[TemplateColumnRead] = Field(
        description="Columns in the order of the template (列)"
    )


class TemplateList(BaseModel):
    """Every resource that the caller may import (导入模板列表)."""

    data: list[TemplateRead] = Field(description="Resources (资源)")


def template_read(spec: ImportSpec) -> TemplateRead:
    """The description of a resource in the request's language."""
    return TemplateRead(
        resource=spec.resource,
        title_zh=spec.title.zh,
        title_en=spec.title.en,
        within=list(spec.within),
        columns=[_column(column) for column in template_columns(spec)],
    )


def _column(column: TemplateColumn) -> TemplateColumnRead:
    return TemplateColumnRead(
        field=column.field,
        title_zh=column.title.zh,
        title_en=column.title.en,
        description=column.meaning.render(),
        kind=column.kind,
        is_text=column.is_text,
        is_required=column.is_required,
        is_key=column.is_key,
        codes=read_of(column.codes).codes if column.codes else None,
        example=column.example,
    )
