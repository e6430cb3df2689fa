"""Prepares a trial platform: one login per role and, on request, a sample county."""

from pathlib import Path

from client.accounts import (
    NAMES,
    Administrators,
    Login,
    bureau_logins,
    ensure_accounts,
    ensure_bureau,
    ensure_integration,
    platform_logins,
)
from client.api import JunhengClient
from client.demo.appraisal_steps import open_year, record_facts, record_scores
from client.demo.bureau import BureauRun
from client.demo.setup_steps import import_schools, import_staff
from client.sample.county import sample_county
from client.sample.model import Sample
from client.text import Language

_PLAIN_DUTY = "教师"


def prepare_platform(
    gateway_url: str, bootstrap_password: str, sample: bool, language: Language = "zh-CN"
) -> list[Login]:
    """Create one bureau with one login per role. Existing records are left unchanged.

    Args:
        gateway_url: address of the gateway.
        bootstrap_password: password of the initial administrators.
        sample: whether to import the sample county and open its year with facts and scores.
        language: language of the server's messages.

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
        integration = ensure_integration(administrators.security, bureau.bureau_code)
        if sample:
            _load(client, county, logins)
    return [*platform_logins(bootstrap_password), *logins, integration]


def _logins(county: Sample, bootstrap_password: str) -> list[Login]:
    """The logins of the bureau, with a school and a person of the sample, loaded or not."""
    school_code = county.schools[0]["school_code"]
    people = [row for row in county.staff if row["school_code"] == school_code]
    plain = [row for row in people if row["duty"] == _PLAIN_DUTY and row["status"] == "active"]
    return bureau_logins(
        county.bureau.bureau_code,
        bootstrap_password,
        roles=tuple(NAMES),
        school_code=school_code,
        staff_no=(plain or people)[0]["staff_no"],
    )


def _load(client: JunhengClient, county: Sample, logins: list[Login]) -> None:
    """Import the county, open its year and import facts and scores."""
    run = BureauRun.of(county, Path())
    run.logins = {login.role: client.acting_as(login.credentials) for login in logins}
    for step in (import_schools, import_staff, open_year, record_facts, record_scores):
        step(run)
