"""The routes that services have in common, beside those of their own."""

from services.chassis.audit.feed import change_router
from services.chassis.exports.router import router as exports
from services.chassis.http.route_rules import RouteRules
from services.chassis.imports.downloads.router import router as import_rows
from services.chassis.imports.previews.router import router as previews
from services.chassis.imports.routes.router import router as imports
from services.chassis.imports.templates.router import router as templates

IMPORT_ROUTERS = [imports, import_rows, previews, templates]
EXPORT_ROUTERS = [exports]
FEED_ROUTERS = [change_router]


def shared_rules() -> RouteRules:
    """The rules of these routes, for processes that forward requests to a service."""
    routers = [*IMPORT_ROUTERS, *EXPORT_ROUTERS, *FEED_ROUTERS]
    return RouteRules(lambda: [route for router in routers for route in router.routes])
