"""Steps that set up a bureau: logins and registry."""

from functools import partial

from client.accounts import Administrators, Login, ensure_accounts, ensure_bureau
from client.demo.bureau import BureauRun
from client.demo.progress import Meter
from client.demo.tally import Tally


def create_bureau(run: BureauRun, *, administrators: Administrators) -> Tally:
    """Create the bureau."""
    bureau = run.bureau
    is_new = ensure_bureau(administrators.system, bureau.bureau_code, bureau.name)
    return Tally.one(is_new=is_new)


def create_accounts(administrators: Administrators, logins: list[Login], meter: Meter) -> None:
    """Create the accounts of all bureaus."""
    ensure_accounts(administrators, logins, partial(_count, meter))


def import_schools(run: BureauRun) -> Tally:
    """Import the bureau's schools."""
    return _import(run, "schools")


def import_staff(run: BureauRun) -> Tally:
    """Import the bureau's staff."""
    return _import(run, "staff")


def _import(run: BureauRun, resource: str) -> Tally:
    return Tally.of(run.admin.import_bytes(resource, run.uploads[resource].content))


def _count(meter: Meter, accounts: int, made: int) -> None:
    meter.advance(accounts, Tally(new=made, kept=accounts - made))
