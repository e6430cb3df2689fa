"""For processes of their own: the tests' key is trusted as if it were the gateway's."""

import json
import os
from typing import Any

from services.chassis.database.auth import TokenVerifier
from services.chassis.runtime import process
from tests.support.tokens import PUBLIC_JWK

_NAME = "JUNHENG_TEST_KEY"


def environment(port: int) -> dict[str, str]:
    """What a service on this port is told; it dies with this process."""
    return os.environ | {
        "JUNHENG_PORT": str(port),
        "JUNHENG_EXIT_ON_STDIN_EOF": "1",
        _NAME: json.dumps(PUBLIC_JWK),
    }


def trust_tests() -> None:
    """Trust the key of the tests that started this process, in whatever it serves."""
    key: dict[str, Any] = json.loads(os.environ[_NAME])

    async def key_of(_kid: str) -> dict[str, Any]:
        return key

    def verifier(_key_of_gateway: object, issuer: str) -> TokenVerifier:
        return TokenVerifier(key_of, issuer)

    setattr(process, "TokenVerifier", verifier)  # noqa: B010 -- to mypy it is no name of that module
