"""The typed HTTP client for people who script: one `JunhengClient` per login.

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
from client.credentials import Credentials, TokenKeeper
from client.exports.calls import Exports
from client.exports.job import ExportFailed, ExportJob
from client.imports.calls import Imports
from client.imports.job import ImportFailed, ImportJob
from client.patience import Patience
from client.problems import JunhengError, Problem, Unreachable
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
    """The platform as one login sees it; safe to share among threads."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | None = None,
        *,
        language: Language = "zh-CN",
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare a client; the login happens with the first call.

        Args:
            base_url: the gateway's address.
            credentials: who calls; without them only public routes answer.
            language: of the server's messages.
            patience: how long to go on trying during an outage.
            transport: replaces the network in tests.

        Raises:
            ValueError: `base_url` is not an http address.
        """
        connection = Connection(base_url, language=language, patience=patience, transport=transport)
        super().__init__(connection, credentials)

    def acting_as(self, credentials: Credentials) -> "JunhengClient":
        """Another login over the same connections; closing one closes both."""
        other = copy(self)
        other._keeper = TokenKeeper(self._connection, credentials)
        return other

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()
