"""The jobs of exports: carrying them out, and clearing away what is over."""

from datetime import timedelta

from services.chassis.exports.cleanup import clear_exports
from services.chassis.exports.runner import RUN, run_export
from services.chassis.queue.jobs import Jobs

CLEAR = "export.clear"
_LONGEST = timedelta(hours=2)
# Each holds a connection of the pool and keeps PostgreSQL busy; what waits costs nothing.
_AT_ONCE = 3


EXPORT_JOBS = Jobs()
EXPORT_JOBS.handles(RUN, longest=_LONGEST, at_once=_AT_ONCE)(run_export)
EXPORT_JOBS.handles(CLEAR, every="*/5 * * * *")(clear_exports)
