"""Accountability: cases from lead to close, and directives to the appraisal service (问责)."""

from services.accountability import codes
from services.accountability.cases.procedure_router import router as procedure
from services.accountability.cases.queries import require_not_named
from services.accountability.cases.router import router as cases
from services.accountability.directives.delivery import deliver_directive
from services.accountability.directives.service import DELIVER
from services.accountability.exporting import exportables
from services.accountability.holdings import HOLDINGS
from services.accountability.importing import import_specs
from services.accountability.own_cases.router import router as own_cases
from services.accountability.recording import RECORDED
from services.chassis.core.settings import FileSettings
from services.chassis.exports.jobs import handle_exports
from services.chassis.imports.jobs import handle_imports
from services.chassis.queue.jobs import Jobs
from services.chassis.runtime.app import create_app
from services.chassis.schemas.codes import code_list_router
from services.chassis.subject_access.holdings import holdings_router

__all__ = ["SETTINGS", "app", "exportables", "import_specs", "jobs"]

SETTINGS = FileSettings
jobs = Jobs({DELIVER: deliver_directive})
handle_imports(jobs)
handle_exports(jobs)

app = create_app(
    "accountability",
    "Junheng accountability 问责",
    [
        cases,
        procedure,
        own_cases,
        # Whoever named a person in a case may be who reported them.
        holdings_router(HOLDINGS, names_actors=False),
        code_list_router(*codes.ALL),
    ],
    jobs=jobs,
    settings=SETTINGS.for_service("accountability"),
    import_specs=import_specs,
    exportables=exportables,
    recorded=RECORDED,
    replay_guard=require_not_named,
)
