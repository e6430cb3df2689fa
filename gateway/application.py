"""Builds the gateway: proxy and own routes inside the common middleware of all services."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from gateway.cors import CROSS_ORIGINS
from gateway.features import SERVICE
from gateway.links.layer import ONE_TIME_LINKS
from gateway.platform.clock import router as clock
from gateway.proxy.asgi import Proxy
from gateway.proxy.rules import GatewayRules
from gateway.settings import GatewaySettings
from services.chassis.runtime.app import create_app


def build_gateway(settings: GatewaySettings) -> FastAPI:
    """The gateway's ASGI application."""
    services = frozenset(settings.upstreams)
    return create_app(
        SERVICE,
        settings=settings,
        outside=[CROSS_ORIGINS, ONE_TIME_LINKS],
        inside=[Middleware(Proxy, services=services)],
        rules=lambda own: GatewayRules(own, services),
        clock_routes=clock,
        openapi_url=None,
    )
