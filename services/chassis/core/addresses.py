"""Public addresses of the platform."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_SCHEMES = frozenset({"http", "https"})


def _check(value: str) -> str:
    """The address without the slash at its end.

    Raises:
        ValueError: it is not one absolute http address and nothing else.
    """
    parts = urlsplit(value)
    is_bare = not (parts.query or parts.fragment or "@" in parts.netloc)
    # Reading the port also checks it.
    if parts.scheme in _SCHEMES and parts.hostname and parts.port != 0 and is_bare:
        return value.rstrip("/")
    raise ValueError(
        "must be an http or https address without login, query or fragment, "
        "for example https://junheng.example.cn"
    )


PublicAddress = Annotated[str, AfterValidator(_check)]
