"""Problems of login and tokens."""

from services.chassis.core.errors import AppError, Conflict
from services.chassis.core.text import Text


class LoginFailed(AppError):
    """Wrong name or password, or a disabled account; the response does not distinguish them."""

    status = 401
    code = "auth.login_failed"
    title = Text("登录失败", "Login failed")
    detail = Text("用户名或密码不正确。", "The user name or password is wrong.")

    def __init__(self) -> None:
        # Not `Basic`: a browser would open its own dialogue.
        super().__init__(headers={"WWW-Authenticate": 'Bearer realm="junheng"'})


class AccountLocked(AppError):
    """Too many consecutive failures."""

    status = 429
    code = "auth.account_locked"
    title = Text("账号已锁定", "Account locked")
    detail = Text(
        "连续登录失败次数过多，请在 {seconds} 秒后再试。",
        "Too many consecutive failed logins; try again in {seconds} seconds.",
    )

    def __init__(self, seconds: int) -> None:
        super().__init__(headers={"Retry-After": str(seconds)}, seconds=seconds)


class NoPassword(Conflict):
    """API clients have secrets, not passwords."""

    code = "auth.no_password"
    title = Text("没有密码", "No password")
    detail = Text(
        "接口没有密码，请轮换其密钥。", "API clients have no password; rotate their secrets."
    )


class InvalidGrant(AppError):
    """The refresh token is unknown, expired, used or revoked."""

    code = "oauth.invalid_grant"
    title = Text("刷新令牌无效", "Invalid refresh token")
    detail = Text("刷新令牌无效，请重新登录。", "The refresh token is invalid; log in again.")
