"""What the feed of changes, the audit trail and a record's history look like."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.chassis.lists.page_params import DEFAULT_LIMIT, MAX_LIMIT
from services.chassis.schemas.examples import CURSOR
from services.chassis.schemas.fields import MomentAsked

_CHANGES = {"name": ["王小明", "王晓明"], "version": [1, 2]}


class ChangesParams(BaseModel, extra="forbid"):
    """From where on, of what, and how patiently (变更查询)."""

    after: str | None = Field(
        None,
        max_length=2000,
        description="`next_cursor` of the page before; `now` skips all that is there; absent: "
        "from the oldest entry kept (游标)",
        examples=["now"],
    )
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Changes per page (每页行数)")
    resource: list[str] | None = Field(
        None,
        max_length=20,
        description="Only changes of these resources (资源)",
        examples=[["staff"]],
    )
    wait: int = Field(
        0, ge=0, le=30, description="Seconds to wait for a change if there is none (等待秒数)"
    )


class ChangeRead(BaseModel):
    """One change of one record (变更)."""

    cursor: str = Field(description="Continue after this change with it (游标)", examples=[CURSOR])
    resource: str = Field(description="As in addresses (资源)", examples=["staff"])
    operation: Literal["insert", "update", "delete"] = Field(description="What happened (操作)")
    id: UUID = Field(description="The record's opaque id (标识)")
    key: str | None = Field(
        description="Its natural key, parts joined by `/` (自然键)", examples=["T000001"]
    )
    old_key: str | None = Field(
        description="Its natural key before, if that changed (原键)", examples=["T000009"]
    )
    changes: dict[str, list[Any]] = Field(
        description="Column: old and new value; `***` for values that are kept secret (变更内容)",
        examples=[_CHANGES],
    )
    at: datetime = Field(description="When its transaction began (时间)")
    actor: str | None = Field(description="Login name or client (操作者)", examples=["admin"])
    request_id: str | None = Field(
        description="Of the request that did it (请求标识)", examples=["7f6c2a4e9b1d4c38"]
    )


class ChangesPage(BaseModel):
    """Changes in an order in which they can be replayed (变更页)."""

    data: list[ChangeRead] = Field(description="Changes (变更)")
    next_cursor: str = Field(
        description="For `after`; always there, also on an empty page (游标)",
        examples=[CURSOR],
    )


class NewestFirst(BaseModel, extra="forbid"):
    """Pages from the newest entry backwards (分页参数)."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Rows per page (每页行数)")
    cursor: str | None = Field(
        None, max_length=2000, description="From `next_cursor` (游标)", examples=[CURSOR]
    )


PageBack = Annotated[NewestFirst, Query()]


class HistoryEntry(BaseModel):
    """One change in the life of a record (历史记录)."""

    operation: Literal["insert", "update", "delete"] = Field(description="What happened (操作)")
    key: str | None = Field(description="The natural key since (自然键)", examples=["T000001"])
    old_key: str | None = Field(
        description="The natural key before, if it changed (原键)", examples=["T000009"]
    )
    changes: dict[str, list[Any]] = Field(
        description="Column: old and new value; `***` for values that are kept secret (变更内容)",
        examples=[_CHANGES],
    )
    at: datetime = Field(description="When its transaction began (时间)")
    actor: str | None = Field(description="Login name or client (操作者)", examples=["admin"])
    request_id: str | None = Field(
        description="Of the request that did it (请求标识)", examples=["7f6c2a4e9b1d4c38"]
    )


class HistoryPage(BaseModel):
    """The life of one record, newest change first (历史)."""

    data: list[HistoryEntry] = Field(description="Changes (变更)")
    next_cursor: str | None = Field(
        description="For the next page; null at the end (游标)", examples=[CURSOR]
    )


class AuditParams(NewestFirst):
    """Which audit events (审计查询)."""

    actor: str | None = Field(
        None, max_length=100, description="Login name or client (操作者)", examples=["admin"]
    )
    resource: str | None = Field(
        None, max_length=100, description="As in addresses (资源)", examples=["staff"]
    )
    key: str | None = Field(
        None,
        max_length=200,
        description="Natural key, now or before (自然键)",
        examples=["T000001"],
    )
    row_id: UUID | None = Field(None, description="The record's opaque id (标识)")
    bureau_code: str | None = Field(
        None, max_length=20, description="Whose data (行政区划代码)", examples=["620123"]
    )
    operation: Literal["insert", "update", "delete", "access"] | None = Field(
        None, description="`access`: sensitive reads, exports and refusals (操作)"
    )
    at_gte: MomentAsked | None = Field(None, description="Not before (起)")
    at_lt: MomentAsked | None = Field(None, description="Before (止)")


class AuditEvent(BaseModel):
    """Who did what to which record, when; values are not told (审计事件)."""

    id: int = Field(description="Number of the entry in its service's log (序号)", examples=[1])
    at: datetime = Field(description="When its transaction began (时间)")
    bureau_code: str | None = Field(description="Whose data (行政区划代码)", examples=["620123"])
    operation: Literal["insert", "update", "delete", "access"] = Field(description="(操作)")
    resource: str = Field(description="As in addresses (资源)", examples=["staff"])
    row_id: UUID | None = Field(description="The record's opaque id (标识)")
    key: str | None = Field(description="Its natural key (自然键)", examples=["T000001"])
    old_key: str | None = Field(
        description="Its natural key before, if that changed (原键)", examples=["T000009"]
    )
    columns: list[str] = Field(description="Columns that changed (变更字段)", examples=[["name"]])
    detail: dict[str, Any] | None = Field(
        description="Of an access: action and more (详情)",
        examples=[{"action": "export", "rows": 84}],
    )
    actor: str | None = Field(description="Login name or client (操作者)", examples=["admin"])
    subject: str | None = Field(
        description="Opaque id of the account or client (主体)",
        examples=["0198d3a4-7c1e-7b52-9f0e-6a1d2c3b4e5f"],
    )
    client_kind: str | None = Field(
        description="`account`, `client` or `service` (主体类型)", examples=["account"]
    )
    request_id: str | None = Field(
        description="Of the request that did it (请求标识)", examples=["7f6c2a4e9b1d4c38"]
    )


class AuditPage(BaseModel):
    """Audit events, newest first (审计事件页)."""

    data: list[AuditEvent] = Field(description="Events (事件)")
    next_cursor: str | None = Field(
        description="For the next page; null at the end (游标)", examples=[CURSOR]
    )
