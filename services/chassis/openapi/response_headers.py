"""The headers of answers."""

from typing import Any

from services.chassis.core.request_id import HEADER as REQUEST_ID
from services.chassis.openapi.operation import Operation


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


RESPONSE_HEADERS = {
    REQUEST_ID: _header("Finds the request in the logs (请求标识)"),
    "ETag": _header("Version of what is shown, for `If-Match` and `If-None-Match` (版本标记)"),
    "Link": _header('Of a page with one after it: `<?…>; rel="next"` (下一页)'),
    "Content-Disposition": _header("Of a file: the name to save it under (文件名)"),
    "Idempotent-Replayed": _header("`true`: the stored answer of an earlier request (重放)"),
    "Retry-After": _header("Seconds after which to ask again (重试间隔)", "integer"),
    "WWW-Authenticate": _header("How to authenticate (认证方式)"),
    "Content-Language": _header("Language of the texts (语言)"),
    "Accept-Ranges": _header("`bytes`: a part of the file can be asked for (断点续传)"),
    "Content-Range": _header("Which part of the file this is (范围)"),
    "Repr-Digest": _header("SHA-256 of the whole file, RFC 9530 (校验和)"),
}
ALWAYS = (REQUEST_ID,)


# Of work that goes on in the background.
LATER: dict[str, Any] = {"headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}}


def references(*names: str) -> dict[str, Any]:
    """Shared headers as a response names them."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def shows_version(operation: Operation) -> bool:
    """Whether its answer has an ETag: it shows a single row with a version."""
    return any(operation.answers_with(one, "version") for _status, one in operation.successes())


def add_response_headers(operation: Operation) -> None:
    """Add the headers of its successes; problems bring theirs along."""
    for status, response in operation.successes():
        names = [*ALWAYS]
        if status == "304" or operation.answers_with(response, "version"):
            names.append("ETag")
        if operation.is_list:
            names += ["Link", "Content-Disposition"]
        if operation.takes_key:
            names.append("Idempotent-Replayed")
        response["headers"] = references(*names) | response.get("headers", {})
