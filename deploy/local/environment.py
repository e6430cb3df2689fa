"""What the processes of one platform are told, by environment variables and secret files."""

import os
from urllib.parse import urlsplit

from deploy.local.options import Options
from deploy.local.secrets import SERVICES

DATABASE = "junheng"


def environment_of(options: Options) -> dict[str, str]:
    """Return the environment of every process of ours; outside of it only ports differ."""
    environment = {
        **os.environ,
        "JUNHENG_ENVIRONMENT": os.environ.get("JUNHENG_ENVIRONMENT") or "development",
        "JUNHENG_SECRETS_DIR": str(options.secrets),
        "JUNHENG_DATABASE_URL": database_address(options),
        "JUNHENG_EXIT_ON_STDIN_EOF": "1",
        "JUNHENG_PUBLIC_URL": os.environ.get("JUNHENG_PUBLIC_URL") or options.url("gateway"),
        "JUNHENG_JOBS": "inline",  # there is no worker beside the services here
    }
    for name in SERVICES:
        environment[f"JUNHENG_{name.upper()}_URL"] = options.url(name)
    return environment


def database_address(options: Options) -> str:
    """Return the database's address without anybody's credentials."""
    if options.database_url is None:
        return f"postgresql://127.0.0.1:{options.ports['postgres']}/{DATABASE}"
    parts = urlsplit(options.database_url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
