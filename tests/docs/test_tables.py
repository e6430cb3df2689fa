"""Tables in the pages that repeat what the code says, compared with the code."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from gateway.roles import EVERYONE, ROLES, SERVICE_SCOPES
from gateway.settings import GatewaySettings
from services.accountability.cases.schemas import LeadRow
from services.accountability.cases.transitions import TRANSITIONS
from services.accountability.codes import MEASURES, TRIGGERS
from services.appraisal.cycles.states import VERBS
from services.appraisal.facts.queries import FACT_IMPORT
from services.appraisal.results.reasons import REASONS
from services.appraisal.rule_sets.rules import Rules
from services.appraisal.scores.queries import SCORE_IMPORT
from services.chassis.codes import CodeList
from services.chassis.settings import ServiceSettings
from services.schools.schools.queries import SCHOOL_IMPORT
from services.schools.staff.models import StaffCreate
from tests.docs.pages import quoted, rows, text_of


def test_roles_and_their_scopes() -> None:
    table = {quoted(cells[0])[0]: cells for cells in rows("docs/security.md", "Who may do what")}
    assert list(table) == [role.value for role in ROLES]
    for role, spec in ROLES.items():
        _, title, level, scopes = table[role.value]
        assert title == f"{spec.title.zh} {spec.title.en}"
        assert level == spec.level
        assert quoted(scopes) == sorted(spec.scopes - EVERYONE)


def test_scopes_of_the_services_themselves() -> None:
    text = text_of("docs/security.md").partition("The services' own clients")[2].split("\n")[0]
    named = [word for word in quoted(text) if ":" in word]
    assert named == sorted(SERVICE_SCOPES - EVERYONE)


def test_settings_and_their_defaults() -> None:
    table = {
        quoted(cells[0])[0].removeprefix("JUNHENG_").lower(): quoted(cells[1])
        for cells in rows("docs/operations.md", "Settings")
    }
    fields = {
        name: field
        for name, field in GatewaySettings.model_fields.items()
        if not isinstance(field.default, SecretStr)
    }
    assert set(table) == {*fields, "secrets_dir"}
    for name, field in fields.items():
        expected = [
            f"{field.default:.1f}" if field.annotation is float else str(field.default).lower()
        ]
        if name == "max_body_bytes":
            expected.insert(0, str(ServiceSettings.model_fields[name].default))
        assert [value.lower() for value in table[name]] == expected or float(
            table[name][0]
        ) == float(field.default)


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("schools", SCHOOL_IMPORT.row),
        ("staff", StaffCreate),
        ("facts", FACT_IMPORT.row),
        ("scores", SCORE_IMPORT.row),
        ("cases", LeadRow),
    ],
)
def test_columns_of_imports(heading: str, row: type[BaseModel]) -> None:
    table = {quoted(cells[0])[0]: cells for cells in rows("docs/importing.md", heading)}
    assert set(table) == set(row.model_fields)
    for name, field in row.model_fields.items():
        _, title, required, _ = table[name]
        assert (title, required == "•") == (field.title, field.is_required())


def test_rules_and_their_defaults() -> None:
    founding = Rules().model_dump()
    named = set()
    for _, default, fields, _ in rows("docs/appraisal-rules.md", "规则 · The rules"):
        for path in quoted(fields):
            value: Any = founding
            for part in path.split("."):
                value = value[part]
            named.add(path)
            if isinstance(value, Decimal | int) and not isinstance(value, bool):
                assert default.removesuffix(" %") == str(value)
            elif isinstance(value, str):
                assert quoted(default) == [value]
    weights = {"德": "virtue", "能": "ability", "勤": "diligence", "绩": "achievement"}
    text = text_of("docs/appraisal-rules.md")
    for label, name in (weights | {"廉": "integrity"}).items():
        assert f"{label} {founding['dimensions'][name]}" in text
    assert {path.partition(".")[0] for path in named} == set(founding)


def test_reasons() -> None:
    heading = "理由代码 · Reason codes"
    assert [quoted(cells[0])[0] for cells in rows("docs/appraisal-rules.md", heading)] == [*REASONS]


def test_states_of_a_year() -> None:
    table = {
        (quoted(state)[0], quoted(verb)[0].removeprefix(":"), quoted(target)[0])
        for state, verb, target, _ in rows(
            "docs/appraisal-rules.md", "年度的状态 · States of a year"
        )
    }
    assert table == {
        (state, verb, target) for verb, (states, target) in VERBS.items() for state in states
    }


def test_states_of_a_case() -> None:
    table = {
        quoted(verb)[0]: (frozenset(quoted(sources)), quoted(target)[0])
        for verb, sources, target, *_ in rows(
            "docs/accountability.md", "状态与操作 · States and verbs"
        )
    }
    assert table == {
        verb: (transition.sources, transition.target) for verb, transition in TRANSITIONS.items()
    }


@pytest.mark.parametrize(
    ("heading", "codes"), [("情形 · Triggers", TRIGGERS), ("措施 · Measures", MEASURES)]
)
def test_codes_of_cases(heading: str, codes: CodeList) -> None:
    table = {quoted(code)[0]: rest for code, *rest in rows("docs/accountability.md", heading)}
    assert table == {code: [label.zh, label.en] for code, label in codes.labels.items()}


def test_who_may_do_what_with_cases() -> None:
    heading = "谁可以做什么 · Who may do what"
    for role, scopes in rows("docs/accountability.md", heading):
        spec = ROLES[next(role_ for role_ in ROLES if role_.value == quoted(role)[0])]
        assert set(quoted(scopes)) == {s for s in spec.scopes if s.startswith("cases:")}
