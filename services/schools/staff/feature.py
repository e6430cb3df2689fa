"""The staff feature (教职工)."""

from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature
from services.schools.id_numbers.identity import provide_key_ring, read_key_ring
from services.schools.people_codes import GENDERS, POST_CATEGORIES, STAFF_STATUSES, TITLES
from services.schools.staff.importing import staff_import
from services.schools.staff.models import Staff
from services.schools.staff.queries import STAFF, STAFF_ROWS
from services.schools.staff.router import router
from services.schools.staff.scopes import StaffScope

FEATURE = Feature(
    routers=(router,),
    tables=(Staff,),
    row_scopes=(STAFF_ROWS,),
    exports=(Exportable(STAFF, StaffScope.READ),),
    imports=(lambda: staff_import(read_key_ring()),),
    tracked=(Recorded.listed(STAFF, Text("教职工", "a member of staff"), StaffScope.READ),),
    code_lists=(POST_CATEGORIES, TITLES, STAFF_STATUSES, GENDERS),
    resources=(provide_key_ring,),
)
