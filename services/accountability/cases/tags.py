"""Tag of the routes of cases."""

from services.chassis.core.tags import Tag
from services.chassis.core.text import Text

CASES_TAG = Tag("cases", Text("案件", "Accountability cases and the persons in them"))
