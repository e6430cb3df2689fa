"""Builds the gateway: the chassis's frame around the proxy around the gateway's own routes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from gateway.accounts.router import router as accounts
from gateway.bootstrap import bootstrap
from gateway.clients.router import router as clients
from gateway.documents.collect import MergedDocument
from gateway.documents.router import router as documents
from gateway.holdings import HOLDINGS
from gateway.keys.router import router as keys
from gateway.keys.store import SigningKeys
from gateway.oauth.router import router as oauth
from gateway.passwords import Passwords
from gateway.platform.clock import router as clock
from gateway.platform.status import router as status
from gateway.proxy.asgi import Proxy
from gateway.proxy.rules import GatewayRules
from gateway.proxy.upstreams import Upstreams
from gateway.recording import RECORDED
from gateway.sessions.login import Logins
from gateway.sessions.refresh import Refreshes
from gateway.sessions.router import router as sessions
from gateway.sessions.store import forget_ended
from gateway.settings import GatewaySettings
from gateway.tokens import TokenIssuer
from services.chassis.core.settings import key_bytes
from services.chassis.database.auth import TokenVerifier
from services.chassis.database.db import Database
from services.chassis.runtime.app import create_app
from services.chassis.subject_access.holdings import holdings_router


def build_gateway(settings: GatewaySettings) -> FastAPI:
    """The gateway's ASGI application."""
    services = frozenset(settings.upstreams)

    @asynccontextmanager
    async def around(state: Any) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            state.passwords = Passwords()
            stack.callback(state.passwords.close)
            state.signing_keys = SigningKeys(state.database, key_bytes(settings.master_key))
            state.issuer = TokenIssuer(
                state.signing_keys, settings.public_url, settings.access_token_seconds
            )
            state.verifier = TokenVerifier(state.signing_keys.public_key, settings.public_url)
            state.logins = Logins(state.database, state.passwords, state.issuer, settings)
            state.refreshes = Refreshes(state.database, state.issuer, settings)
            state.upstreams = Upstreams(settings.upstreams, settings.upstream_timeout)
            stack.push_async_callback(state.upstreams.close)
            state.merged_document = MergedDocument(app.openapi, state.upstreams)
            await bootstrap(state.database, settings, state.signing_keys, state.passwords)
            yield

    async def forget_sessions(database: Database) -> None:
        await forget_ended(database, timedelta(seconds=settings.refresh_replay_seconds))

    # Row security shows accounts to platform administrators, not to bureaus.
    held = holdings_router(HOLDINGS, sees_all=True)
    app = create_app(
        "gateway",
        "Junheng 均衡",
        [sessions, oauth, keys, accounts, clients, held, status, documents],
        settings=settings,
        around=around,
        inside=[Middleware(Proxy, services=services)],
        rules=lambda own: GatewayRules(own, services),
        recorded=RECORDED,
        duties=(forget_sessions,),
        clock_routes=clock,
        openapi_url=None,
        has_feed=False,
    )
    return app
