"""The school registry: bureaus, schools, staff and their assignments (学校登记)."""

from pathlib import Path

from services.chassis.runtime.feature import Service
from services.schools.assignments import feature as assignments
from services.schools.base import METADATA
from services.schools.bureaus import feature as bureaus
from services.schools.id_number_reports import feature as id_number_reports
from services.schools.personal_data import feature as personal_data
from services.schools.schools import feature as schools
from services.schools.settings import SchoolsSettings
from services.schools.staff import feature as staff

SERVICE = Service(
    name="schools",
    title="Junheng schools",
    metadata=METADATA,
    # In the order in which a county sends its data.
    features=(
        bureaus.FEATURE,
        schools.FEATURE,
        staff.FEATURE,
        assignments.FEATURE,
        personal_data.FEATURE,
        id_number_reports.FEATURE,
    ),
    settings=SchoolsSettings,
    # It collects a person's records from the other services, under a route of its own.
    subject_access=None,
    folder=Path(__file__).parent,
)
