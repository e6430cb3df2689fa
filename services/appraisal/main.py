"""The annual appraisal of staff: cycles, scores, determination and results (年度考核)."""

from services.appraisal import codes
from services.appraisal.calendar.router import router as calendar
from services.appraisal.corrections.router import router as corrections
from services.appraisal.cycles.router import router as cycles
from services.appraisal.directives.router import router as directives
from services.appraisal.exporting import exportables
from services.appraisal.facts.router import router as facts
from services.appraisal.holdings import HOLDINGS
from services.appraisal.importing import import_specs
from services.appraisal.participants.router import router as participants
from services.appraisal.recording import RECORDED
from services.appraisal.results.router import router as results
from services.appraisal.rule_sets.router import router as rule_sets
from services.appraisal.scores.router import router as scores
from services.chassis.core.settings import FileSettings
from services.chassis.exports.jobs import handle_exports
from services.chassis.imports.jobs import handle_imports
from services.chassis.queue.jobs import Jobs
from services.chassis.runtime.app import create_app
from services.chassis.schemas.codes import code_list_router
from services.chassis.subject_access.holdings import holdings_router

__all__ = ["SETTINGS", "app", "exportables", "import_specs", "jobs"]

SETTINGS = FileSettings
jobs = Jobs()
handle_imports(jobs)
handle_exports(jobs)

app = create_app(
    "appraisal",
    "Junheng appraisal 年度考核",
    [
        rule_sets,
        cycles,
        participants,
        facts,
        scores,
        results,
        directives,
        corrections,
        calendar,
        holdings_router(HOLDINGS),
        code_list_router(*codes.ALL),
    ],
    jobs=jobs,
    settings=SETTINGS.for_service("appraisal"),
    import_specs=import_specs,
    exportables=exportables,
    recorded=RECORDED,
)
