"""A small county after a whole year, and one login for each role: what the fuzzer works on."""

import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from client.accounts import (
    NAMES,
    Administrators,
    Login,
    bureau_logins,
    ensure_accounts,
    ensure_integration,
    platform_logins,
)
from client.api import JunhengClient
from client.demo.progress import StepDisplay
from client.demo.run import Demo
from client.sample.county import sample_county
from client.sample.model import Sample

_SCHOOLS, _STAFF = 2, 60
# Lists whose rows have the ids and keys of addresses.
_LISTS = {
    "system_admin": ("/v1/accounts", "/schools/v1/jobs", "/schools/v1/bureaus"),
    "security_admin": ("/v1/clients",),
    "bureau_admin": (
        *("/schools/v1/schools", "/schools/v1/staff", "/schools/v1/assignments"),
        "/schools/v1/id-number-reports",
        *("/schools/v1/imports", "/schools/v1/exports", "/appraisal/v1/imports"),
        *("/appraisal/v1/cycles", "/appraisal/v1/corrections", "/appraisal/v1/calendar-days"),
        *("/appraisal/v1/rule-sets", "/accountability/v1/cases"),
    ),
}
# Where a list's id goes, beside the parameters that are called like a field.
_IDS = {
    "schools": "school_id",
    "staff": "staff_id",
    "assignments": "assignment_id",
    "imports": "import_id",
    "exports": "export_id",
    "cycles": "cycle_id",
    "corrections": "correction_id",
    "cases": "case_id",
    "jobs": "job_id",
    "id-number-reports": "report_id",
}
KEYS = frozenset(
    {
        *("username", "client_id", "staff_no", "school_code", "role", "starts_on", "bureau_code"),
        *("code", "year", "day", "case_no"),
    }
)
_FIXED = {
    "name": ["school-types", "results", "case-states"],
    "resource": ["schools", "staff", "assignments", "scores", "participation-records", "cases"],
}
MOST = 12
# Those who may change accounts come last: what they do may keep others from logging in.
ROLES = (
    *("bureau_admin", "bureau_leader", "supervisor", "school_head", "school_officer", "staff"),
    *("integration", "auditor", "security_admin", "system_admin"),
)


@dataclass(frozen=True)
class Scenario:
    """What is there.

    Attributes:
        url: of the gateway.
        logins: by role.
        values: what may stand for a parameter of an address, by its name.
    """

    url: str
    logins: dict[str, Login]
    values: dict[str, list[Any]]

    def token(self, role: str) -> str:
        """A fresh access token."""
        return token_of(self.url, self.logins[role])


def token_of(url: str, login: Login) -> str:
    """An access token of a login."""
    with JunhengClient(url, login.credentials) as client:
        return client.token()


def make_scenario(url: str, bootstrap_password: str) -> Scenario:
    """Play a year of a small county, and add what a year does not leave behind."""
    county = sample_county(schools=_SCHOOLS, points=0, staff=_STAFF)
    with JunhengClient(url) as client, tempfile.TemporaryDirectory() as folder:
        demo = Demo(client, bootstrap_password, StepDisplay(Console(quiet=True), "en"), "en")
        demo.play(lambda: [county], Path(folder))
        administrators = Administrators.of(client, bootstrap_password)
        bureau = _bureau_logins(county, bootstrap_password)
        ensure_accounts(administrators, bureau)
        integration = ensure_integration(administrators.security, county.bureau.bureau_code)
    everybody = [*platform_logins(bootstrap_password), *bureau, integration]
    logins = {login.role: login for login in everybody}
    _add_work(url, token_of(url, logins["bureau_admin"]), county)
    _report_number(url, token_of(url, logins["integration"]), county)
    return Scenario(url, logins, dict(_values(url, logins)))


def _bureau_logins(county: Sample, bootstrap_password: str) -> list[Login]:
    person = next(row for row in county.staff if row["status"] == "active")
    return bureau_logins(
        county.bureau.bureau_code,
        bootstrap_password,
        roles=tuple(NAMES),
        school_code=person["school_code"],
        staff_no=person["staff_no"],
    )


def _add_work(url: str, token: str, county: Sample) -> None:
    """An assignment, a free day, rules of the bureau's own, an open year, a file in and one out."""
    person = next(row for row in county.staff if row["status"] == "active")
    where = {name: person[name] for name in ("staff_no", "school_code")}
    key = f"{where['staff_no']}/{where['school_code']}/teacher/2025-09-01"
    assignment = where | {"role": "teacher", "starts_on": "2025-09-01"}
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        puts: dict[str, dict[str, Any]] = {
            f"/schools/v1/assignments/by-key/{key}": assignment,
            "/appraisal/v1/calendar-days/2026-01-04": {"day": "2026-01-04", "is_working": True},
            "/appraisal/v1/rule-sets/by-key/own": {"code": "own", "name": "本县规则"},
        }
        for path, body in puts.items():
            client.put(path, json=body).raise_for_status()
        posts: dict[str, dict[str, Any]] = {
            "/appraisal/v1/cycles": {"year": 2026},
            "/schools/v1/exports": {"resource": "staff", "format": "csv"},
            "/schools/v1/imports": {"resource": "schools"},
        }
        for path, body in posts.items():
            headers = {"Idempotency-Key": uuid.uuid4().hex}
            client.post(path, json=body, headers=headers).raise_for_status()


def _report_number(url: str, token: str, county: Sample) -> None:
    """Give one person the ID number of another, which an integration can only report."""
    one, other = [row for row in county.staff if row["status"] == "active"][:2]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers) as client:
        path = f"/schools/v1/staff/by-key/{one['staff_no']}"
        match = {"If-Match": client.get(path).raise_for_status().headers["ETag"]}
        number = {"id_number": other["id_number"]}
        client.patch(path, json=number, headers=match).raise_for_status()


def _values(url: str, logins: dict[str, Login]) -> Iterator[tuple[str, list[Any]]]:
    found: dict[str, dict[Any, None]] = {name: dict.fromkeys(of) for name, of in _FIXED.items()}
    for role, lists in _LISTS.items():
        headers = {"Authorization": f"Bearer {token_of(url, logins[role])}"}
        with httpx.Client(base_url=url, headers=headers) as client:
            for path in lists:
                rows = client.get(path, params={"limit": MOST}).raise_for_status().json()["data"]
                for name, value in _named(path.rpartition("/")[2], rows):
                    found.setdefault(name, {})[value] = None
    return ((name, [*values]) for name, values in found.items())


def _named(resource: str, rows: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for row in rows:
        for name in KEYS & row.keys():
            if row[name] is not None:
                yield name, row[name]
        if row.get("id") is not None:
            yield "record_id", str(row["id"])
            if resource in _IDS:
                yield _IDS[resource], str(row["id"])
