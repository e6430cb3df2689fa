"""Problems of accounts."""

from services.chassis.core.errors import AppError, Conflict, NotFound
from services.chassis.core.text import Text


class AccountNotFound(NotFound):
    """No account of that name."""

    code = "accounts.not_found"
    title = Text("没有这个账号", "No such account")
    detail = Text("没有账号 {key}。", "There is no account {key}.")


class UsernameTaken(Conflict):
    """Some user names are in use; `errors` names each."""

    code = "accounts.username_taken"
    title = Text("用户名已存在", "User name taken")
    detail = Text(
        "有 {count} 个用户名已存在,未新建任何账号。", "{count} name(s) taken; nothing was created."
    )


class OwnAccount(AppError):
    """Nobody grants roles to, or disables, the account they use."""

    status = 403
    code = "accounts.own_account"
    title = Text("不能对本人账号操作", "Not on your own account")
    detail = Text(
        "授予角色、停用和变更归属须由另一位管理员办理。",
        "Roles, status and binding of your account are for another administrator.",
    )


class AdministratorProtected(Conflict):
    """Passwords and binding of administrators are not in another administrator's hands."""

    code = "accounts.administrator_protected"
    title = Text("管理员账号受保护", "Administrators are protected")
    detail = Text(
        "不能重设管理员账号的密码或归属;请新建账号并重新授权。",
        "An administrator's password and binding cannot be set; create and grant a new account.",
    )


class LastAdministrator(Conflict):
    """The platform keeps at least one of each administrator."""

    code = "accounts.last_administrator"
    title = Text("最后一名管理员", "Last administrator")
    detail = Text(
        "{role} 至少须保留一个可用账号。", "At least one active account must hold {role}."
    )
