"""Every table of the appraisal; importing this module makes their metadata complete."""

from services.appraisal.base import Table
from services.appraisal.calendar import models as _calendar
from services.appraisal.corrections import models as _corrections
from services.appraisal.cycles import models as _cycles
from services.appraisal.directives import models as _directives
from services.appraisal.facts import models as _facts
from services.appraisal.participants import models as _participants
from services.appraisal.results import models as _results
from services.appraisal.rule_sets import models as _rule_sets
from services.appraisal.scores import models as _scores

__all__ = ["Table"]
_MODULES = (
    _calendar,
    _corrections,
    _cycles,
    _directives,
    _facts,
    _participants,
    _results,
    _rule_sets,
    _scores,
)
