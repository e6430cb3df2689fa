"""Tables and schemas of sessions (登录)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, StringConstraints
from pydantic import Field as ApiField
from sqlalchemy import DateTime, Index, LargeBinary, text
from sqlmodel import Field

from gateway.accounts.rules import MAX_PASSWORD, Password
from gateway.base import Table
from services.chassis.schemas.strict_bodies import Body
from services.chassis.schemas.texts import no_nul

NoNul = BeforeValidator(no_nul)
GivenPassword = Annotated[str, StringConstraints(max_length=MAX_PASSWORD), NoNul]


class LoginSession(Table, table=True):
    """A session: one row, regardless of the number of its refresh tokens.

    Attributes:
        account_id: the account.
        expires_at: its end, which token exchanges do not change.
        token_hash: hash of the current refresh token.
        previous_hash: hash of the previous one, which gets its response again for some seconds.
        rotated_at: time of its exchange.
        answer: the response to its exchange, encrypted with a key derived from that token.
    """

    __tablename__ = "login_session"
    __table_args__ = (
        Index(None, "account_id"),
        Index(None, "expires_at"),
        Index(None, "rotated_at", postgresql_where=text("answer is not null")),
    )

    account_id: UUID = Field(foreign_key="gateway.account.id", ondelete="CASCADE")
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))
    token_hash: bytes = Field(sa_type=LargeBinary)
    previous_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    rotated_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    answer: bytes | None = Field(default=None, sa_type=LargeBinary)


class LoginRequest(Body):
    """User name and password (登录)."""

    username: Annotated[str, StringConstraints(max_length=64), NoNul] = ApiField(
        title="用户名",
        examples=["li.na"],
        description="Name with which the person logs in (用户名)",
    )
    password: GivenPassword = ApiField(
        title="密码",
        examples=["correct horse battery"],
        json_schema_extra={"format": "password"},
        description="Password of the account (密码)",
    )


class PasswordChange(Body):
    """A new password for the caller's own account (修改密码)."""

    current_password: GivenPassword = ApiField(
        title="原密码", examples=["correct horse battery"], description="Password so far (原密码)"
    )
    new_password: Password


class TokenAnswer(BaseModel):
    """Token response of RFC 6749 section 5.1 (令牌)."""

    access_token: str = ApiField(
        description="Access token, an ES256 JWT", examples=["eyJhbGciOiJFUzI1NiJ9.e30.x"]
    )
    token_type: str = ApiField(description="Type of the access token", examples=["Bearer"])
    expires_in: int = ApiField(
        description="Lifetime of the access token in seconds", examples=[1800]
    )
    refresh_token: str | None = ApiField(
        None,
        description="Refresh token for one exchange; only for accounts of people",
        examples=["jhr_0c0Yxq…"],
    )
    scope: str = ApiField(
        description="Scopes of the token, separated by spaces", examples=["codes:read staff:read"]
    )


class RoleTitle(BaseModel):
    """A role with its titles (角色名称)."""

    role: str = ApiField(title="角色", description="Role (角色)", examples=["school_officer"])
    title_zh: str = ApiField(description="Chinese title", examples=["学校考核办"])
    title_en: str = ApiField(description="English title", examples=["School appraisal officer"])


class MeRead(BaseModel):
    """The caller's identity in its token, with the texts that a page shows of it (当前调用者)."""

    subject: str = ApiField(
        description="Id of the account or client", examples=["01928d9c-7d1e-7cc3-9d4e-0b8f6c1d2e3f"]
    )
    kind: str = ApiField(description="`account` or `client`", examples=["account"])
    name: str = ApiField(description="User name or client id", examples=["li.na"])
    display_name: str | None = ApiField(
        title="姓名",
        description="Name shown to people; null for clients (姓名)",
        examples=["李娜"],
    )
    bureau: str | None = ApiField(
        title="行政区划代码",
        examples=["620123"],
        description="Code of the bureau; null for accounts of the platform (行政区划代码)",
    )
    schools: list[str] = ApiField(
        title="学校标识码",
        examples=[["2162000001"]],
        description="Codes of the schools that the caller may see (学校标识码)",
    )
    staff_no: str | None = ApiField(
        title="工号", examples=["T000001"], description="Staff number, unique in the bureau (工号)"
    )
    roles: list[str] = ApiField(
        title="角色", examples=[["school_officer"]], description="Roles of the account (角色)"
    )
    role_titles: list[RoleTitle] = ApiField(
        title="角色名称", description="Titles of these roles, in the same order (角色名称)"
    )
    scopes: list[str] = ApiField(
        title="权限",
        examples=[["schools:read", "staff:read"]],
        description="Scopes of its tokens (权限)",
    )
