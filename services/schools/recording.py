"""What the registry's change log follows."""

from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.schools.assignments.queries import ASSIGNMENTS
from services.schools.bureaus.queries import BUREAUS
from services.schools.schools.queries import SCHOOLS
from services.schools.staff.queries import STAFF

RECORDED = (
    Recorded.listed(BUREAUS, Text("教育局", "a bureau"), "bureaus:read"),
    Recorded.listed(SCHOOLS, Text("学校", "a school"), "schools:read"),
    Recorded.listed(STAFF, Text("教职工", "a member of staff"), "staff:read"),
    Recorded.listed(ASSIGNMENTS, Text("任职", "an assignment"), "staff:read"),
)
