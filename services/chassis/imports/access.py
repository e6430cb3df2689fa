"""Who may call the routes of imports, and what these work on."""

from typing import Annotated

from fastapi import Depends, Request

from services.chassis.database.auth import Caller, allow
from services.chassis.imports.imports import Imports


async def imports_of(request: Request) -> Imports:
    """The imports of the service that serves `request`."""
    imports: Imports = request.app.state.imports
    return imports


TheImports = Annotated[Imports, Depends(imports_of)]
CanImport = Annotated[Caller, allow("imports:write")]
