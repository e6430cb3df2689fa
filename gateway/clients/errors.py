"""Problems of API clients."""

from services.chassis.core.errors import Conflict, NotFound, Taken
from services.chassis.core.text import Text


class ClientNotFound(NotFound):
    """No client has this id."""

    code = "clients.not_found"
    title = Text("没有这个接口", "No such client")
    detail = Text("没有接口 {key}。", "There is no client {key}.")


class SecretNotFound(NotFound):
    """The client has no such secret."""

    code = "clients.secret_not_found"
    title = Text("没有这个密钥", "No such secret")
    detail = Text("该接口没有这个密钥。", "The client has no such secret.")


class ClientIdTaken(Taken):
    """The client id is in use."""

    code = "clients.client_id_taken"
    field = "client_id"
    title = Text("接口标识已存在", "Client id taken")
    detail = Text("接口 {client_id} 已存在。", "There is already a client {client_id}.")


class TooManySecrets(Conflict):
    """The client already has two active secrets."""

    code = "clients.too_many_secrets"
    title = Text("密钥过多", "Too many secrets")
    detail = Text("同时只能有两个密钥，请先删除一个。", "Two secrets are active; delete one first.")


class ServiceClient(Conflict):
    """The platform's own clients are managed by secret files, not by the API."""

    code = "clients.service_client"
    title = Text("平台自身的接口", "The platform's own client")
    detail = Text(
        "服务自身的接口由密钥文件管理。", "A service's client is managed by its secret file."
    )
