"""The claims of an access token, each of exactly its type.

A token with a good signature is not believed beyond that: a claim of another type, or of a form
that nobody's name or number has, makes the whole token void.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

AUDIENCE = "junheng"

# A whole number of seconds up to the year 9999: neither a text nor a truth value nor a fraction.
Seconds = Annotated[int, Field(ge=0, le=253_402_300_799)]
# PostgreSQL receives the acting name: one line, without control characters.
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,100}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
Scopes = Annotated[str, StringConstraints(pattern=r"^([a-z_]+:[a-z_]+( [a-z_]+:[a-z_]+)*)?$")]


class Claims(BaseModel):
    """Every claim that is read; others are ignored (令牌声明)."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    iss: str
    aud: Literal["junheng"]
    sub: Line
    iat: Seconds
    exp: Seconds
    nbf: Seconds = 0
    kind: Literal["account", "client"]
    name: Line
    bureau: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None
    schools: list[Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]]
    staff_no: Code | None
    roles: list[Code]
    scope: Scopes

    def hold_at(self, moment: float) -> bool:
        """Whether the token is good at a moment, in seconds since 1970 (RFC 7519, 4.1.4)."""
        return self.nbf <= moment < self.exp
