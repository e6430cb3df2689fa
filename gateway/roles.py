"""The ten roles, each a named set of scopes. This is their only source.

The last three are separated (三员分立): the system administrator creates accounts but grants no
roles, the security administrator grants but creates no accounts, the auditor reads; and none of
them sees schools, staff or results.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.chassis.core.text import Text


class Role(StrEnum):
    """Every role of the platform."""

    BUREAU_ADMIN = "bureau_admin"
    BUREAU_LEADER = "bureau_leader"
    SUPERVISOR = "supervisor"
    SCHOOL_HEAD = "school_head"
    SCHOOL_OFFICER = "school_officer"
    STAFF = "staff"
    INTEGRATION = "integration"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"


class Level(StrEnum):
    """Kind of caller that can hold a role."""

    BUREAU = "bureau"
    CLIENT = "client"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """Title, level and scopes of a role."""

    title: Text
    level: Level
    scopes: frozenset[str]


# Every token allows reading code lists and the caller's own account.
EVERYONE = frozenset({"codes:read"})


def _spec(title: Text, level: Level, scopes: str) -> RoleSpec:
    return RoleSpec(title, level, frozenset(scopes.split()) | EVERYONE)


ROLES: dict[Role, RoleSpec] = {
    Role.BUREAU_ADMIN: _spec(
        Text("局管理员", "Bureau administrator"),
        Level.BUREAU,
        "bureaus:read schools:read schools:write staff:read staff:write staff:pii rule_sets:read "
        "rule_sets:write cycles:read cycles:write participants:read participation_records:read "
        "participation_records:write scores:read scores:write results:read results:determine "
        "directives:read corrections:read calendar:read calendar:write cases:read cases:write "
        "cases:review cases:execute own_cases:read own_cases:write changes:read imports:write",
    ),
    Role.BUREAU_LEADER: _spec(
        Text("局领导小组", "Bureau leader"),
        Level.BUREAU,
        "bureaus:read schools:read staff:read rule_sets:read cycles:read cycles:confirm "
        "participants:read participation_records:read scores:read results:read directives:read "
        "corrections:read corrections:decide calendar:read cases:read cases:decide "
        "own_cases:read own_cases:write",
    ),
    Role.SUPERVISOR: _spec(
        Text("督学", "Supervisor"),
        Level.BUREAU,
        "bureaus:read schools:read staff:read cycles:read results:read calendar:read "
        "cases:read cases:write own_cases:read own_cases:write imports:write",
    ),
    Role.SCHOOL_HEAD: _spec(
        Text("校长", "Head of school"),
        Level.BUREAU,
        "schools:read staff:read cycles:read participants:read participation_records:read "
        "scores:read results:read calendar:read cases:read cases:write own_cases:read "
        "own_cases:write imports:write",
    ),
    Role.SCHOOL_OFFICER: _spec(
        Text("学校考核办", "School appraisal officer"),
        Level.BUREAU,
        "schools:read staff:read staff:write cycles:read participants:read "
        "participation_records:read participation_records:write scores:read scores:write "
        "results:read calendar:read own_cases:read own_cases:write imports:write",
    ),
    Role.STAFF: _spec(
        Text("教职工", "Member of staff"),
        Level.BUREAU,
        "staff:read cycles:read participants:read scores:read results:read calendar:read "
        "own_cases:read own_cases:write",
    ),
    Role.INTEGRATION: _spec(
        Text("接口", "Integration"),
        Level.CLIENT,
        "schools:read schools:write staff:read staff:write cycles:read participants:read "
        "participation_records:write participation_records:read scores:write scores:read "
        "results:read calendar:read changes:read imports:write",
    ),
    Role.SYSTEM_ADMIN: _spec(
        Text("系统管理员", "System administrator"),
        Level.PLATFORM,
        "bureaus:read bureaus:write accounts:read accounts:write clock:write jobs:read "
        "jobs:write keys:read",
    ),
    Role.SECURITY_ADMIN: _spec(
        Text("安全管理员", "Security administrator"),
        Level.PLATFORM,
        "accounts:read roles:grant clients:read clients:write keys:read keys:rotate",
    ),
    Role.AUDITOR: _spec(
        Text("审计员", "Auditor"), Level.PLATFORM, "accounts:read clients:read audit:read"
    ),
}

# Scopes of each service's client: exactly those of the routes it calls; one bureau per token.
SERVICE_SCOPES = {
    "service-schools": EVERYONE | {"personal_data:read"},
    "service-appraisal": EVERYONE | {"schools:read", "staff:read"},
    "service-accountability": EVERYONE | {"schools:read", "staff:read", "directives:write"},
}

ADMINISTRATORS = frozenset({role for role in ROLES if ROLES[role].level is Level.PLATFORM})


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """All scopes of `roles`."""
    return EVERYONE.union(*(ROLES[Role(role)].scopes for role in roles))
