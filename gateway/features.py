"""The features of the gateway: identity, and what it shares with the services (网关)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.accounts import feature as accounts
from gateway.base import METADATA
from gateway.bootstrap import bootstrap
from gateway.clients import feature as clients
from gateway.documents import feature as documents
from gateway.documents.collect import MergedDocument
from gateway.keys import feature as keys
from gateway.keys.store import SigningKeys
from gateway.links import feature as links
from gateway.names import feature as names
from gateway.oauth import feature as oauth
from gateway.passwords import Passwords
from gateway.platform import feature as platform
from gateway.proxy.upstreams import Upstreams
from gateway.sessions import feature as sessions
from gateway.sessions.login import Logins
from gateway.sessions.refresh import Refreshes
from gateway.settings import GatewaySettings
from gateway.tokens import TokenIssuer
from services.chassis.core.resources import Resources
from services.chassis.core.settings import key_bytes
from services.chassis.database.auth import TokenVerifier
from services.chassis.database.db import Database
from services.chassis.runtime.feature import Feature, Service
from services.chassis.subject_access.holdings import SubjectAccess


@asynccontextmanager
async def provide_identity(resources: Resources) -> AsyncIterator[None]:
    """Provides password hashing, signing keys, tokens, and the connections to the services."""
    settings, database = resources[GatewaySettings], resources[Database]
    passwords, keys = Passwords(), SigningKeys(database, key_bytes(settings.master_key))
    issuer = TokenIssuer(keys, settings.public_url, settings.access_token_seconds)
    upstreams = Upstreams(settings.upstreams, settings.upstream_timeout)
    for one in (
        passwords,
        keys,
        upstreams,
        MergedDocument(upstreams),
        issuer,
        TokenVerifier(keys.public_key, settings.public_url),
        Logins(database, passwords, issuer, settings),
        Refreshes(database, issuer, settings),
    ):
        resources.add(one)
    try:
        await bootstrap(database, settings, keys, passwords)
        yield
    finally:
        await upstreams.close()
        passwords.close()


SERVICE = Service(
    name="gateway",
    title="Junheng",
    metadata=METADATA,
    features=(
        Feature(resources=(provide_identity,)),
        sessions.FEATURE,
        oauth.FEATURE,
        keys.FEATURE,
        accounts.FEATURE,
        clients.FEATURE,
        names.FEATURE,
        links.FEATURE,
        platform.FEATURE,
        documents.FEATURE,
    ),
    settings=GatewaySettings,
    # Bureaus do not follow changes of identities.
    has_change_feed=False,
    # Row security shows accounts to platform administrators, not to bureaus.
    subject_access=SubjectAccess(sees_all=True),
    folder=Path(__file__).parent,
)
