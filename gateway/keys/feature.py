"""The signing-keys feature (签名密钥)."""

from gateway.keys.models import SigningKey
from gateway.keys.router import router
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.lists.row_scopes import administrators
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
    tables=(SigningKey,),
    tracked=(
        Recorded(
            "signing-keys",
            Text("签名密钥", "a signing key"),
            "keys:read",
            "signing_key",
            administrators,
        ),
    ),
)
