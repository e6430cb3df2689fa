"""The cycles feature (考核年度)."""

from services.appraisal.cycles.models import Cycle
from services.appraisal.cycles.queries import CYCLES
from services.appraisal.cycles.scopes import CycleScope
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature

FEATURE = Feature.of_list(CYCLES, Text("考核年度", "a cycle"), CycleScope.READ, Cycle)
