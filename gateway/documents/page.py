"""The documentation page: Swagger UI from a wheel, in the reader's language, with a login.

Nothing comes from elsewhere, and no script stands in the page.
"""

import secrets
from functools import cache
from importlib.resources import files

from services.chassis.core.text import Language, Text

ASSETS = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
}
_OWN = frozenset({"page.css", "page.js"})
_WORDS = {
    "title": Text("均衡接口文档", "Junheng API"),
    "username": Text("用户名", "User name"),
    "password": Text("密码", "Password"),
    "log_in": Text("登录", "Log in"),
    "logged_in": Text("已登录：", "Logged in:"),
    "failed": Text("登录失败，请检查网络", "Login failed; check the connection"),
    "document": Text("接口文档原文", "Document"),
    "script": Text(
        "此页需要启用 JavaScript；文档原文见 openapi.json。",
        "This page needs JavaScript; the document itself is at openapi.json.",
    ),
    "other": Text("English", "中文"),
    "other_code": Text("en", "zh"),
    "code": Text("zh-CN", "en"),
}
_PAGE = """<!doctype html>
<html lang="{code}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
<link rel="stylesheet" href="docs/assets/page.css">
</head>
<body data-language="{code}" data-logged-in="{logged_in}" data-failed="{failed}">
<header class="bar">
<a class="name" href="docs">{title}</a>
<form id="login">
<input name="username" placeholder="{username}" aria-label="{username}"
 autocomplete="username" required>
<input name="password" type="password" placeholder="{password}" aria-label="{password}"
 autocomplete="current-password" required>
<button>{log_in}</button>
<output id="result"></output>
</form>
<a href="openapi.json?lang={code}">{document}</a>
<a href="docs?lang={other_code}">{other}</a>
</header>
<div id="page"></div>
<noscript>{script}</noscript>
<script nonce="{nonce}" src="docs/assets/swagger-ui-bundle.js"></script>
<script nonce="{nonce}" src="docs/assets/page.js"></script>
</body>
</html>
"""


def render(language: Language) -> tuple[str, str]:
    """The page and its Content-Security-Policy."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    words = {name: text.render(language) for name, text in _WORDS.items()}
    return _PAGE.format(nonce=nonce, **words), policy


@cache
def asset(name: str) -> bytes:
    """A file of the page."""
    folder = files("gateway.documents") / "static" if name in _OWN else files(_SWAGGER)
    return folder.joinpath(name).read_bytes()


_SWAGGER = "fastapi_swagger.resources"
