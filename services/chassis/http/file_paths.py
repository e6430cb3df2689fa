"""Which requests carry files: larger than other bodies, and never held."""

from starlette.datastructures import Headers
from starlette.types import Scope


def carries_file(scope: Scope, path: str) -> bool:
    """Whether a request may bring a file: as large as imports may be, and streamed.

    Args:
        scope: of the request.
        path: its address at the service.
    """
    if path.startswith("/v1/imports/") and path.endswith("/content"):
        return True
    kind = Headers(scope=scope).get("content-type", "").strip().lower()
    return path in ("/v1/imports", "/v1/imports:preview") and kind.startswith("multipart/")
