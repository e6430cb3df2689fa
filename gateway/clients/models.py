"""Tables and schemas of API clients (接口)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, StringConstraints
from pydantic import Field as ApiField
from sqlalchemy import ARRAY, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy import Text as SqlText
from sqlmodel import Field, SQLModel

from gateway.base import Table
from gateway.origins import check_origin
from gateway.roles import ROLES, Role
from services.chassis.core.text import Text
from services.chassis.schemas.fields import BureauCode, Input, LineText, LocalTime, SchoolCode
from services.chassis.schemas.patch import Patch
from services.chassis.schemas.strict_bodies import FROM_JSON
from services.chassis.schemas.texts import no_nul
from services.chassis.schemas.validation import invalid_value


def _not_a_service(value: str) -> str:
    if value.startswith("service-"):
        message = Text(
            "service- 开头的标识保留给平台自身的服务", "service-… is reserved for services"
        )
        raise invalid_value("client_id.reserved", message)
    return value


ClientId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{2,63}$"),
    BeforeValidator(no_nul),
    AfterValidator(_not_a_service),
]
ClientScope = StrEnum(  # type: ignore[misc]
    "ClientScope",
    {scope.upper().replace(":", "_"): scope for scope in sorted(ROLES[Role.INTEGRATION].scopes)},
)
Origin = Annotated[str, StringConstraints(max_length=255), AfterValidator(check_origin)]
GrantedScope = Annotated[ClientScope, FROM_JSON]

_EMPTY = {"server_default": text("'{}'")}


class ClientStatus(StrEnum):
    """Whether a client can get tokens."""

    ACTIVE = "active"
    DISABLED = "disabled"


class ClientFields(SQLModel):
    """Common fields of a client."""

    client_id: ClientId = Field(
        title="接口标识",
        description="Id of your choice: lower-case letters, digits, hyphens",
        schema_extra={"examples": ["hr-system"]},
    )
    name: LineText = Field(
        title="名称",
        description="Name of the system",
        max_length=100,
        schema_extra={"examples": ["人事系统"]},
    )
    bureau_code: BureauCode | None = Field(
        title="行政区划代码",
        description="Bureau whose data the client can access",
        schema_extra={"examples": ["620123"]},
    )
    schools: list[SchoolCode] = Field(
        default=[],
        max_length=500,
        title="学校",
        description="Schools to which the client is limited; empty means the whole bureau",
        schema_extra={"examples": [[]]},
    )
    allowed_origins: list[Origin] = Field(
        default=[],
        max_length=20,
        title="网页来源",
        description="Origins whose pages may call the gateway from a browser",
        schema_extra={"examples": [["https://app.example.cn"]]},
    )


class Client(Table, table=True):
    """A system that uses the platform with its own secret."""

    __table_args__ = (UniqueConstraint("client_id"),)

    client_id: str
    name: str
    scopes: list[str] = Field(sa_type=ARRAY(SqlText), sa_column_kwargs=_EMPTY)
    bureau_code: str | None = None
    schools: list[str] = Field(sa_type=ARRAY(SqlText), sa_column_kwargs=_EMPTY)
    allowed_origins: list[str] = Field(sa_type=ARRAY(SqlText), sa_column_kwargs=_EMPTY)
    status: str = Field(default="active", sa_column_kwargs={"server_default": text("'active'")})
    is_service: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class ClientSecret(Table, table=True):
    """One of at most two active secrets of a client: 256 random bits, stored as SHA-256."""

    __tablename__ = "client_secret"
    __table_args__ = (Index(None, "client_row"),)

    client_row: UUID = Field(foreign_key="gateway.client.id", ondelete="CASCADE")
    secret_hash: bytes = Field(sa_type=LargeBinary)
    hint: str


class ClientCreate(ClientFields, Input):
    """A new client."""

    bureau_code: BureauCode = Field(
        title="行政区划代码",
        description="Bureau whose data the client can access",
        schema_extra={"examples": ["620123"]},
    )
    scopes: list[GrantedScope] = Field(
        min_length=1,
        max_length=len(ClientScope),
        title="权限",
        description="A selection of the scopes of the role `integration`",
        schema_extra={"examples": [["schools:read", "staff:read"]]},
    )


class ClientPatch(Patch):
    """Changes to a client; absent fields keep their values."""

    _never_null: ClassVar[frozenset[str]] = frozenset(
        {"name", "scopes", "schools", "allowed_origins", "status"}
    )

    name: LineText | None = Field(
        None,
        max_length=100,
        title="名称",
        schema_extra={"examples": ["人事系统"]},
        description="Name shown to people (名称)",
    )
    scopes: list[GrantedScope] | None = Field(
        None, min_length=1, title="权限", description="Scopes of its tokens (权限)"
    )
    schools: list[SchoolCode] | None = Field(
        None,
        max_length=500,
        title="学校",
        schema_extra={"examples": [[]]},
        description="Codes of the schools that it may see (学校标识码)",
    )
    allowed_origins: list[Origin] | None = Field(
        None,
        max_length=20,
        title="网页来源",
        schema_extra={"examples": [["https://app.example.cn"]]},
        description="Origins whose pages may call the gateway (网页来源)",
    )
    status: Annotated[ClientStatus, FROM_JSON] | None = Field(
        None, title="状态", description="Whether it may log in (状态)"
    )


class SecretRead(BaseModel):
    """An active secret with a hint to identify it (密钥)."""

    id: UUID = ApiField(description="Id for deleting the secret")
    hint: str = ApiField(description="Last four characters of the secret", examples=["f3Qa"])
    created_at: LocalTime


class ClientRead(ClientFields):
    """A client; secrets are never shown again."""

    scopes: list[str] = Field(
        title="权限",
        schema_extra={"examples": [["schools:read", "staff:read"]]},
        description="Scopes of its tokens (权限)",
    )
    client_id: str = Field(
        title="接口标识",
        schema_extra={"examples": ["hr-system"]},
        description="Name with which the client logs in (接口标识)",
    )
    status: ClientStatus = Field(
        title="状态",
        schema_extra={"examples": ["active"]},
        description="Whether it may log in (状态)",
    )
    is_service: bool = Field(
        description="Whether it is a service of the platform, managed by secret files",
        schema_extra={"examples": [False]},
    )
    secrets: list[SecretRead] = Field(title="密钥", description="Active secrets, at most two")
    id: UUID = Field(description="Opaque id; the `sub` of its tokens")
    version: int = Field(
        description="Number of the current version", schema_extra={"examples": [1]}
    )
    created_at: datetime
    updated_at: datetime


class ClientCreated(ClientRead):
    """A client with its first secret, which is shown only once."""

    client_secret: str = Field(
        title="密钥",
        schema_extra={"examples": ["jhs_0c0Yxq…"]},
        description="Secret of the client, shown only in this response (密钥)",
    )


class SecretCreated(SecretRead):
    """A new secret, which is shown only once."""

    client_secret: str = ApiField(
        title="密钥",
        examples=["jhs_0c0Yxq…"],
        description="Secret of the client, shown only in this response (密钥)",
    )
