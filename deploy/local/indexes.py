"""Translates pip's configuration for uv, which does not read it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from urllib.parse import urlsplit
from urllib.request import url2pathname

# A virtual environment created by uv has no pip; its base Python has.
PYTHON_WITH_PIP = str(getattr(sys, "_base_executable", None) or sys.executable)

UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}


def uv_settings() -> dict[str, str]:
    """Pip's configuration as variables for uv; variables that are already set take precedence."""
    listing = subprocess.run(
        [PYTHON_WITH_PIP, "-m", "pip", "config", "list"],
        env={**os.environ, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    ).stdout
    return {name: value for name, value in translate(listing).items() if name not in os.environ}


def translate(listing: str) -> dict[str, str]:
    """Convert `pip config list` to variables for uv; later sections win, as in pip."""
    settings: dict[str, str] = {}
    for section in ("global.", "install.", ":env:."):
        for line in listing.splitlines():
            key, _, value = line.partition("=")
            name = key[len(section) :]
            if key.startswith(section) and name in UV_NAMES:
                settings[UV_NAMES[name]] = _translate_value(name, str(ast.literal_eval(value)))
    if settings.get("UV_INDEX"):
        # pip compares the versions of all indexes; uv uses the first index with the package.
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in settings.items() if value}


def _translate_value(name: str, value: str) -> str:
    if name in ("extra-index-url", "find-links"):
        separator = "," if name == "find-links" else " "
        return separator.join(place for place in value.split() if exists(place))
    return " ".join(value.split()) if name == "trusted-host" else value


def exists(location: str) -> bool:
    """Whether a location exists or is remote; pip ignores missing folders."""
    if location.startswith("file:"):
        return os.path.exists(url2pathname(urlsplit(location).path))
    return "://" in location or os.path.exists(location)
