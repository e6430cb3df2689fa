"""The procedure of cases: the verbs from filing to closing (办理)."""

from services.accountability.case_procedure.router import router
from services.chassis.runtime.feature import Feature

FEATURE = Feature(routers=(router,))
