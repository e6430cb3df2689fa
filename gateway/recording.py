"""What the gateway's change log follows."""

from gateway.accounts.queries import ACCOUNTS
from gateway.clients.queries import CLIENTS
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.lists.row_scopes import administrators

RECORDED = (
    Recorded.listed(ACCOUNTS, Text("账号", "an account"), "accounts:read"),
    Recorded.listed(CLIENTS, Text("接口", "a client"), "clients:read"),
    Recorded(
        "client-secrets",
        Text("接口密钥", "a client's secret"),
        "clients:read",
        "client_secret",
        administrators,
    ),
    Recorded(
        "signing-keys",
        Text("签名密钥", "a signing key"),
        "keys:read",
        "signing_key",
        administrators,
    ),
)
