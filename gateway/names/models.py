"""Schemas of names (姓名)."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.chassis.schemas.fields import Id
from services.chassis.schemas.strict_bodies import Body

MOST = 500


class NameQuery(Body):
    """Ids of accounts and clients, such as those of `decided_by` (标识)."""

    ids: list[Id] = Field(
        min_length=1,
        max_length=MOST,
        description="Ids from fields such as `decided_by`, `opened_by` and `actor` (标识)",
        examples=[["0193b2d0-7c1e-7c70-9c5a-0d1b2c3d4e5f"]],
    )


class NameRead(BaseModel):
    """The name of an account or client of the caller's bureau (名称)."""

    id: UUID = Field(description="As asked for (标识)")
    name: str = Field(description="Name shown for it (名称)", examples=["李娜"])
    kind: Literal["account", "client"] = Field(
        description="Whether a person or a system (类型)", examples=["account"]
    )
