"""Problems of the token endpoint; the codes end with the error values of RFC 6749."""

from services.chassis.core.errors import AppError
from services.chassis.core.text import Text


class InvalidClient(AppError):
    """The client is unknown, disabled, or its secret is wrong."""

    status = 401
    code = "oauth.invalid_client"
    title = Text("接口认证失败", "Client authentication failed")
    detail = Text("client_id 或 client_secret 不正确。", "The client id or secret is wrong.")

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Basic realm="junheng"'})


class UnsupportedGrantType(AppError):
    """The grant type is neither `client_credentials` nor `refresh_token`."""

    code = "oauth.unsupported_grant_type"
    title = Text("不支持的授权类型", "Unsupported grant type")
    detail = Text(
        "grant_type 应为 client_credentials 或 refresh_token。",
        "grant_type must be client_credentials or refresh_token.",
    )


class InvalidScope(AppError):
    """The client does not have a requested scope."""

    code = "oauth.invalid_scope"
    title = Text("权限超出范围", "Invalid scope")
    detail = Text("该接口没有权限 {scope}。", "The client does not have the scope {scope}.")


class InvalidTokenRequest(AppError):
    """A parameter is missing or contradicts the client."""

    code = "oauth.invalid_request"
    title = Text("令牌请求有误", "Invalid token request")
    detail = Text(
        "参数 {parameter} 缺失或不正确。", "The parameter {parameter} is missing or wrong."
    )
