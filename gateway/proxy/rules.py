"""Rules of requests at the gateway: of its own routes and of forwarded ones."""

from starlette.types import Scope

from gateway.proxy.asgi import service_of
from services.chassis.http.route_rules import NO_ROUTE, RouteRule, RouteRules
from services.chassis.runtime.shared_routes import shared_rules

# The services' own routes accept JSON and require a token.
_FORWARDED = RouteRule("/…")


class GatewayRules:
    """Finds the rule of a request at the gateway.

    Args:
        own: the rules of the gateway's routes.
        services: path segments of the services.
    """

    def __init__(self, own: RouteRules, services: frozenset[str]) -> None:
        self._own, self._services, self._shared = own, services, shared_rules()

    def __call__(self, scope: Scope) -> RouteRule:
        """The rule of the route that will serve the request, here or at a service."""
        service = service_of(scope, self._services)
        if service is None:
            return self._own(scope)
        # The service matches the same decoded path: see `_upstream_path`.
        rule = self._shared.at(scope["method"], scope["path"][len(service) + 1 :])
        return _FORWARDED if rule is NO_ROUTE else rule
