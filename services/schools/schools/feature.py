"""The schools feature (学校)."""

from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature
from services.schools.codes import AREA_TYPES, SCHOOL_STATUSES, SCHOOL_TYPES
from services.schools.schools.importing import SCHOOL_IMPORT
from services.schools.schools.models import School
from services.schools.schools.queries import SCHOOL_ROWS, SCHOOLS
from services.schools.schools.router import router

FEATURE = Feature(
    routers=(router,),
    tables=(School,),
    row_scopes=(SCHOOL_ROWS,),
    exports=(Exportable(SCHOOLS, "schools:read"),),
    imports=(SCHOOL_IMPORT,),
    tracked=(Recorded.listed(SCHOOLS, Text("学校", "a school"), "schools:read"),),
    code_lists=(SCHOOL_TYPES, AREA_TYPES, SCHOOL_STATUSES),
)
