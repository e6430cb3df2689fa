"""The jobs of imports: carrying them out, and clearing away what is over."""

from datetime import timedelta

from services.chassis.imports.runner import RUN, run_import
from services.chassis.jobs import Jobs

_LONGEST = timedelta(hours=12)


def handle_imports(jobs: Jobs) -> None:
    """Let a service's jobs carry its imports out."""
    jobs.handles(RUN, longest=_LONGEST)(run_import)
