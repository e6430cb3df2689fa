"""Every table of the gateway; importing this module makes their metadata complete."""

from gateway.accounts import models as _accounts
from gateway.base import Table
from gateway.clients import models as _clients
from gateway.keys import models as _keys
from gateway.sessions import models as _sessions

__all__ = ["Table"]
_MODULES = (_accounts, _clients, _keys, _sessions)
