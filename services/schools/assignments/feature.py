"""The assignments feature (任职)."""

from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature
from services.schools.assignments.importing import ASSIGNMENT_IMPORT
from services.schools.assignments.models import Assignment
from services.schools.assignments.queries import ASSIGNMENT_ROWS, ASSIGNMENTS
from services.schools.assignments.router import router
from services.schools.people_codes import ASSIGNMENT_KINDS, ASSIGNMENT_ROLES
from services.schools.staff.scopes import StaffScope

FEATURE = Feature(
    routers=(router,),
    tables=(Assignment,),
    row_scopes=(ASSIGNMENT_ROWS,),
    exports=(Exportable(ASSIGNMENTS, StaffScope.READ),),
    imports=(ASSIGNMENT_IMPORT,),
    tracked=(Recorded.listed(ASSIGNMENTS, Text("任职", "an assignment"), StaffScope.READ),),
    code_lists=(ASSIGNMENT_ROLES, ASSIGNMENT_KINDS),
)
