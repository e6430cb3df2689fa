"""The feature of one's own cases: what a respondent sees and does (本人案件)."""

from services.accountability.own_cases.queries import OWN_CASES
from services.accountability.own_cases.router import router
from services.accountability.own_cases.scopes import OwnCaseScope
from services.accountability.own_cases.states import OWN_CASE_PROCEDURE
from services.chassis.exports.spec import Exportable
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
    exports=(Exportable(OWN_CASES, OwnCaseScope.READ),),
    procedures=(OWN_CASE_PROCEDURE,),
)
