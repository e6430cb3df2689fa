"""The gateway: identity, and the single entry to all services (网关)."""

from gateway.application import build_gateway
from gateway.settings import GatewaySettings

app = build_gateway(GatewaySettings.for_service("gateway"))
