"""The members that RFC 6749 (5.2) gives the errors of OAuth, beside those of a problem."""

import re

from services.chassis.core.errors import AppError

_ERRORS = {401: "invalid_client", 429: "temporarily_unavailable", 500: "server_error"}
_NOT_IN_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]+")


def oauth_members(error: AppError) -> dict[str, str]:
    """`error` and `error_description`, the latter in ASCII."""
    family, _, name = error.code.partition(".")
    usual = "temporarily_unavailable" if error.status > 500 else "invalid_request"
    description = error.detail.render("en", **error.params)
    return {
        "error": name if family == "oauth" else _ERRORS.get(error.status, usual),
        "error_description": _NOT_IN_DESCRIPTION.sub(" ", description).strip(),
    }
