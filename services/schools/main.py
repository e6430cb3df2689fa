"""The school registry: bureaus, schools, staff and their assignments (学校登记)."""

from typing import Any

from services.chassis.exports.jobs import handle_exports
from services.chassis.imports.jobs import handle_imports
from services.chassis.runtime.app import create_app
from services.chassis.schemas.codes import code_list_router
from services.schools import codes
from services.schools.assignments.router import router as assignments
from services.schools.bureaus.router import router as bureaus
from services.schools.exporting import exportables
from services.schools.id_number_reports.router import router as id_number_reports
from services.schools.importing import import_specs
from services.schools.personal_data.jobs import jobs
from services.schools.personal_data.key_use import with_all_keys
from services.schools.personal_data.keys_router import router as keys
from services.schools.personal_data.router import router as personal_data
from services.schools.recording import RECORDED
from services.schools.schools.router import router as schools
from services.schools.settings import SchoolsSettings
from services.schools.staff.identity import read_key_ring
from services.schools.staff.router import router as staff

__all__ = ["SETTINGS", "app", "exportables", "import_specs", "jobs", "prepare"]

SETTINGS = SchoolsSettings
handle_imports(jobs)
handle_exports(jobs)


def prepare(state: Any) -> None:
    """Give the service its keys for personal data."""
    state.key_ring = read_key_ring()


app = create_app(
    "schools",
    "Junheng schools 学校登记",
    # Routes are tried in this order: what is asked for most stands first.
    [
        staff,
        schools,
        assignments,
        bureaus,
        personal_data,
        id_number_reports,
        keys,
        code_list_router(*codes.ALL),
    ],
    jobs=jobs,
    prepare=prepare,
    settings=SETTINGS.for_service("schools"),
    import_specs=import_specs,
    exportables=exportables,
    recorded=RECORDED,
    around=with_all_keys,
)
