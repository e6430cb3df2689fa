"""Which exceptions mean that something else is away, and will be back."""

import asyncpg

from services.chassis.errors import AppError
from services.chassis.held_files import QuotaExceeded
from services.chassis.jobs import TryAgain

# Classes of SQLSTATE: connection, rollback (deadlocks), resources, operator, system.
_PASSING = ("08", "40", "53", "57P", "58")
# What a connection that is cut in the midst of something raises is any of these.
_CUT_OFF = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def is_outage(error: Exception) -> bool:
    """Whether work that ended like this need only be tried again, however often."""
    if isinstance(error, AppError):
        return error.status >= 500 and not isinstance(error, QuotaExceeded)
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_PASSING)
    return isinstance(error, (TryAgain, *_CUT_OFF))
