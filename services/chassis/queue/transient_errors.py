"""Classification of exceptions: temporary outages, and the problems they are shown as."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.chassis.core.errors import AppError, StorageFull, Unavailable
from services.chassis.database.storage import is_storage_full
from services.chassis.files.held_files import QuotaExceeded
from services.chassis.queue.jobs import TryAgain

# Classes of SQLSTATE: connection, rollback (deadlocks), resources, operator, system.
_PASSING = ("08", "40", "53", "57P", "58")
# A connection that is cut in the middle of an operation raises any of these.
_CUT_OFF = (OSError, PoolTimeout, asyncpg.InterfaceError, asyncpg.InternalClientError)
# Errors of paths: also `OSError`, but never raised by a lost connection or a failing disk.
_OF_PATHS = (
    FileExistsError,
    FileNotFoundError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
)


def is_outage(error: BaseException) -> bool:
    """Whether the error is an outage: the work is retried without limit."""
    if isinstance(error, DBAPIError):
        cause = error.orig and (error.orig.__cause__ or error.orig)
        return cause is not None and is_outage(cause)
    if isinstance(error, AppError):
        return error.status > 500 and not isinstance(error, QuotaExceeded)
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_PASSING)
    if isinstance(error, _OF_PATHS):
        return False
    return isinstance(error, (TryAgain, *_CUT_OFF)) or is_storage_full(error)


def awaited(error: BaseException) -> str:
    """The code of the problem that describes an outage to waiting callers."""
    if isinstance(error, TryAgain):
        return error.code
    if is_storage_full(error):
        return StorageFull.code
    return error.code if isinstance(error, AppError) else Unavailable.code
