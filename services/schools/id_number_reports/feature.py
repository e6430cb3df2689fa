"""The feature of ID numbers that are reported, for the bureau to compare (身份证号报送)."""

from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature
from services.schools.id_number_reports.models import IdNumberReport
from services.schools.id_number_reports.queries import REPORT_ROWS, REPORTS
from services.schools.id_number_reports.router import router
from services.schools.id_number_reports.states import REPORT_PROCEDURE
from services.schools.people_codes import ID_NUMBER_REPORT_REASONS
from services.schools.staff.scopes import StaffScope

FEATURE = Feature(
    routers=(router,),
    tables=(IdNumberReport,),
    row_scopes=(REPORT_ROWS,),
    exports=(Exportable(REPORTS, StaffScope.PII),),
    code_lists=(ID_NUMBER_REPORT_REASONS,),
    procedures=(REPORT_PROCEDURE,),
)
