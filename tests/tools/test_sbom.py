import json
from typing import Any

import pytest
from cyclonedx.output.json import JsonV1Dot6

from tools.locked import RUNTIME_LOCK, read_lock
from tools.sbom import bill_of_materials


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The bill of materials."""
    found: dict[str, Any] = json.loads(JsonV1Dot6(bill_of_materials()).output_as_string())
    return found


def test_it_lists_exactly_what_is_delivered(document: dict[str, Any]) -> None:
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    listed = {(one["name"], one["version"]) for one in document["components"]}
    assert listed == {(one.name, one.version) for one in read_lock(RUNTIME_LOCK)}


def test_every_component_has_a_package_url_hashes_and_a_licence(document: dict[str, Any]) -> None:
    for component in document["components"]:
        assert component["purl"].startswith("pkg:pypi/")
        assert all(one["alg"] == "SHA-256" for one in component["hashes"])
        if component["name"] != "colorama":  # for Windows: not installed elsewhere
            assert component["licenses"][0]["expression"]


def test_the_dependencies_of_each_component_are_listed(document: dict[str, Any]) -> None:
    graph = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    fastapi = next(ref for ref in graph if ref.startswith("pkg:pypi/fastapi@"))
    assert any(ref.startswith("pkg:pypi/starlette@") for ref in graph[fastapi])
    assert fastapi in graph[document["metadata"]["component"]["bom-ref"]]
