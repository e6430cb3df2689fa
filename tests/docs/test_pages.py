"""What the pages name exists: links, files, settings, commands, routes, problem codes."""

import re
from functools import cache
from pathlib import Path

import pytest

import dev
from deploy.local.options import DEFAULT_PORTS, port_setting
from deploy.local.secrets import GENERATORS
from gateway.settings import GatewaySettings
from services.chassis.core.settings import FileSettings
from services.chassis.exports.kind import EXPORTS
from services.chassis.imports.engine.kind import IMPORTS
from tests.architecture.processes import all_routes
from tests.docs.pages import (
    PAGES,
    ROOT,
    anchors,
    blocks,
    links,
    name_of,
    without_blocks,
)
from tests.docs.test_tables import codes_of

pytestmark = pytest.mark.quick

each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)
SOURCES = [
    file
    for folder in ("client", "deploy", "gateway", "services")
    for file in sorted((ROOT / folder).rglob("*.py"))
]
METHOD = r"(?:(?P<method>GET|POST|PUT|PATCH|DELETE) )?"
PLACE = (
    r"(?P<path>/(?:(?:schools|appraisal|accountability)/)?(?:v1|oauth|\.well-known)/[^\s`'\"\\|)]+)"
)
ROUTE = re.compile(METHOD + PLACE)


@cache
def source() -> str:
    """The whole source of the project."""
    return "\n".join(file.read_text("utf-8") for file in SOURCES)


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        address, _, anchor = link.partition("#")
        assert "://" not in address, "pages lead to pages of this project only"
        target = (page.parent / address).resolve() if address else page
        assert target.is_file(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in anchors(target), link


@each_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    for name in re.findall(r"`([\w/.-]+/(?:[\w.-]+\.\w+)?)`", without_blocks(page)):
        if not name.startswith(("/", ".", "pginstall")):
            assert (ROOT / name).exists(), name


@each_page
def test_every_setting_that_is_named_exists(page: Path) -> None:
    settings = {
        field.upper() for kind in (GatewaySettings, FileSettings) for field in kind.model_fields
    }
    known = {f"JUNHENG_{name}" for name in settings | {name.upper() for name in GENERATORS}}
    known |= {port_setting(name) for name in DEFAULT_PORTS}
    known |= set(re.findall(r"\bJUNHENG_[A-Z_]*[A-Z]\b", source()))
    # The command line makes its variables' names from those of its options.
    known |= {f"JUNHENG_{name}" for name in re.findall(r'_variable\("([A-Z_]+)"', source())}
    named = set(re.findall(r"\bJUNHENG_[A-Z_]*[A-Z]\b", page.read_text("utf-8")))
    assert named <= known


@each_page
def test_every_secret_file_that_is_named_exists(page: Path) -> None:
    for name in re.findall(r"`junheng_([a-z_]+)`", page.read_text("utf-8")):
        is_metric = f'"junheng_{name}"' in source()
        assert is_metric or name in GENERATORS, name


@each_page
def test_every_command_of_dev_exists(page: Path) -> None:
    named = re.findall(r"dev\.py ([a-z]+)", page.read_text("utf-8"))
    assert set(named) <= set(dev.COMMANDS)


@each_page
def test_modules_that_are_started_by_name_exist(page: Path) -> None:
    for module in re.findall(r"-m ([a-z_]+(?:\.[a-z_]+)+)", page.read_text("utf-8")):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


@each_page
def test_every_route_that_is_named_exists(page: Path) -> None:
    known = {
        (route.method, _shape(prefix + route.path))
        for route in all_routes()
        for prefix in ["" if route.process == "gateway" else f"/{route.process}"]
    }
    paths = {path for _, path in known}
    text = without_blocks(page) + "".join(blocks(page, "bash", "python", "text"))
    for found in ROUTE.finditer(text):
        path = _shape(found["path"])
        # The example of a feature is a service of the tests.
        is_example = path.startswith("/v1/repairs")
        if "…" in path or "<" in path or path.endswith("/v1") or is_example:
            continue
        assert path in paths, found[0]
        assert not found["method"] or (found["method"], path) in known, found[0]


def _shape(path: str) -> str:
    """A path with its parameters made equal, and without query and full stop."""
    bare = re.split(r"[?,;]", path.rstrip(".:,;。，；"))[0]
    return re.sub(r"\{\w+\}|\$\w+|(?<=/results/)\w+|(?<=/import-templates/)\w+", "{}", bare)


@each_page
def test_every_problem_code_that_is_named_exists(page: Path) -> None:
    areas = (
        "platform|auth|gateway|schools|appraisal|accountability|import|export|id_number|case|school"
    )
    kinds = (IMPORTS, EXPORTS)
    of_operations = {name for kind in kinds for name in (*codes_of(kind), kind.run_job)}
    for code in re.findall(rf"`(?:\d+ )?((?:{areas})\.[a-z_]+)`", page.read_text("utf-8")):
        if not code.endswith(".py"):
            assert f'"{code}"' in source() or code in of_operations, code


@each_page
def test_pages_name_no_place_of_a_developers_machine(page: Path) -> None:
    text = page.read_text("utf-8")
    assert not re.search(r"(?<![\w.])/(?:work|tmp|home|root|Users)\b", text)
    assert "TODO" not in text
