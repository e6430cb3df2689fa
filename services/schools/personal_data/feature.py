"""The personal-data feature: keys, reveals, restriction, erasure, copies (个人信息)."""

from services.chassis.lists.row_scopes import RowScope
from services.chassis.runtime.feature import Feature
from services.schools.personal_data.jobs import JOBS
from services.schools.personal_data.key_use import require_all_keys
from services.schools.personal_data.keys_router import router as keys
from services.schools.personal_data.models import KeyRotation
from services.schools.personal_data.router import router

FEATURE = Feature(
    routers=(router, keys),
    tables=(KeyRotation,),
    # Of the service itself: no level sees any.
    row_scopes=(RowScope("key_rotation", {}),),
    jobs=JOBS,
    resources=(require_all_keys,),
)
