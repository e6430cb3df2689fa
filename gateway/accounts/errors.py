"""Problems of accounts."""

from services.chassis.core.errors import AppError, Conflict, NotFound
from services.chassis.core.text import Text


class AccountNotFound(NotFound):
    """No account has this name."""

    code = "accounts.not_found"
    title = Text("没有这个账号", "No such account")
    detail = Text("没有账号 {key}。", "There is no account {key}.")


class UsernameTaken(Conflict):
    """Some user names are taken; `errors` lists them."""

    code = "accounts.username_taken"
    title = Text("用户名已存在", "User name taken")
    detail = Text(
        "有 {count} 个用户名已存在，未新建任何账号。", "{count} name(s) taken; no account created."
    )


class OwnAccount(AppError):
    """Administrators cannot grant roles to their own account or disable it."""

    status = 403
    code = "accounts.own_account"
    title = Text("不能对本人账号操作", "Own account cannot be changed")
    detail = Text(
        "授予角色、停用和变更归属须由另一位管理员办理。",
        "Another administrator must change the roles, status or binding of your account.",
    )


class AdministratorProtected(Conflict):
    """Passwords and binding of administrators cannot be changed by another administrator."""

    code = "accounts.administrator_protected"
    title = Text("管理员账号受保护", "Administrator account protected")
    detail = Text(
        "不能重设管理员账号的密码或归属；请新建账号并重新授权。",
        "Password and binding of an administrator cannot be changed; create a new account instead.",
    )


class LastAdministrator(Conflict):
    """At least one active account must hold each administrator role."""

    code = "accounts.last_administrator"
    title = Text("最后一名管理员", "Last administrator")
    detail = Text(
        "{role} 至少须保留一个可用账号。", "At least one active account must hold {role}."
    )
