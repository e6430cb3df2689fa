"""The bureaus feature (教育局)."""

from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature
from services.schools.bureaus.models import Bureau
from services.schools.bureaus.queries import BUREAUS
from services.schools.bureaus.router import router
from services.schools.bureaus.scopes import BureauScope

FEATURE = Feature.of_list(
    BUREAUS, Text("教育局", "a bureau"), BureauScope.READ, Bureau, routers=(router,)
)
