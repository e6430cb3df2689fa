"""The school registry: bureaus, schools and staff (学校登记)."""

from typing import Any

from services.chassis.app import create_app
from services.chassis.codes import code_list_router
from services.chassis.jobs import Jobs
from services.chassis.pii import KeyRing
from services.chassis.settings import read_secret
from services.schools import codes
from services.schools.bureaus.router import router as bureaus
from services.schools.schools.router import router as schools
from services.schools.staff.router import router as staff

jobs = Jobs()


def prepare(state: Any) -> None:
    """Give the service its keys for personal data.

    Raises:
        RuntimeError: the secret `pii_keys` is missing.
    """
    document = read_secret("pii_keys")
    if not document:
        raise RuntimeError("the secret pii_keys is missing: see docs/operations.md, Secrets")
    state.key_ring = KeyRing.from_json(document)


app = create_app(
    "schools",
    "Junheng schools 学校登记",
    [bureaus, schools, staff, code_list_router(*codes.ALL)],
    jobs=jobs,
    prepare=prepare,
)
