"""The signing-keys feature (签名密钥)."""

from gateway.keys.models import SigningKey
from gateway.keys.router import router
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.text import Text
from services.chassis.lists.row_rules import EVERY_BUREAU
from services.chassis.lists.row_scopes import RowScope
from services.chassis.runtime.feature import Feature

KEY_ROWS = RowScope("signing_key", {"platform": EVERY_BUREAU})

FEATURE = Feature(
    routers=(router,),
    tables=(SigningKey,),
    row_scopes=(KEY_ROWS,),
    tracked=(
        Recorded(
            "signing-keys",
            Text("签名密钥", "a signing key"),
            PlatformScope.KEYS_READ,
            "signing_key",
            KEY_ROWS,
        ),
    ),
)
