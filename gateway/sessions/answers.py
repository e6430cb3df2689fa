"""Token responses for logins, refreshes and API clients."""

from gateway.sessions.models import TokenAnswer
from gateway.tokens import Identity, Signer


def tokens_for(signer: Signer, identity: Identity, refresh: str | None) -> TokenAnswer:
    """A new access token of `identity`, with its refresh token if it has one.

    Call this while the row of the account or client is locked; a token signed after the lock could
    belong to an account that has been disabled.
    """
    return TokenAnswer(
        access_token=signer.sign(identity),
        token_type="Bearer",  # noqa: S106 -- the kind of token
        expires_in=signer.lifetime_seconds,
        refresh_token=refresh,
        scope=identity.scope,
    )
