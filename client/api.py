"""Typed HTTP client for scripts: one `JunhengClient` per login.

with JunhengClient("http://127.0.0.1:8700", PasswordLogin("admin", "…")) as client:
    job = client.import_file("schools", Path("schools.csv"))
    print(job.progress.created, job.progress.updated)
    for school in client.iterate("/schools/v1/schools", status="active"):
        print(school["name"])
"""

from copy import copy
from typing import Self

import httpx

from client.connection import Connection
from client.credentials import Credentials, TokenCache
from client.exports.calls import Exports
from client.exports.job import ExportFailed, ExportJob
from client.imports.calls import Imports
from client.imports.job import ImportFailed, ImportJob
from client.problems import JunhengError, Problem, Unreachable
from client.retry import RetryPolicy
from client.text import Language

__all__ = [
    "ExportFailed",
    "ExportJob",
    "ImportFailed",
    "ImportJob",
    "JunhengClient",
    "JunhengError",
    "Problem",
    "Unreachable",
]


class JunhengClient(Imports, Exports):
    """The platform as seen by one login. Thread-safe."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | None = None,
        *,
        language: Language = "zh-CN",
        retry_policy: RetryPolicy | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Create a client; it logs in with its first call.

        Args:
            base_url: address of the gateway.
            credentials: credentials of the caller; without them only public routes are accessible.
            language: language of the server's messages.
            retry_policy: how long and how often to retry during an outage.
            transport: replacement for the network, for tests.

        Raises:
            ValueError: `base_url` is not an HTTP address.
        """
        connection = Connection(
            base_url, language=language, retry_policy=retry_policy, transport=transport
        )
        super().__init__(connection, credentials)

    def acting_as(self, credentials: Credentials) -> "JunhengClient":
        """A client with another login over the same connections; closing either closes both."""
        other = copy(self)
        other._tokens = TokenCache(self._connection, credentials)
        return other

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()
