"""The ten roles, each a named set of scopes. This is their only source.

The last three are separated (三员分立): the system administrator creates accounts but grants no
roles, the security administrator grants but creates no accounts, the auditor reads; and none of
them sees schools, staff or results.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.accounts.scopes import AccountScope
from gateway.clients.scopes import ClientScope
from services.accountability.cases.scopes import CaseScope
from services.accountability.own_cases.scopes import OwnCaseScope
from services.appraisal.calendar.scopes import CalendarScope
from services.appraisal.corrections.scopes import CorrectionScope
from services.appraisal.cycles.scopes import CycleScope
from services.appraisal.directives.scopes import DirectiveScope
from services.appraisal.participants.scopes import ParticipantScope
from services.appraisal.participation_records.scopes import ParticipationRecordScope
from services.appraisal.results.scopes import ResultScope
from services.appraisal.rule_sets.scopes import RuleSetScope
from services.appraisal.scores.scopes import ScoreScope
from services.chassis.core.scopes import PlatformScope
from services.chassis.core.text import Text
from services.schools.bureaus.scopes import BureauScope
from services.schools.schools.scopes import SchoolScope
from services.schools.staff.scopes import StaffScope


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
EVERYONE = frozenset({PlatformScope.CODES_READ})


def _spec(title: Text, level: Level, *scopes: str) -> RoleSpec:
    return RoleSpec(title, level, frozenset(scopes) | EVERYONE)


ROLES: dict[Role, RoleSpec] = {
    Role.BUREAU_ADMIN: _spec(
        Text("局管理员", "Bureau administrator"),
        Level.BUREAU,
        BureauScope.READ,
        SchoolScope.READ,
        SchoolScope.WRITE,
        StaffScope.READ,
        StaffScope.WRITE,
        StaffScope.PII,
        RuleSetScope.READ,
        RuleSetScope.WRITE,
        CycleScope.READ,
        CycleScope.WRITE,
        ParticipantScope.READ,
        ParticipationRecordScope.READ,
        ParticipationRecordScope.WRITE,
        ScoreScope.READ,
        ScoreScope.WRITE,
        ResultScope.READ,
        CycleScope.DETERMINE,
        DirectiveScope.READ,
        CorrectionScope.READ,
        CalendarScope.READ,
        CalendarScope.WRITE,
        CaseScope.READ,
        CaseScope.WRITE,
        CaseScope.REVIEW,
        CaseScope.EXECUTE,
        OwnCaseScope.READ,
        OwnCaseScope.WRITE,
        PlatformScope.CHANGES_READ,
        PlatformScope.IMPORTS_WRITE,
    ),
    Role.BUREAU_LEADER: _spec(
        Text("局领导小组成员", "Bureau leader"),
        Level.BUREAU,
        BureauScope.READ,
        SchoolScope.READ,
        StaffScope.READ,
        RuleSetScope.READ,
        CycleScope.READ,
        CycleScope.CONFIRM,
        ParticipantScope.READ,
        ParticipationRecordScope.READ,
        ScoreScope.READ,
        ResultScope.READ,
        DirectiveScope.READ,
        CorrectionScope.READ,
        CorrectionScope.DECIDE,
        CalendarScope.READ,
        CaseScope.READ,
        CaseScope.DECIDE,
        OwnCaseScope.READ,
        OwnCaseScope.WRITE,
    ),
    Role.SUPERVISOR: _spec(
        Text("督学", "Supervisor"),
        Level.BUREAU,
        BureauScope.READ,
        SchoolScope.READ,
        StaffScope.READ,
        CycleScope.READ,
        ResultScope.READ,
        CalendarScope.READ,
        CaseScope.READ,
        CaseScope.WRITE,
        OwnCaseScope.READ,
        OwnCaseScope.WRITE,
        PlatformScope.IMPORTS_WRITE,
    ),
    Role.SCHOOL_HEAD: _spec(
        Text("校长", "Head of school"),
        Level.BUREAU,
        SchoolScope.READ,
        StaffScope.READ,
        CycleScope.READ,
        ParticipantScope.READ,
        ParticipationRecordScope.READ,
        ScoreScope.READ,
        ResultScope.READ,
        CalendarScope.READ,
        CaseScope.READ,
        CaseScope.WRITE,
        OwnCaseScope.READ,
        OwnCaseScope.WRITE,
        PlatformScope.IMPORTS_WRITE,
    ),
    Role.SCHOOL_OFFICER: _spec(
        Text("学校考核办", "School appraisal officer"),
        Level.BUREAU,
        SchoolScope.READ,
        StaffScope.READ,
        StaffScope.WRITE,
        CycleScope.READ,
        ParticipantScope.READ,
        ParticipationRecordScope.READ,
        ParticipationRecordScope.WRITE,
        ScoreScope.READ,
        ScoreScope.WRITE,
        ResultScope.READ,
        CalendarScope.READ,
        OwnCaseScope.READ,
        OwnCaseScope.WRITE,
        PlatformScope.IMPORTS_WRITE,
    ),
    Role.STAFF: _spec(
        Text("教职工", "Member of staff"),
        Level.BUREAU,
        StaffScope.READ,
        CycleScope.READ,
        ParticipantScope.READ,
        ScoreScope.READ,
        ResultScope.READ,
        CalendarScope.READ,
        OwnCaseScope.READ,
        OwnCaseScope.WRITE,
    ),
    Role.INTEGRATION: _spec(
        Text("接口", "Integration"),
        Level.CLIENT,
        SchoolScope.READ,
        SchoolScope.WRITE,
        StaffScope.READ,
        StaffScope.WRITE,
        CycleScope.READ,
        ParticipantScope.READ,
        ParticipationRecordScope.WRITE,
        ParticipationRecordScope.READ,
        ScoreScope.WRITE,
        ScoreScope.READ,
        ResultScope.READ,
        CalendarScope.READ,
        PlatformScope.CHANGES_READ,
        PlatformScope.IMPORTS_WRITE,
    ),
    Role.SYSTEM_ADMIN: _spec(
        Text("系统管理员", "System administrator"),
        Level.PLATFORM,
        BureauScope.READ,
        BureauScope.WRITE,
        AccountScope.READ,
        AccountScope.WRITE,
        PlatformScope.CLOCK_WRITE,
        PlatformScope.JOBS_READ,
        PlatformScope.JOBS_WRITE,
        PlatformScope.KEYS_READ,
    ),
    Role.SECURITY_ADMIN: _spec(
        Text("安全管理员", "Security administrator"),
        Level.PLATFORM,
        AccountScope.READ,
        AccountScope.GRANT_ROLES,
        ClientScope.READ,
        ClientScope.WRITE,
        PlatformScope.KEYS_READ,
        PlatformScope.KEYS_ROTATE,
    ),
    Role.AUDITOR: _spec(
        Text("审计员", "Auditor"),
        Level.PLATFORM,
        AccountScope.READ,
        ClientScope.READ,
        PlatformScope.AUDIT_READ,
    ),
}

# Scopes of each service's client: exactly those of the routes it calls; one bureau per token.
SERVICE_SCOPES = {
    "service-schools": EVERYONE | {PlatformScope.PERSONAL_DATA_READ},
    "service-appraisal": EVERYONE | {SchoolScope.READ, StaffScope.READ},
    "service-accountability": EVERYONE | {SchoolScope.READ, StaffScope.READ, DirectiveScope.WRITE},
}

ADMINISTRATORS = frozenset({role for role in ROLES if ROLES[role].level is Level.PLATFORM})


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """All scopes of `roles`."""
    return EVERYONE.union(*(ROLES[Role(role)].scopes for role in roles))
