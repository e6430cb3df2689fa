"""Tags of the gateway's routes that several of its features share."""

from services.chassis.core.tags import Tag
from services.chassis.core.text import Text

IDENTITY_TAG = Tag("identity", Text("身份", "Login, sessions, tokens and the keys behind them"))
