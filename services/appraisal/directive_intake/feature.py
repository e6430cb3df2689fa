"""The intake of directives: each is received once and bears on its year (问责影响的接收)."""

from services.appraisal.directive_intake.router import router
from services.chassis.runtime.feature import Feature

FEATURE = Feature(routers=(router,))
