"""A temporary PostgreSQL server for tests and benchmarks."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import ports
from deploy.local.postgres import EmbeddedPostgres


@contextmanager
def throwaway_postgres() -> Iterator[EmbeddedPostgres]:
    """Run a server on a free port, and delete it with its data at the end."""
    folder = Path(tempfile.mkdtemp(prefix="junheng-"))
    folder.chmod(0o711)  # the account that runs the server must be able to enter it
    server = EmbeddedPostgres(
        folder / "postgres",
        port=ports.find_free(),
        password=secrets.token_hex(16),
        log=folder / "postgres.log",
        fast=True,
    )
    try:
        server.start()
        yield server
    finally:
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)
