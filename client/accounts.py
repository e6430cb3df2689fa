"""One login for each role of a bureau, made through the gateway for samples and trials.

A system administrator makes bureaus and accounts, a security administrator grants the roles:
neither could do it alone. Passwords follow from the platform's bootstrap password, so that they
are as secret as that one, and the same again tomorrow.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from client.api import JunhengClient
from client.credentials import ClientSecret, Credentials, PasswordLogin
from client.problems import Problem
from client.text import Text

SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR = "sysadmin", "secadmin", "auditor"
# What a login name begins with, by role; the bureau's code follows.
NAMES = {
    "bureau_admin": "admin",
    "bureau_leader": "leader",
    "supervisor": "supervisor",
    "school_head": "head",
    "school_officer": "officer",
    "staff": "staff",
}
TITLES = {
    "bureau_admin": Text("局管理员", "Bureau administrator"),
    "bureau_leader": Text("局领导小组", "Bureau leader"),
    "supervisor": Text("督学", "Supervisor"),
    "school_head": Text("校长", "Head of school"),
    "school_officer": Text("学校考核办", "School appraisal officer"),
    "staff": Text("教职工", "Member of staff"),
    "integration": Text("接口", "Integration"),
    "system_admin": Text("系统管理员", "System administrator"),
    "security_admin": Text("安全管理员", "Security administrator"),
    "auditor": Text("审计员", "Auditor"),
}
OFFICE_ROLES = ("bureau_admin", "bureau_leader", "supervisor")
_BUREAUS, _ACCOUNTS = "/schools/v1/bureaus", "/v1/accounts"
_CLIENTS = "/v1/clients"
# What a system of the bureau's own needs to keep registry and scores up to date.
_CLIENT_SCOPES = (
    "schools:read schools:write staff:read staff:write cycles:read participants:read "
    "facts:read facts:write scores:read scores:write results:read calendar:read codes:read "
    "imports:write"
)
_BATCH = 60
# The versions of an account that nobody else has touched.
_CREATED, _GRANTED = 1, 2
_CONFLICT = 409

Done = Callable[[int, int], None]


@dataclass(frozen=True)
class Login:
    """Who can log in: an account by name and password, an API client by id and secret.

    A client's secret is shown once, when it is created; afterwards `password` is empty.
    """

    role: str
    username: str
    password: str = field(repr=False)
    bureau_code: str | None = None
    schools: tuple[str, ...] = ()
    staff_no: str | None = None

    @property
    def credentials(self) -> Credentials:
        """What a `JunhengClient` logs in with."""
        if self.role == "integration":
            return ClientSecret(self.username, self.password)
        return PasswordLogin(self.username, self.password)


@dataclass(frozen=True)
class Administrators:
    """The two clients it takes: a system administrator's and a security administrator's."""

    system: JunhengClient
    security: JunhengClient

    @classmethod
    def of(cls, client: JunhengClient, bootstrap_password: str) -> "Administrators":
        """The administrators that every platform begins with."""
        return cls(
            client.acting_as(PasswordLogin(SYSTEM_ADMIN, bootstrap_password)),
            client.acting_as(PasswordLogin(SECURITY_ADMIN, bootstrap_password)),
        )


def platform_logins(bootstrap_password: str) -> list[Login]:
    """The three administrators that every platform begins with."""
    names = {
        "system_admin": SYSTEM_ADMIN,
        "security_admin": SECURITY_ADMIN,
        "auditor": AUDITOR,
    }
    return [Login(role, name, bootstrap_password) for role, name in names.items()]


def bureau_logins(
    bureau_code: str,
    bootstrap_password: str,
    *,
    roles: Sequence[str] = OFFICE_ROLES,
    school_code: str | None = None,
    staff_no: str | None = None,
    head_no: str | None = None,
) -> list[Login]:
    """The logins of a bureau, whether or not they exist yet.

    Args:
        bureau_code: the bureau.
        bootstrap_password: what their passwords follow from.
        roles: which of `NAMES`.
        school_code: the school of the head and the officer.
        staff_no: the person of role `staff`.
        head_no: the head of the school: without it, the login may be anybody's at the school.
    """
    people = {"staff": staff_no, "school_head": head_no}
    logins = []
    for role in roles:
        username = f"{NAMES[role]}@{bureau_code}"
        logins.append(
            Login(
                role,
                username,
                sample_password(bootstrap_password, username),
                bureau_code,
                (school_code,) if school_code and role.startswith("school_") else (),
                people.get(role),
            )
        )
    return logins


def sample_password(bootstrap_password: str, username: str) -> str:
    """The password of a sample account: only who knows the bootstrap password can tell it."""
    digest = hmac.digest(bootstrap_password.encode(), username.encode(), hashlib.sha256)
    return base64.b32encode(digest[:10]).decode().lower()


def ensure_bureau(system: JunhengClient, bureau_code: str, name: str) -> bool:
    """Create a bureau unless it exists; whether it is new."""
    try:
        system.post(_BUREAUS, {"bureau_code": bureau_code, "name": name})
    except Problem as problem:
        if problem.status != _CONFLICT:
            raise
        return False
    return True


def ensure_accounts(
    administrators: Administrators, logins: Sequence[Login], done: Done | None = None
) -> int:
    """Create the accounts that are missing and grant each its role; how many were new.

    One that is there keeps the roles that it has: a role is granted only to an account that nobody
    has touched since it was created.

    Args:
        administrators: who does it.
        logins: the accounts.
        done: told after each batch how many are there, and how many of these are new.
    """
    made = 0
    for batch in _batches(logins):
        versions = _versions_of(administrators.system, batch)
        missing = [_account(login) for login in batch if login.username not in versions]
        if missing:
            administrators.system.post(f"{_ACCOUNTS}:batch", {"items": missing})
        grants = [
            {"username": login.username, "roles": [login.role]}
            for login in batch
            if versions.get(login.username, _CREATED) == _CREATED
        ]
        if grants:
            administrators.security.post(f"{_ACCOUNTS}:grant", {"items": grants})
        made += len(missing)
        if done:
            done(len(batch), len(missing))
    return made


def ensure_integration(security: JunhengClient, bureau_code: str) -> Login:
    """An API client of the bureau; with its secret only if it was created just now."""
    client_id = f"integration-{bureau_code}"
    body = {
        "client_id": client_id,
        "name": TITLES["integration"].zh,
        "scopes": _CLIENT_SCOPES.split(),
        "bureau_code": bureau_code,
    }
    try:
        secret = str(security.post(_CLIENTS, body)["client_secret"])
    except Problem as problem:
        if problem.status != _CONFLICT:
            raise
        secret = ""
    return Login("integration", client_id, secret, bureau_code)


def _batches(logins: Sequence[Login]) -> Iterator[Sequence[Login]]:
    for start in range(0, len(logins), _BATCH):
        yield logins[start : start + _BATCH]


def changed_accounts(system: JunhengClient, logins: Sequence[Login]) -> list[str]:
    """Those of these logins that somebody has changed since they were created and granted."""
    changed = []
    for batch in _batches(logins):
        versions = _versions_of(system, batch)
        changed += [name for name, version in versions.items() if version > _GRANTED]
    return sorted(changed)


def _versions_of(system: JunhengClient, logins: Sequence[Login]) -> dict[str, int]:
    names = [login.username for login in logins]
    return {row["username"]: row["version"] for row in system.iterate(_ACCOUNTS, username=names)}


def _account(login: Login) -> dict[str, Any]:
    return {
        "username": login.username,
        "display_name": TITLES[login.role].zh,
        "bureau_code": login.bureau_code,
        "schools": list(login.schools),
        "staff_no": login.staff_no,
        "password": login.password,
    }
