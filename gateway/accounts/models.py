"""Tables and schemas of accounts (账号)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, StringConstraints, model_validator
from sqlalchemy import ARRAY, DateTime, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from gateway.accounts.rules import Password, check_binding, check_password
from gateway.base import Table
from gateway.roles import Role
from services.chassis.schemas.fields import BureauCode, Input, LineText, SchoolCode, StaffNo
from services.chassis.schemas.patch import Patch
from services.chassis.schemas.strict_bodies import FROM_JSON, Body
from services.chassis.schemas.texts import no_nul

MAX_BATCH = 1000

_EMPTY = {"server_default": text("'{}'")}


def _lower(value: object) -> object:
    return no_nul(value.strip().lower() if isinstance(value, str) else value)


Username = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._@-]{1,63}$"), BeforeValidator(_lower)
]


class AccountStatus(StrEnum):
    """Whether an account can log in."""

    ACTIVE = "active"
    DISABLED = "disabled"


class AccountFields(SQLModel):
    """Common fields of an account."""

    username: Username = Field(
        title="用户名",
        description="Login name: lower-case letters, digits, `. _ @ -`; upper case is converted",
        schema_extra={"examples": ["li.na"]},
    )
    display_name: LineText = Field(
        title="姓名",
        description="Name shown to people",
        max_length=50,
        schema_extra={"examples": ["李娜"]},
    )
    bureau_code: BureauCode | None = Field(
        default=None,
        title="行政区划代码",
        description="Bureau whose data the account can access; null for platform accounts",
        schema_extra={"examples": ["620123"]},
    )
    schools: list[SchoolCode] = Field(
        default=[],
        max_length=500,
        title="学校",
        description="Schools to which the account is limited; empty means the whole bureau",
        schema_extra={"examples": [["2162000001"]]},
    )
    staff_no: StaffNo | None = Field(
        default=None,
        title="工号",
        description="Staff number of the account holder",
        schema_extra={"examples": ["T000001"]},
    )


class Account(Table, table=True):
    """A person who logs in."""

    __table_args__ = (
        UniqueConstraint("username"),
        Index(None, "bureau_code", "username"),
    )

    username: str
    display_name: str
    password_hash: str
    bureau_code: str | None = None
    schools: list[str] = Field(sa_type=ARRAY(Text), sa_column_kwargs=_EMPTY)
    staff_no: str | None = None
    roles: list[str] = Field(sa_type=ARRAY(Text), sa_column_kwargs=_EMPTY)
    status: str = Field(default="active", sa_column_kwargs={"server_default": text("'active'")})
    failed_logins: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    locked_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class AccountCreate(AccountFields, Input):
    """A new account; it has no permissions until roles are granted."""

    password: Password

    @model_validator(mode="after")
    def agree(self) -> "AccountCreate":
        """A password of its own, and a bureau for schools and staff number."""
        check_password(self.username, self.password)
        check_binding(self.bureau_code, self.schools, self.staff_no)
        return self


class AccountPatch(Patch):
    """Changes to an account; absent fields stay as they are."""

    _never_null: ClassVar[frozenset[str]] = frozenset(
        {"display_name", "schools", "password", "status"}
    )

    display_name: LineText | None = Field(
        None,
        max_length=50,
        title="姓名",
        schema_extra={"examples": ["李娜"]},
        description="Name shown for the account (姓名)",
    )
    bureau_code: BureauCode | None = Field(
        None,
        title="行政区划代码",
        schema_extra={"examples": ["620123"]},
        description="Code of the bureau; null for accounts of the platform (行政区划代码)",
    )
    schools: list[SchoolCode] | None = Field(
        None,
        max_length=500,
        title="学校",
        schema_extra={"examples": [["2162000001"]]},
        description="Codes of the schools that it may see (学校标识码)",
    )
    staff_no: StaffNo | None = Field(
        None,
        title="工号",
        schema_extra={"examples": ["T000001"]},
        description="Staff number, unique in the bureau (工号)",
    )
    password: Password | None = Field(
        None,
        title="密码",
        schema_extra={"examples": ["correct horse battery"]},
        description="Password of the account (密码)",
    )
    status: Annotated[AccountStatus, FROM_JSON] | None = Field(
        None,
        title="状态",
        description="`active` also removes a login lock",
        schema_extra={"examples": ["disabled"]},
    )


class AccountRead(AccountFields):
    """An account as read."""

    roles: list[Role] = Field(
        title="角色",
        description="Roles granted by a security administrator",
        schema_extra={"examples": [["school_officer"]]},
    )
    status: AccountStatus = Field(
        title="状态",
        schema_extra={"examples": ["active"]},
        description="Whether it may log in (状态)",
    )
    locked_until: datetime | None = Field(
        title="锁定至",
        description="End of the lock after failed logins; null if not locked",
        schema_extra={"examples": [None, "2026-03-02T09:30:00+08:00"]},
    )
    id: UUID = Field(description="Opaque id; the `sub` of its tokens")
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
    created_at: datetime
    updated_at: datetime


class AccountBatch(Body):
    """Several new accounts, created all or none (批量新建)."""

    items: list[AccountCreate] = Field(
        min_length=1, max_length=MAX_BATCH, description="New accounts (账号)"
    )


class BatchCreated(BaseModel):
    """The result of a batch (批量结果)."""

    created: int = Field(description="Number of new accounts", schema_extra={"examples": [84]})
