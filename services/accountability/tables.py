"""Every table of accountability; importing this module makes their metadata complete."""

from services.accountability.base import Table
from services.accountability.cases import models as _cases
from services.accountability.directives import models as _directives

__all__ = ["Table"]
_MODULES = (_cases, _directives)
