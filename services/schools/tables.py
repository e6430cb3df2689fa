"""Every table of the school registry; importing this module makes their metadata complete."""

from services.schools.assignments import models as _assignments
from services.schools.base import Table
from services.schools.bureaus import models as _bureaus
from services.schools.id_number_reports import models as _id_number_reports
from services.schools.personal_data import models as _personal_data
from services.schools.schools import models as _schools
from services.schools.staff import models as _staff

__all__ = ["Table"]
_MODULES = (_assignments, _bureaus, _id_number_reports, _personal_data, _schools, _staff)
