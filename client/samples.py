"""Prepares a trial platform: one login per role and, on request, a sample county."""

from collections.abc import Mapping
from typing import Any

from client.accounts import (
    NAMES,
    Administrators,
    Login,
    bureau_logins,
    changed_accounts,
    ensure_accounts,
    ensure_bureau,
    ensure_integration,
    platform_logins,
)
from client.api import JunhengClient
from client.problems import Problem
from client.sample.county import sample_county
from client.sample.model import Sample
from client.sample_data import Notify, SampleLoader
from client.text import Language, Text

_HEAD_DUTY, _PLAIN_DUTY = "校长", "教师"
_NO_ACCESS = frozenset({401, 403})
_ACCOUNTS_LEFT = Text(
    "账号 {names} 已被改动，保持不变；其密码可能已不同",
    "{names}: changed since and left unchanged; the passwords may differ",
)
_NOT_LOADED = Text(
    "示例账号 {name} 已被改动，无法用它写入示例数据；数据保持不变",
    "the login {name} was changed and cannot load the sample; the data are left unchanged",
)


def _ignore(_text: Text, _params: Mapping[str, Any]) -> None:
    """Ignore notices."""


def prepare_platform(
    gateway_url: str,
    bootstrap_password: str,
    sample: bool,
    language: Language = "zh-CN",
    notify: Notify = _ignore,
) -> list[Login]:
    """Create one bureau with one login per role. Existing records are left unchanged.

    Args:
        gateway_url: address of the gateway.
        bootstrap_password: password of the initial administrators.
        sample: whether to import the sample county and open its year with participation
            records and scores.
        language: language of the server's messages.
        notify: receives a notice for records that people have changed; they are left unchanged.

    Returns:
        All logins, beginning with the three administrators of the platform.

    Raises:
        Problem: the platform refused a request.
        Unreachable: the gateway does not answer.
    """
    county = sample_county()
    with JunhengClient(gateway_url, language=language) as client:
        administrators = Administrators.of(client, bootstrap_password)
        bureau = county.bureau
        ensure_bureau(administrators.system, bureau.bureau_code, bureau.name)
        logins = _logins(county, bootstrap_password)
        ensure_accounts(administrators, logins)
        if changed := changed_accounts(administrators.system, logins):
            notify(_ACCOUNTS_LEFT, {"names": ", ".join(changed)})
        integration = ensure_integration(administrators.security, bureau.bureau_code)
        if sample:
            _load(client, county, logins, notify)
    return [*platform_logins(bootstrap_password), *logins, integration]


def _logins(county: Sample, bootstrap_password: str) -> list[Login]:
    """The logins of the bureau, with a school and a person of the sample, loaded or not."""
    school_code = county.schools[0]["school_code"]
    people = [row for row in county.staff if row["school_code"] == school_code]
    active = [row for row in people if row["status"] == "active"]
    plain = [row for row in active if row["duty"] == _PLAIN_DUTY]
    heads = [row["staff_no"] for row in active if row["duty"] == _HEAD_DUTY]
    return bureau_logins(
        county.bureau.bureau_code,
        bootstrap_password,
        roles=tuple(NAMES),
        school_code=school_code,
        staff_no=(plain or people)[0]["staff_no"],
        head_no=heads[0] if heads else None,
    )


def _load(client: JunhengClient, county: Sample, logins: list[Login], notify: Notify) -> None:
    """Load the county's data, unless the administrator's login has been changed."""
    login = next(login for login in logins if login.role == "bureau_admin")
    admin = client.acting_as(login.credentials)
    try:
        SampleLoader(admin, county, notify).load()
    except Problem as problem:
        if problem.status not in _NO_ACCESS:
            raise
        notify(_NOT_LOADED, {"name": login.username})
