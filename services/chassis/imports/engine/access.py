"""Callers of the import routes, and the objects that these routes use."""

from typing import Annotated

from services.chassis.core.resources import resource
from services.chassis.core.scopes import PlatformScope
from services.chassis.database.auth import Caller, allow
from services.chassis.imports.engine.imports import Imports

TheImports = Annotated[Imports, resource(Imports)]
CanImport = Annotated[Caller, allow(PlatformScope.IMPORTS_WRITE)]
