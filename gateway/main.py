"""The gateway: identity, and the single entry to all services (网关)."""

from gateway.application import SERVICE, build_gateway
from gateway.settings import GatewaySettings

__all__ = ["SERVICE", "app"]

app = build_gateway(GatewaySettings.for_service("gateway"))
