"""Recognises a full disk, wherever it is: the service's own, or PostgreSQL's."""

import errno
from collections.abc import Iterator

from services.chassis.core.errors import AppError, StorageFull

# The last one: the file system, or a limit of the process, takes no larger file.
_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SQLSTATE = "53100"


def is_storage_full(error: BaseException) -> bool:
    """Whether an exception, or one that it was raised from, says that a disk is full."""
    return any(_says_full(one) for one in _causes(error))


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _ERRNOS
    return isinstance(error, StorageFull) or getattr(error, "sqlstate", None) == _SQLSTATE


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and its causes. A stated problem has its own meaning, whatever caused it."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from _causes(one)
        if isinstance(error, AppError):
            return
        # SQLAlchemy keeps the driver's exception in `orig`.
        error = getattr(error, "orig", None) or error.__cause__
