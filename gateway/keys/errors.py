"""Problems of signing keys."""

from services.chassis.core.errors import Conflict
from services.chassis.core.text import Text


class RotationTooSoon(Conflict):
    """Tokens signed with the previous key may still be in use."""

    code = "keys.rotation_too_soon"
    title = Text("轮换过于频繁", "Rotated too soon")
    detail = Text(
        "上一把密钥退役未满一小时，请稍后再轮换。",
        "The previous key was retired less than an hour ago; rotate later.",
    )
