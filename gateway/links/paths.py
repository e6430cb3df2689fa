"""Paths that one-time links may lead to: of this platform, and of a route that reads."""

import re
from collections.abc import Collection
from urllib.parse import unquote

from services.chassis.core.errors import Fault, Invalid
from services.chassis.core.text import Text

# Printable ASCII, as in a request line; without a fragment, and with `/` as the only separator.
_WRITTEN = re.compile(r"/[!-~]*")
_NEVER = re.compile(r"[#\\]")
_OWN, _LINKS = "v1", "/v1/links"
_MESSAGE = Text(
    "应为本平台的路径和查询，例如 /schools/v1/import-templates/staff.xlsx",
    "Must be a path and query of this platform, such as /schools/v1/import-templates/staff.xlsx",
)


def check_path(address: str, services: Collection[str]) -> None:
    """Refuse an address that is not of this platform.

    Args:
        address: path and query.
        services: path segments of the services.

    Raises:
        Invalid: naming the field.
    """
    path = unquote(address.partition("?")[0])
    segments = path.split("/")[1:]
    is_written = _WRITTEN.fullmatch(address) and not _NEVER.search(address)
    is_plain = "\\" not in path and not {".", ".."} & {*segments}
    if not (is_written and is_plain and _is_served(path, segments, services)):
        raise Invalid([Fault("/path", "links.path_refused", _MESSAGE)])


def _is_served(path: str, segments: list[str], services: Collection[str]) -> bool:
    """Whether the path is of a service, or the gateway's own and not a link again."""
    if segments[0] == _OWN:
        return not path.startswith(_LINKS)
    return segments[0] in services and segments[1:2] == [_OWN]
