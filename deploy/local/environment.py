"""Environment of the platform's processes: variables and secret files."""

import os
from urllib.parse import urlsplit

from deploy.local.options import Options
from deploy.local.secrets import SERVICES

DATABASE = "junheng"


def environment_of(options: Options) -> dict[str, str]:
    """The environment that all processes of the platform share; only ports are added to it."""
    environment = {
        **os.environ,
        "JUNHENG_ENVIRONMENT": os.environ.get("JUNHENG_ENVIRONMENT") or "development",
        "JUNHENG_SECRETS_DIR": str(options.secrets),
        "JUNHENG_DATABASE_URL": database_address(options),
        "JUNHENG_EXIT_ON_STDIN_EOF": "1",
        "JUNHENG_PUBLIC_URL": os.environ.get("JUNHENG_PUBLIC_URL") or options.url("gateway"),
        "JUNHENG_JOBS": "inline",  # this platform has no separate worker
    }
    for name in SERVICES:
        environment[f"JUNHENG_{name.upper()}_URL"] = options.url(name)
    return environment


def database_address(options: Options) -> str:
    """The address of the database without credentials."""
    if options.database_url is None:
        return f"postgresql://127.0.0.1:{options.ports['postgres']}/{DATABASE}"
    parts = urlsplit(options.database_url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
