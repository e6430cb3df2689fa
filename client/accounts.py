"""Creates one login per role of a bureau through the gateway, for samples and trials.

The system administrator creates bureaus and accounts, the security administrator grants roles:
neither can do both. Passwords are derived from the platform's bootstrap password, so they are as
secret as it is and the same on every run.
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
# First part of a login name by role; "@" and the bureau's code follow.
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
    "bureau_leader": Text("局领导小组成员", "Bureau leader"),
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
# Scopes with which a bureau's own system can keep the registry and the scores up to date.
_CLIENT_SCOPES = (
    "schools:read schools:write staff:read staff:write cycles:read participants:read "
    "participation_records:read participation_records:write scores:read scores:write "
    "results:read calendar:read changes:read codes:read imports:write"
)
_BATCH = 60
# Versions of an account that nobody else has changed.
_CREATED, _GRANTED = 1, 2
_CONFLICT = 409

Done = Callable[[int, int], None]


@dataclass(frozen=True)
class Login:
    """A login: an account with name and password, or an API client with id and secret.

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
        """The credentials for a `JunhengClient`."""
        if self.role == "integration":
            return ClientSecret(self.username, self.password)
        return PasswordLogin(self.username, self.password)


@dataclass(frozen=True)
class Administrators:
    """Clients of the two administrators who create logins: system and security."""

    system: JunhengClient
    security: JunhengClient

    @classmethod
    def of(cls, client: JunhengClient, bootstrap_password: str) -> "Administrators":
        """The administrators that exist on every new platform."""
        return cls(
            client.acting_as(PasswordLogin(SYSTEM_ADMIN, bootstrap_password)),
            client.acting_as(PasswordLogin(SECURITY_ADMIN, bootstrap_password)),
        )


def platform_logins(bootstrap_password: str) -> list[Login]:
    """Logins of the three administrators that exist on every new platform."""
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
    """The logins of a bureau, whether or not their accounts exist yet.

    Args:
        bureau_code: code of the bureau.
        bootstrap_password: password from which theirs are derived.
        roles: roles to include, out of `NAMES`.
        school_code: school of the head and of the appraisal officer.
        staff_no: staff number of the login with the role `staff`.
        head_no: staff number of the head of the school; None links the login to no person.
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
    """The password of a sample account, which cannot be derived without the bootstrap password."""
    digest = hmac.digest(bootstrap_password.encode(), username.encode(), hashlib.sha256)
    return base64.b32encode(digest[:10]).decode().lower()


def ensure_bureau(system: JunhengClient, bureau_code: str, name: str) -> bool:
    """Create a bureau unless it exists. Returns whether it was created."""
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
    """Create missing accounts and grant each its role. Returns the number created.

    Existing accounts keep their roles: a role is granted only to an account that has not been
    changed since it was created.

    Args:
        administrators: the clients that create and grant.
        logins: the accounts.
        done: called after each batch with its size and the number created.
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
    """Create an API client of the bureau unless it exists; only a new one has its secret."""
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
    """Names of the logins that were changed after their roles had been granted."""
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
