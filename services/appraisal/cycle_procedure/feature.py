"""The procedure of a cycle: from its creation to the confirmed results (考核程序)."""

from services.appraisal.cycle_procedure.router import router
from services.chassis.runtime.feature import Feature

FEATURE = Feature(routers=(router,))
