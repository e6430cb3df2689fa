"""The documentation page: Swagger UI from a wheel, without external resources."""

import secrets
from functools import cache
from importlib.resources import files

ASSETS = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
}

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>均衡 Junheng · API</title>
<link rel="icon" href="docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<noscript>需要启用 JavaScript；文档原文见 openapi.json。 This page needs JavaScript;
the document itself is at openapi.json.</noscript>
<script nonce="{nonce}" src="docs/assets/swagger-ui-bundle.js"></script>
<script nonce="{nonce}">
SwaggerUIBundle({{
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  filter: true,
  docExpansion: "none",
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
}});
</script>
</body>
</html>
"""


def render() -> tuple[str, str]:
    """The page and its Content-Security-Policy."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return _PAGE.format(nonce=nonce), policy


@cache
def asset(name: str) -> bytes:
    """A file of Swagger UI."""
    return files("fastapi_swagger.resources").joinpath(name).read_bytes()
