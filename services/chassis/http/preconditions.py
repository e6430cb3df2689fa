"""Conditional requests: strong ETags from the row version, `If-Match`, `If-None-Match`.

An ETag begins with the row's tag: its version, and its id where the key of a deleted row can be
taken again (`"3"`, `"3-9f27c01b"`). That is what `If-Match` compares. Where an answer shows more
than its row (names kept elsewhere, words in the caller's language), a digest of what it shows
follows (`"3.c0ffee0123"`), for `If-None-Match`: 304 says that nothing of it has changed.

The headers of the request travel in a context variable, so that a service can check them right
after it has locked the row: between that check and the write nobody else can change it.
"""

import hashlib
import re
from contextvars import ContextVar
from typing import NamedTuple
from uuid import UUID

from starlette.datastructures import Headers

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text


class RowChanged(AppError):
    """The row differs from the version that the caller expects."""

    status = 412
    code = "platform.precondition_failed"
    title = Text("数据已被修改", "Changed in the meantime")
    detail = Text(
        "现在的版本是 {etag}，请重新读取后再提交。",
        "The present version is {etag}; read it again, then submit your change.",
    )


class MatchRequired(AppError):
    """This change requires the version on which it is based."""

    status = 428
    code = "platform.if_match_required"
    title = Text("缺少 If-Match", "If-Match required")
    detail = Text(
        "请先读取，并把其 ETag 放入 If-Match 请求头。",
        "Read the record first, and send its ETag as If-Match.",
    )


class Conditions(NamedTuple):
    """The conditional headers of a request."""

    if_match: str | None = None
    if_none_match: str | None = None

    @classmethod
    def of(cls, headers: Headers) -> "Conditions":
        """The headers of a request; a list of ETags may span several lines (RFC 9110, 5.3)."""
        lines = map(headers.getlist, ("if-match", "if-none-match"))
        return cls(*(", ".join(one) if one else None for one in lines))


ID_DIGITS = 8
_DIGEST_BYTES = 5
_TAG = re.compile(r'"([^".]*)(?:\.[^"]*)?"')
NONE = Conditions()
# `openapi_extra` of a write without versions, which does not read the headers.
UNVERSIONED = {"x-unversioned": True}
current_conditions: ContextVar[Conditions] = ContextVar("current_conditions", default=NONE)


def etag_of(version: int, row_id: UUID | None = None, shown: bytes | None = None) -> str:
    """The strong ETag of a row.

    Args:
        version: the row's.
        row_id: its id, where another row may have the same key later.
        shown: what the answer shows, where that is more than the row.
    """
    tag = f"{version}" if row_id is None else f"{version}-{row_id.hex[-ID_DIGITS:]}"
    digest = f".{hashlib.blake2b(shown, digest_size=_DIGEST_BYTES).hexdigest()}" if shown else ""
    return f'"{tag}{digest}"'


def names(header: str, etag: str) -> bool:
    """Whether an `If-None-Match` contains `etag`, weak or strong, or is `*` (RFC 9110, 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags


def _names_row(if_match: str, etag: str) -> bool:
    """Whether an `If-Match` matches the version of a row; a weak ETag never does."""
    tags = [tag.strip() for tag in if_match.split(",")]
    rows = [f'"{found[1]}"' for tag in tags if (found := _TAG.fullmatch(tag))]
    return "*" in tags or etag in rows


def require_match(
    version: int | None, row_id: UUID | None = None, *, required: bool = False
) -> None:
    """Check the request's conditions against a locked row.

    Args:
        version: the row's version; None when there is no row yet.
        row_id: its id, where its ETag names it.
        required: whether `If-Match` must be there at all.

    Raises:
        MatchRequired: it must, and is not.
        RowChanged: the row is at another version, is gone, or exists although it must not.
    """
    conditions = current_conditions.get()
    if required and conditions.if_match is None:
        raise MatchRequired
    etag = etag_of(version, row_id) if version is not None else None
    asked = conditions.if_match
    if asked is not None and (etag is None or not _names_row(asked, etag)):
        raise RowChanged(etag=etag or "—")
    if conditions.if_none_match == "*" and etag is not None:
        raise RowChanged(etag=etag)
