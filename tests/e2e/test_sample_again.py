"""A second `up --sample` leaves records unchanged that people have changed or removed."""

from collections.abc import Iterator
from typing import Any

import pytest

from client.accounts import SECURITY_ADMIN, SYSTEM_ADMIN, Login
from client.api import JunhengClient
from client.credentials import PasswordLogin
from client.problems import Problem
from client.resources import CYCLES
from client.sample.county import sample_county
from client.samples import prepare_platform
from client.text import Text
from deploy.local.runner import Platform
from deploy.local.secrets import BOOTSTRAP_PASSWORD, read_secret

COUNTY = sample_county(schools=3, points=1, staff=60)
SCHOOLS, STAFF = "/schools/v1/schools", "/schools/v1/staff"


class Sample:
    """The sample bureau of a platform."""

    def __init__(self, platform: Platform) -> None:
        self.url = platform.options.url("gateway")
        self.password = read_secret(platform.options.secrets, BOOTSTRAP_PASSWORD)
        self.logins: list[Login] = []

    def load(self) -> list[str]:
        """Load like `up --sample`; returns the notices about unchanged records."""
        said: list[str] = []

        def notify(text: Text, params: Any) -> None:
            words = {k: v.en if isinstance(v, Text) else v for k, v in params.items()}
            said.append(text.render("en", **words))

        self.logins = prepare_platform(self.url, self.password, sample=True, notify=notify)
        return said

    def as_(self, name: str) -> JunhengClient:
        """Somebody of the platform or the bureau."""
        login = next(login for login in self.logins if login.role == name)
        return JunhengClient(self.url, login.credentials)


@pytest.fixture(scope="module")
def sample(platform: Platform) -> Iterator[Sample]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("client.samples.sample_county", lambda: COUNTY)
        made = Sample(platform)
        assert made.load() == [], "the first load finds nothing to leave unchanged"
        yield made


def everything(client: JunhengClient, cycle: str) -> list[Any]:
    paths = (SCHOOLS, STAFF, f"{CYCLES}/{cycle}/participation-records", f"{CYCLES}/{cycle}/scores")
    return [list(client.iterate(path)) for path in paths]


def cycle_of(client: JunhengClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{CYCLES}/by-key/{COUNTY.year}")
    return found


def test_loading_again_changes_nothing(sample: Sample) -> None:
    admin = sample.as_("bureau_admin")
    cycle = cycle_of(admin)
    assert cycle["state"] == "scoring"
    before = everything(admin, cycle["id"])
    assert [len(rows) for rows in before] == [
        len(rows)
        for rows in (COUNTY.schools, COUNTY.staff, COUNTY.participation_records, COUNTY.scores)
    ]
    assert sample.load() == []
    assert everything(admin, cycle["id"]) == before
    assert cycle_of(admin) == cycle


def test_what_people_changed_stays(sample: Sample) -> None:
    admin = sample.as_("bureau_admin")
    cycle = cycle_of(admin)
    of_cycle = f"{CYCLES}/{cycle['id']}"
    school, person = COUNTY.schools[0]["school_code"], COUNTY.staff[5]["staff_no"]
    admin.patch(f"{SCHOOLS}/by-key/{school}", {"name": "改名小学", "status": "closed"})
    admin.patch(f"{STAFF}/by-key/{person}", {"duty": "副校长"})
    record = next(iter(admin.iterate(f"{of_cycle}/participation-records")))
    admin.delete(f"{of_cycle}/participation-records/{record['id']}")
    score = next(iter(admin.iterate(f"{of_cycle}/scores")))
    body = {name: score[name] for name in COUNTY.scores[0] if name != "staff_no"} | {"virtue": 1}
    admin.put(f"{of_cycle}/scores/{score['staff_no']}", body)
    own = {"school_code": "2162999998", "name": "自建小学", "school_type": "211"}
    admin.post(SCHOOLS, own | {"area_type": "121"})
    before = everything(admin, cycle["id"])
    assert sample.load() == [
        "schools: 0 added; 1 changed and 0 removed since, left unchanged",
        "staff: 0 added; 1 changed and 0 removed since, left unchanged",
        "participation records: 0 added; 0 changed and 1 removed since, left unchanged",
        "scores: 0 added; 1 changed and 0 removed since, left unchanged",
    ]
    assert everything(admin, cycle["id"]) == before


def test_roles_and_the_year_stay_as_people_left_them(sample: Sample) -> None:
    secadmin = JunhengClient(sample.url, PasswordLogin(SECURITY_ADMIN, sample.password))
    sysadmin = JunhengClient(sample.url, PasswordLogin(SYSTEM_ADMIN, sample.password))
    bureau = COUNTY.bureau.bureau_code
    secadmin.put(f"/v1/accounts/supervisor@{bureau}/roles", {"roles": []})
    admin = sample.as_("bureau_admin")
    cycle = cycle_of(admin)
    admin.post(f"{CYCLES}/{cycle['id']}:determine")
    determined = cycle_of(admin)
    said = sample.load()
    assert any(f"supervisor@{bureau}: changed since" in line for line in said)
    assert (
        f"the appraisal of {COUNTY.year} is determined and is left unchanged; "
        "no participation records are added" in said
    )
    assert sysadmin.get(f"/v1/accounts/supervisor@{bureau}")["roles"] == []
    assert cycle_of(admin) == determined
    secadmin.put(f"/v1/accounts/admin@{bureau}/roles", {"roles": []})
    said = sample.load()
    assert any("cannot load the sample" in line for line in said)
    with pytest.raises(Problem, match="missing_scope"):
        next(iter(sample.as_("bureau_admin").iterate(SCHOOLS)))
