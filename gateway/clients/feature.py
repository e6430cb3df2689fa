"""The API-clients feature (接口)."""

from gateway.clients.models import Client, ClientSecret
from gateway.clients.origins import provide_origins
from gateway.clients.queries import CLIENT_ROWS, CLIENTS, SECRET_ROWS
from gateway.clients.router import router
from gateway.clients.scopes import ClientScope
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
    resources=(provide_origins,),
    tables=(Client, ClientSecret),
    row_scopes=(
        CLIENT_ROWS,
        SECRET_ROWS,
    ),
    tracked=(
        Recorded.listed(CLIENTS, Text("接口", "a client"), ClientScope.READ),
        Recorded(
            "client-secrets",
            Text("接口密钥", "a client's secret"),
            ClientScope.READ,
            "client_secret",
            SECRET_ROWS,
        ),
    ),
)
