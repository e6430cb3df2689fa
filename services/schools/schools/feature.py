"""The schools feature (学校)."""

from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature
from services.schools.codes import AREA_TYPES, SCHOOL_STATUSES, SCHOOL_TYPES
from services.schools.schools.importing import SCHOOL_IMPORT
from services.schools.schools.models import School
from services.schools.schools.queries import SCHOOLS
from services.schools.schools.router import router
from services.schools.schools.scopes import SchoolScope

FEATURE = Feature.of_list(
    SCHOOLS,
    Text("学校", "a school"),
    SchoolScope.READ,
    School,
    routers=(router,),
    imports=(SCHOOL_IMPORT,),
    code_lists=(SCHOOL_TYPES, AREA_TYPES, SCHOOL_STATUSES),
)
