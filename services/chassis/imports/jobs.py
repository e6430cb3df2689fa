"""The jobs of imports: carrying them out, clearing away what is over, removing files."""

from datetime import timedelta

from services.chassis.imports.clearing import clear_imports
from services.chassis.imports.discarding import DISCARD, remove_discarded
from services.chassis.imports.ending import RUN
from services.chassis.imports.runner import run_import
from services.chassis.queue.jobs import Jobs

CLEAR = "import.clear"
_LONGEST = timedelta(hours=12)


IMPORT_JOBS = Jobs()
IMPORT_JOBS.handles(RUN, longest=_LONGEST)(run_import)
IMPORT_JOBS.handles(CLEAR, every="*/5 * * * *")(clear_imports)
IMPORT_JOBS.handles(DISCARD)(remove_discarded)
