"""Problems of one-time links."""

from services.chassis.core.errors import AppError, NotFound
from services.chassis.core.text import Text


class LinkNotFound(NotFound):
    """The link is unknown, used, expired or withdrawn; the response does not distinguish them."""

    code = "links.not_found"
    title = Text("链接无效", "Link not valid")
    detail = Text(
        "链接不存在、已使用、已过期或已撤销，请返回页面重新操作。",
        "The link is unknown, used, expired or withdrawn; go back to the page and try again.",
    )


class AccountsOnly(AppError):
    """Programs send their token in a header and need no links."""

    status = 403
    code = "links.accounts_only"
    title = Text("仅供账号使用", "For accounts only")
    detail = Text(
        "一次性链接仅供浏览器中的账号使用；接口请在请求头中发送令牌。",
        "One-time links are for accounts in browsers; API clients send their token in a header.",
    )


class TooManyLinks(AppError):
    """The account has the maximum number of unused links."""

    status = 429
    code = "links.too_many"
    title = Text("未使用的链接过多", "Too many unused links")
    detail = Text(
        "您已有 {limit} 个未使用的链接，请使用后或稍后再试。",
        "You have {limit} unused links; use them or try again later.",
    )

    def __init__(self, limit: int, seconds: int) -> None:
        super().__init__(headers={"Retry-After": str(seconds)}, limit=limit)
