"""Tables in the pages that repeat what the code says, compared with the code.

The Chinese pages contain the code of the English ones (`test_twins.py`); only words that the code
has in both languages are compared here in both.
"""

import re
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from client import exit_codes
from gateway.roles import EVERYONE, ROLES, SERVICE_SCOPES
from gateway.settings import GatewaySettings
from services.accountability import features as accountability
from services.accountability.cases.transitions import CASE_PROCEDURE
from services.accountability.codes import MEASURES, TRIGGERS
from services.appraisal import features as appraisal
from services.appraisal.cycles.states import CYCLE_PROCEDURE
from services.appraisal.results.reasons import REASONS
from services.appraisal.rule_sets.rules import Rules
from services.chassis.core.settings import FileSettings
from services.chassis.exports.kind import EXPORTS
from services.chassis.imports.declaration.spec import ImportSpec
from services.chassis.imports.engine.kind import IMPORTS as IMPORT_KIND
from services.chassis.operations.kind import OperationKind
from services.chassis.schemas.codes import CodeList
from services.schools import features as schools
from tests.bench.__main__ import benchmarks
from tests.docs.pages import ROOT, PageLanguage, quoted, rows, twin_of

pytestmark = pytest.mark.quick

IMPORTING = {one.name: one for one in (schools.SERVICE, appraisal.SERVICE, accountability.SERVICE)}
IMPORTS = [(name, spec) for name, part in IMPORTING.items() for spec in part.import_specs()]

each_language = pytest.mark.parametrize("language", ["en", "zh"])


@each_language
def test_roles_and_their_scopes(language: PageLanguage) -> None:
    found = rows("docs/security.md", "Who may do what", language)
    table = {quoted(cells[0])[0]: cells for cells in found}
    assert list(table) == [role.value for role in ROLES]
    for role, spec in ROLES.items():
        _, title, level, scopes = table[role.value]
        if language == "zh":
            assert title == spec.title.zh
        else:
            assert title == f"{spec.title.zh} {spec.title.en}"
            assert level == spec.level
        assert quoted(scopes) == sorted(spec.scopes - EVERYONE)


def test_scopes_of_the_services_themselves() -> None:
    table = {
        quoted(cells[0])[0]: quoted(cells[1])
        for cells in rows("docs/security.md", "What services may do")
    }
    assert table == {name: sorted(scopes - EVERYONE) for name, scopes in SERVICE_SCOPES.items()}


def test_settings_and_their_defaults() -> None:
    table = {
        quoted(cells[0])[0].removeprefix("JUNHENG_").lower(): quoted(cells[1])
        for cells in rows("docs/operations.md", "Settings")
    }
    fields = {
        name: field
        for name, field in (FileSettings.model_fields | GatewaySettings.model_fields).items()
        if not isinstance(field.default, SecretStr)
    }
    assert set(table) == {*fields, "secrets_dir"}
    for name, field in fields.items():
        expected = [
            f"{field.default:.1f}" if field.annotation is float else str(field.default).lower()
        ]
        assert [value.lower() for value in table[name]] == expected or float(
            table[name][0]
        ) == float(field.default)


def test_what_is_imported_where() -> None:
    table = [
        (quoted(name)[0], quoted(path)[0], quoted(within), quoted(scope))
        for name, path, within, scope in rows("docs/importing.md", "Importing")
    ]
    assert table == [
        (spec.resource, f"/{service}/v1/imports", [*spec.within], [spec.scope])
        for service, spec in IMPORTS
    ]


@each_language
@pytest.mark.parametrize(
    "spec", [spec for _, spec in IMPORTS], ids=[spec.resource for _, spec in IMPORTS]
)
def test_columns_of_imports(spec: ImportSpec, language: PageLanguage) -> None:
    found = rows("docs/importing.md", spec.resource, language)
    table = {quoted(cells[0])[0]: cells for cells in found}
    assert set(table) == set(spec.row.model_fields)
    for name, field in spec.row.model_fields.items():
        shown, title, required, _ = table[name]
        assert (title, required == "•") == (field.title, field.is_required())
        assert shown.startswith("**") == (name in spec.key)


def codes_of(kind: OperationKind) -> set[str]:
    """The codes that an operation has because all operations have them."""
    return {problem.code for problem in vars(kind.problems).values()}


def test_every_code_of_imports_is_explained() -> None:
    source = "".join(file.read_text("utf-8") for file in (ROOT / "services").rglob("*.py"))
    known = set(re.findall(r'"(import\.[a-z_]+)"', source)) | codes_of(IMPORT_KIND)
    table = {code for cells in rows("docs/importing.md", "Codes") for code in quoted(cells[0])}
    assert known <= table


def test_what_is_exported_where() -> None:
    table = [
        (quoted(name)[0], quoted(path)[0], quoted(within), quoted(scope))
        for name, path, within, scope in rows("docs/exporting.md", "Exportable lists")
    ]
    assert table == [
        (one.resource, f"/{service}/v1/exports", [*one.within], [one.scope])
        for service, part in IMPORTING.items()
        for one in part.exports
    ]


def test_every_code_of_exports_is_explained() -> None:
    source = "".join(file.read_text("utf-8") for file in (ROOT / "services").rglob("*.py"))
    known = set(re.findall(r'"(export\.[a-z_]+)"', source)) | codes_of(EXPORTS)
    table = {code for cells in rows("docs/exporting.md", "Codes") for code in quoted(cells[0])}
    assert known <= table


def test_every_benchmark_is_named() -> None:
    table = [quoted(cells[0])[0] for cells in rows("docs/development.md", "Benchmarks")]
    assert sorted(table) == benchmarks()


@each_language
def test_exit_codes(language: PageLanguage) -> None:
    listed = {int(cells[0]) for cells in rows("docs/importing.md", "`junheng`", language)}
    known = {value for name, value in vars(exit_codes).items() if name.isupper()}
    assert listed == known


@each_language
def test_rules_and_their_defaults(language: PageLanguage) -> None:
    founding = Rules().model_dump()
    named = set()
    for _, default, fields, _ in rows("docs/appraisal-rules.md", "The rules", language):
        for path in quoted(fields):
            value: Any = founding
            for part in path.split("."):
                value = value[part]
            named.add(path)
            if isinstance(value, Decimal | int) and not isinstance(value, bool):
                assert default.rstrip(" %") == str(value)
            elif isinstance(value, str):
                assert quoted(default) == [value]
    weights = {"德": "virtue", "能": "ability", "勤": "diligence", "绩": "achievement"}
    page = ROOT / "docs/appraisal-rules.md"
    text = (page if language == "en" else twin_of(page)).read_text("utf-8")
    for label, name in (weights | {"廉": "integrity"}).items():
        assert f"{label} {founding['dimensions'][name]}" in text
    assert {path.partition(".")[0] for path in named} == set(founding)


def test_reasons() -> None:
    found = rows("docs/appraisal-rules.md", "Reason codes")
    assert [quoted(cells[0])[0] for cells in found] == [*REASONS]


def test_states_of_a_year() -> None:
    table = {
        (quoted(state)[0], quoted(verb)[0].removeprefix(":"), quoted(target)[0])
        for state, verb, target, _ in rows("docs/appraisal-rules.md", "States of a year")
    }
    assert table == {
        (state, verb.name, verb.target) for verb in CYCLE_PROCEDURE.verbs for state in verb.sources
    }


def test_states_of_a_case() -> None:
    table = {
        quoted(verb)[0]: (frozenset(quoted(sources)), quoted(target)[0])
        for verb, sources, target, *_ in rows("docs/accountability.md", "States and verbs")
    }
    assert table == {
        verb.name: (frozenset(verb.sources), verb.target) for verb in CASE_PROCEDURE.verbs
    }


@each_language
@pytest.mark.parametrize(("heading", "codes"), [("Triggers", TRIGGERS), ("Measures", MEASURES)])
def test_codes_of_cases(heading: str, codes: CodeList, language: PageLanguage) -> None:
    found = rows("docs/accountability.md", heading, language)
    assert {quoted(code)[0]: labels for code, *labels in found} == {
        code: [label.zh] if language == "zh" else [label.zh, label.en]
        for code, label in codes.labels.items()
    }


def test_who_may_do_what_with_cases() -> None:
    for role, scopes in rows("docs/accountability.md", "Who may do what"):
        spec = ROLES[next(role_ for role_ in ROLES if role_.value == quoted(role)[0])]
        assert set(quoted(scopes)) == {s for s in spec.scopes if s.startswith("cases:")}
