"""Conditional requests: strong ETags from the row version, `If-Match`, `If-None-Match`.

The headers of the request travel in a context variable, so that a service can check them right
after it has locked the row: between that check and the write nobody else can change it.
"""

from contextvars import ContextVar
from typing import NamedTuple

from services.chassis.errors import AppError
from services.chassis.text import Text


class RowChanged(AppError):
    """The row is not in the state the caller expects."""

    status = 412
    code = "platform.precondition_failed"
    title = Text("数据已被修改", "Changed meanwhile")
    detail = Text(
        "现在的版本是 {etag},请重新读取后再提交。",
        "It is at {etag} now; read it again, then submit your change.",
    )


class MatchRequired(AppError):
    """This change must say which version it is based on."""

    status = 428
    code = "platform.if_match_required"
    title = Text("缺少 If-Match", "If-Match required")
    detail = Text(
        "请先读取,并把其 ETag 放入 If-Match 请求头。",
        "Read it first, and send its ETag as If-Match.",
    )


class Conditions(NamedTuple):
    """The conditional headers of a request."""

    if_match: str | None = None
    if_none_match: str | None = None


NONE = Conditions()
current_conditions: ContextVar[Conditions] = ContextVar("current_conditions", default=NONE)


def etag_of(version: int) -> str:
    """The strong ETag of a row version."""
    return f'"{version}"'


def names(header: str, etag: str) -> bool:
    """Whether a list of ETags contains `etag`, or is `*`."""
    tags = [tag.strip() for tag in header.split(",")]
    return "*" in tags or etag in tags


def require_match(version: int | None, *, required: bool = False) -> None:
    """Check the request's conditions against a locked row.

    Args:
        version: the row's version; None when there is no row yet.
        required: whether `If-Match` must be there at all.

    Raises:
        MatchRequired: it must, and is not.
        RowChanged: the row is at another version, is gone, or exists although it must not.
    """
    conditions = current_conditions.get()
    if required and conditions.if_match is None:
        raise MatchRequired
    etag = etag_of(version) if version is not None else None
    if conditions.if_match is not None and (etag is None or not names(conditions.if_match, etag)):
        raise RowChanged(etag=etag or "—")
    if conditions.if_none_match == "*" and etag is not None:
        raise RowChanged(etag=etag)
