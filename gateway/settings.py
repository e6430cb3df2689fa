"""Settings of the gateway: upstreams, lifetimes, and its own secrets."""

from pydantic import Field, SecretStr, field_validator

from gateway.origins import origins_of
from services.chassis.core.settings import MiB, ServiceSettings


class GatewaySettings(ServiceSettings):
    """Settings of the gateway, in addition to those of every service."""

    schools_url: str = "http://127.0.0.1:8701"
    appraisal_url: str = "http://127.0.0.1:8702"
    accountability_url: str = "http://127.0.0.1:8703"
    max_import_bytes: int = Field(
        default=2048 * MiB,
        ge=1024,
        description="Largest imported file that is forwarded to a service",
    )
    upstream_timeout: float = Field(
        default=150.0,
        gt=0,
        description="Seconds without a response after which a service counts as unavailable",
    )
    access_token_seconds: int = Field(default=1800, ge=60, le=1800)
    refresh_token_hours: float = Field(default=12, gt=0, le=24 * 30)
    refresh_replay_seconds: float = Field(
        default=30,
        ge=0,
        le=30,
        description="Seconds in which an exchanged refresh token gets its response again; 0: never",
    )
    login_attempts: int = Field(
        default=5, ge=1, description="Consecutive failures that lock an account"
    )
    lock_minutes: float = Field(default=15, gt=0)
    cors_origins: str | None = Field(
        default=None,
        description="Origins whose pages may call the gateway from a browser, comma-separated",
    )

    master_key: SecretStr = SecretStr("changeme")
    bootstrap_password: SecretStr = SecretStr("changeme")
    schools_client_secret: SecretStr = SecretStr("changeme")
    appraisal_client_secret: SecretStr = SecretStr("changeme")
    accountability_client_secret: SecretStr = SecretStr("changeme")

    @field_validator("cors_origins")
    @classmethod
    def require_origins(cls, value: str | None) -> str | None:
        """Refuse what is no origin.

        Raises:
            ValueError: naming it.
        """
        origins_of(value)
        return value

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of `cors_origins`."""
        return origins_of(self.cors_origins)

    @property
    def largest_file(self) -> int:
        """The largest file that is forwarded to a service."""
        return self.max_import_bytes

    @property
    def upstreams(self) -> dict[str, str]:
        """Base address of each service by its path segment."""
        return {
            "schools": self.schools_url,
            "appraisal": self.appraisal_url,
            "accountability": self.accountability_url,
        }

    @property
    def service_client_secrets(self) -> dict[str, SecretStr]:
        """The secret of each service's own client."""
        return {
            "service-schools": self.schools_client_secret,
            "service-appraisal": self.appraisal_client_secret,
            "service-accountability": self.accountability_client_secret,
        }
