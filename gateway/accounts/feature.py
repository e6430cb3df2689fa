"""The accounts feature (账号)."""

from gateway.accounts.held import ACCOUNTS as HELD_ACCOUNTS
from gateway.accounts.models import Account
from gateway.accounts.queries import ACCOUNT_ROWS, ACCOUNTS
from gateway.accounts.router import router
from gateway.accounts.scopes import AccountScope
from services.chassis.audit.tracked_resources import Recorded
from services.chassis.core.text import Text
from services.chassis.runtime.feature import Feature

FEATURE = Feature(
    routers=(router,),
    tables=(Account,),
    row_scopes=(ACCOUNT_ROWS,),
    tracked=(Recorded.listed(ACCOUNTS, Text("账号", "an account"), AccountScope.READ),),
    held=(HELD_ACCOUNTS,),
)
