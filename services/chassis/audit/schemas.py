"""Schemas of the change feed, the audit trail and histories."""

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
    """Parameters of the change feed (变更查询)."""

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
        description="Restricts the feed to these resources (资源)",
        examples=[["staff"]],
    )
    wait: int = Field(
        0, ge=0, le=30, description="Seconds to wait for a change if there is none (等待秒数)"
    )


class ChangeRead(BaseModel):
    """One change of one record (变更)."""

    cursor: str = Field(
        description="Cursor to continue after this change (游标)", examples=[CURSOR]
    )
    resource: str = Field(description="Resource, as in paths (资源)", examples=["staff"])
    operation: Literal["insert", "update", "delete"] = Field(description="Kind of change (操作)")
    id: UUID = Field(description="Opaque id of the record (标识)")
    key: str | None = Field(
        description="Natural key, parts joined by `/` (自然键)", examples=["T000001"]
    )
    old_key: str | None = Field(
        description="Previous natural key, if it changed (原键)", examples=["T000009"]
    )
    changes: dict[str, list[Any]] = Field(
        description="Old and new value by column; `***` replaces secret values (变更内容)",
        examples=[_CHANGES],
    )
    at: datetime = Field(description="Start of the transaction (时间)")
    actor: str | None = Field(description="Login name or client (操作者)", examples=["admin"])
    request_id: str | None = Field(
        description="Id of the request (请求标识)", examples=["7f6c2a4e9b1d4c38"]
    )


class ChangesPage(BaseModel):
    """Changes in an order in which they can be replayed (变更页)."""

    data: list[ChangeRead] = Field(description="Changes (变更)")
    next_cursor: str = Field(
        description="Value for `after`; present even on an empty page (游标)",
        examples=[CURSOR],
    )


class NewestFirst(BaseModel, extra="forbid"):
    """Pages from the newest entry backwards (分页参数)."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Rows per page (每页行数)")
    cursor: str | None = Field(
        None,
        max_length=2000,
        description="Value of `next_cursor` of the previous page (游标)",
        examples=[CURSOR],
    )


PageBack = Annotated[NewestFirst, Query()]


class HistoryEntry(BaseModel):
    """One change of a record (历史记录)."""

    operation: Literal["insert", "update", "delete"] = Field(description="Kind of change (操作)")
    key: str | None = Field(
        description="Natural key after the change (自然键)", examples=["T000001"]
    )
    old_key: str | None = Field(
        description="Previous natural key, if it changed (原键)", examples=["T000009"]
    )
    changes: dict[str, list[Any]] = Field(
        description="Old and new value by column; `***` replaces secret values (变更内容)",
        examples=[_CHANGES],
    )
    at: datetime = Field(description="Start of the transaction (时间)")
    actor: str | None = Field(description="Login name or client (操作者)", examples=["admin"])
    request_id: str | None = Field(
        description="Id of the request (请求标识)", examples=["7f6c2a4e9b1d4c38"]
    )


class HistoryPage(BaseModel):
    """The history of a record, newest change first (历史)."""

    data: list[HistoryEntry] = Field(description="Changes (变更)")
    next_cursor: str | None = Field(
        description="Cursor of the next page; null at the end (游标)", examples=[CURSOR]
    )


class AuditParams(NewestFirst):
    """Parameters of the audit events (审计查询)."""

    actor: str | None = Field(
        None, max_length=100, description="Login name or client (操作者)", examples=["admin"]
    )
    resource: str | None = Field(
        None, max_length=100, description="Resource, as in paths (资源)", examples=["staff"]
    )
    key: str | None = Field(
        None,
        max_length=200,
        description="Present or previous natural key (自然键)",
        examples=["T000001"],
    )
    row_id: UUID | None = Field(None, description="Opaque id of the record (标识)")
    bureau_code: str | None = Field(
        None, max_length=20, description="Bureau of the data (行政区划代码)", examples=["620123"]
    )
    operation: Literal["insert", "update", "delete", "access"] | None = Field(
        None, description="`access`: sensitive reads, exports and refusals (操作)"
    )
    at_gte: MomentAsked | None = Field(None, description="Start of the period, inclusive (起)")
    at_lt: MomentAsked | None = Field(None, description="End of the period, exclusive (止)")


class AuditEvent(BaseModel):
    """An event with account, record and time, without values (审计事件)."""

    id: int = Field(description="Number of the entry in its service's log (序号)", examples=[1])
    at: datetime = Field(description="Start of the transaction (时间)")
    bureau_code: str | None = Field(
        description="Bureau of the data (行政区划代码)", examples=["620123"]
    )
    operation: Literal["insert", "update", "delete", "access"] = Field(
        description="Kind of event (操作)"
    )
    resource: str = Field(description="Resource, as in paths (资源)", examples=["staff"])
    row_id: UUID | None = Field(description="Opaque id of the record (标识)")
    key: str | None = Field(description="Natural key of the record (自然键)", examples=["T000001"])
    old_key: str | None = Field(
        description="Previous natural key, if it changed (原键)", examples=["T000009"]
    )
    columns: list[str] = Field(description="Columns that changed (变更字段)", examples=[["name"]])
    detail: dict[str, Any] | None = Field(
        description="Action and details of an access (详情)",
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
        description="Id of the request (请求标识)", examples=["7f6c2a4e9b1d4c38"]
    )


class AuditPage(BaseModel):
    """Audit events, newest first (审计事件页)."""

    data: list[AuditEvent] = Field(description="Events (事件)")
    next_cursor: str | None = Field(
        description="Cursor of the next page; null at the end (游标)", examples=[CURSOR]
    )
