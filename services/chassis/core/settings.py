"""Settings of one process: environment variables, and secrets as files."""

import base64
import hashlib
import hmac
import os
import re
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from services.chassis.core.addresses import PublicAddress

PLACEHOLDERS = re.compile(r"^(change.?(me|this|it)|secret|password|example|test|todo|x+)$", re.I)

MiB = 1024 * 1024
_KEY_BYTES = 32


class Environment(StrEnum):
    """Environment of the process; all but `development` refuse placeholder secrets."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Settings of every process of the platform, read from `JUNHENG_*`.

    A secret named `x` is read from the variable `JUNHENG_X` or from the file `junheng_x`
    in `JUNHENG_SECRETS_DIR`, so that it need not stand in a process's environment.
    """

    model_config = SettingsConfigDict(
        env_prefix="JUNHENG_", extra="ignore", hide_input_in_errors=True
    )

    environment: Environment = Environment.PRODUCTION
    database_url: str = Field(
        default="postgresql://127.0.0.1:8704/junheng",
        description="Address of PostgreSQL; a service uses its own login, never the one given here",
    )
    gateway_url: str = "http://127.0.0.1:8700"
    public_url: PublicAddress = Field(
        default="http://127.0.0.1:8700",
        description="Address at which clients reach the gateway; the issuer of every token",
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8700, ge=0, le=65535)
    jobs: str = Field(default="inline", pattern="^(inline|off)$")
    job_concurrency: int = Field(
        default=8, ge=2, le=200, description="Jobs that a service's worker runs at the same time"
    )
    data_dir: str = ".junheng"
    pool_size: int = Field(default=8, ge=1, le=200)
    acquire_timeout: float = Field(
        default=5.0, gt=0, description="Seconds to wait for a connection before answering 503"
    )
    statement_timeout_ms: int = Field(default=120_000, ge=100)
    max_body_bytes: int = Field(
        default=4 * MiB, ge=1024, description="Largest body that is held in memory (JSON, a form)"
    )
    max_open_body_bytes: int = Field(
        default=64 * 1024, ge=1024, description="Largest body of a route that asks for no token"
    )
    max_requests: int = Field(
        default=500, ge=1, description="Requests served at the same time; more are answered 503"
    )
    max_requests_per_account: int = Field(
        default=100, ge=1, description="Requests of one account served at the same time"
    )
    max_waiting: int = Field(
        default=300,
        ge=1,
        description="Requests waiting for news at the same time; more are answered 503",
    )
    otlp_endpoint: str | None = Field(
        default=None, description="Base address of an OTLP/HTTP collector; none, no traces"
    )
    cursor_key: SecretStr = SecretStr("changeme")
    audit_key: SecretStr = SecretStr("changeme")
    change_log_months: int = Field(
        default=12, ge=6, description="Months that the change log is kept beside the present one"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over secret files; no `.env` file is ever read."""
        return init_settings, env_settings, file_secret_settings

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the settings of this process, with the secrets directory it names."""
        secrets_dir = os.environ.get("JUNHENG_SECRETS_DIR")
        return cls(_secrets_dir=secrets_dir or None, **overrides)

    @model_validator(mode="after")
    def refuse_placeholders(self) -> Self:
        """Outside development every secret must be a real one.

        Raises:
            ValueError: naming the secrets that are missing, placeholders or too short a key.
        """
        if self.environment is Environment.DEVELOPMENT:
            return self
        weak = [
            name
            for name in type(self).model_fields
            if isinstance(value := getattr(self, name), SecretStr) and _is_placeholder(value)
        ]
        if weak:
            names = ", ".join(f"JUNHENG_{name.upper()}" for name in weak)
            raise ValueError(
                f"missing or placeholder secrets: {names}; set them, or put the files "
                f"junheng_<name> into JUNHENG_SECRETS_DIR"
            )
        for name in type(self).model_fields:
            if name.endswith("_key") and not _is_key(getattr(self, name)):
                raise ValueError(f"JUNHENG_{name.upper()} must be the base64 of 32 bytes")
        return self

    @property
    def is_development(self) -> bool:
        """Whether development-only routes (the movable clock) exist."""
        return self.environment is Environment.DEVELOPMENT

    @property
    def scratch_dir(self) -> Path:
        """Where files are written that are gone in a moment."""
        return Path(self.data_dir) / "tmp"

    @cached_property
    def cursor_key_bytes(self) -> bytes:
        """The key that binds paging cursors to their list."""
        return key_bytes(self.cursor_key)

    @cached_property
    def answers_key(self) -> bytes:
        """The server's part of the encryption keys of stored responses."""
        return hmac.digest(self.cursor_key_bytes, b"answers", hashlib.sha256)

    @property
    def largest_file(self) -> int:
        """The largest body of a route that takes a file."""
        return self.max_body_bytes

    @property
    def audit_key_bytes(self) -> bytes:
        """The key that seals the change log."""
        return key_bytes(self.audit_key)


class ServiceSettings(Settings):
    """Settings of a process that owns a database schema."""

    db_password: SecretStr = SecretStr("changeme")

    @classmethod
    def for_service(cls, name: str, **overrides: Any) -> Self:
        """Settings of service `name`; its password is the secret `<name>_db_password`."""
        if "db_password" not in overrides and (password := read_secret(f"{name}_db_password")):
            overrides["db_password"] = password
        return cls.load(**overrides)


class FileSettings(ServiceSettings):
    """Settings of a service that takes and gives files (imports and exports)."""

    files_key: SecretStr = SecretStr("changeme")
    max_import_bytes: int = Field(
        default=2 * 1024**3,
        ge=1024,
        description="Largest file of an import",
    )
    max_unpacked_bytes: int = Field(
        default=2 * 1024**3,
        ge=1024,
        description="What the file of an import may unpack to, or come to as UTF-8",
    )
    max_import_faults: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="Faults of an import that are kept in words; all of them are counted",
    )
    max_account_faults: int = Field(
        default=100_000,
        ge=1,
        description="The same of all imports of one account; older imports lose theirs first",
    )
    max_account_bytes: int = Field(
        default=10 * 1024**3,
        ge=1024,
        description="Files of imports and exports that one account may hold at a service",
    )
    max_bureau_bytes: int = Field(
        default=40 * 1024**3,
        ge=1024,
        description="The same of all accounts of a bureau",
    )
    min_free_bytes: int = Field(
        default=512 * 1024**2,
        ge=0,
        description="Left free on the disk of the files; imports and exports that need it get 507",
    )
    max_database_bytes: int = Field(
        default=0,
        ge=0,
        description="Size of the database from which on imports get 507; 0: whatever its size",
    )
    import_days: int = Field(
        default=7, ge=1, le=90, description="Days that files of imports and exports are kept"
    )
    import_processes: int = Field(
        default=0, ge=0, le=64, description="Processes that validate; 0: as many as cores, up to 4"
    )
    merge_connections: int = Field(
        default=2, ge=1, le=16, description="Connections on which one import merges its parts"
    )

    @property
    def largest_file(self) -> int:
        """The largest body of a route that takes a file."""
        return self.max_import_bytes

    @cached_property
    def files_key_bytes(self) -> bytes:
        """The key that the keys of files are wrapped under."""
        return key_bytes(self.files_key)


def read_secret(name: str) -> str | None:
    """The secret `name` from `JUNHENG_<NAME>` or the file `junheng_<name>`; None when absent."""
    if value := os.environ.get(f"JUNHENG_{name.upper()}"):
        return value
    directory = os.environ.get("JUNHENG_SECRETS_DIR")
    path = os.path.join(directory, f"junheng_{name}") if directory else ""
    if not path or not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def service_dsn(database_url: str, user: str, password: str) -> str:
    """`database_url` with its credentials replaced by those of one login role."""
    parts = urlsplit(database_url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{address}"))


def key_bytes(secret: SecretStr) -> bytes:
    """A base64 secret as bytes; development placeholders become a fixed 32-byte key."""
    value = secret.get_secret_value()
    return value.encode().ljust(32, b"=") if _is_placeholder(secret) else base64.b64decode(value)


def _is_key(secret: SecretStr) -> bool:
    try:
        return len(base64.b64decode(secret.get_secret_value(), validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def _is_placeholder(secret: SecretStr) -> bool:
    value = secret.get_secret_value()
    return not value or bool(PLACEHOLDERS.match(value))
