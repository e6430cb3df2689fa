"""Secret files of the platform: created once, readable only by their owner."""

import base64
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

SERVICES = ("gateway", "schools", "appraisal", "accountability")
POSTGRES_PASSWORD = "postgres_password"  # noqa: S105 - the name of a secret
BOOTSTRAP_PASSWORD = "bootstrap_password"  # noqa: S105


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _password() -> str:
    """144 random bits with an upper-case letter, a lower-case letter and a digit."""
    return f"{secrets.token_urlsafe(24)}-Aa{secrets.randbelow(10)}"


def _pii_keys() -> str:
    return json.dumps({"current": "k1", "keys": {"k1": _key()}, "index": _key()})


GENERATORS: dict[str, Callable[[], str]] = {
    **{f"{name}_db_password": _password for name in SERVICES},
    POSTGRES_PASSWORD: _password,
    "master_key": _key,
    "cursor_key": _key,
    "audit_key": _key,
    "files_key": _key,
    "pii_keys": _pii_keys,
    **{f"{name}_client_secret": _password for name in SERVICES if name != "gateway"},
    BOOTSTRAP_PASSWORD: _password,
}


def ensure_secrets(folder: Path) -> Path:
    """Create missing secret files; existing ones are never changed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, generate in GENERATORS.items():
        file = secret_file(folder, name)
        if not file.exists():
            _write(file, generate())
    return folder


def secret_file(folder: Path, name: str) -> Path:
    """The file of a secret."""
    return folder / f"junheng_{name}"


def read_secret(folder: Path, name: str) -> str:
    """The value of a secret."""
    return secret_file(folder, name).read_text("utf-8").strip()


def _write(file: Path, value: str) -> None:
    """Write the complete file or nothing, even if interrupted."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(value)
        stream.flush()
        os.fsync(descriptor)
    unfinished.replace(file)
