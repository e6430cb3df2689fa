"""Verification of every service's audit trail against its seals."""

from collections.abc import Mapping
from dataclasses import dataclass

from client.api import JunhengClient

# The gateway's own trail first, then the services'.
TRAILS = {
    "gateway": "/v1/audit:verify",
    "schools": "/schools/v1/audit:verify",
    "appraisal": "/appraisal/v1/audit:verify",
    "accountability": "/accountability/v1/audit:verify",
}


@dataclass(frozen=True)
class Fault:
    """The first entry of a trail that does not match its seal."""

    kind: str
    id: int
    at: str | None
    resource: str | None
    key: str | None


@dataclass(frozen=True)
class Trail:
    """Result of verifying one service's trail."""

    service: str
    sealed_rows: int
    seals: int
    head: str
    fault: Fault | None

    @property
    def is_intact(self) -> bool:
        """Whether no entry was altered, removed or inserted."""
        return self.fault is None


def verify_audit(client: JunhengClient, recorded: Mapping[str, str]) -> list[Trail]:
    """Have every service verify its trail; requires the role `auditor`.

    Args:
        client: client of the auditor.
        recorded: heads of an earlier verification by service, which the trails must still contain.
    """
    return [
        _verify(client, service, path, recorded.get(service)) for service, path in TRAILS.items()
    ]


def _verify(client: JunhengClient, service: str, path: str, since: str | None) -> Trail:
    answer = client.post(path, {"since": since} if since else None)
    found = answer["first_fault"]
    fault = Fault(**{name: found[name] for name in Fault.__dataclass_fields__}) if found else None
    return Trail(service, answer["sealed_rows"], answer["seals"], answer["head"], fault)
