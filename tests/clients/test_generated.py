"""Clients that three common generators write from the merged document, and their compilers."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from gateway.documents.merge import merge
from tests.architecture.snapshots import agreed
from tests.clients.npm import node, packages, run

_GENERATE_PYTHON = "from openapi_python_client.cli import app; app()"
# The generator (0.29) leaves out an import where a body has two media types, as in these modules.
_DEFECTIVE = re.compile(r'_create_import\.py:\d+: error: Name "Unset" is not defined')
_TSC = ("--strict", "--noEmit", "--target", "es2022", "--module", "esnext")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document that the gateway serves."""
    services = {name: agreed(name) for name in ("schools", "appraisal", "accountability")}
    return merge(agreed("gateway"), services)


@pytest.fixture(scope="module")
def folder(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the document and the packages for Node.js."""
    made = tmp_path_factory.mktemp("clients")
    (made / "openapi.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    (made / "node_modules").symlink_to(packages() / "node_modules")
    (made / "package.json").write_text('{"type": "module"}', "utf-8")
    return made


def operation_ids(document: dict[str, Any]) -> list[str]:
    """The name of every operation."""
    return [one["operationId"] for item in document["paths"].values() for one in item.values()]


def require_all(found: Iterable[str], document: dict[str, Any]) -> None:
    """Each operation is there once, as the words of its name in lower case."""
    plain = Counter(name.replace("_", "").lower() for name in found)
    assert plain == Counter(name.replace("_", "").lower() for name in operation_ids(document))


def test_openapi_typescript_has_every_operation(document: dict[str, Any], folder: Path) -> None:
    cli = "node_modules/openapi-typescript/bin/cli.js"
    node(folder, cli, "openapi.json", "-o", "types.d.ts")
    text = (folder / "types.d.ts").read_text("utf-8")
    operations = text.partition("export interface operations {\n")[2].partition("\n}")[0]
    require_all(re.findall(r"^    (\w+): \{", operations, re.M), document)
    node(folder, "node_modules/typescript/bin/tsc", *_TSC, "types.d.ts")


def test_hey_api_has_every_operation(document: dict[str, Any], folder: Path) -> None:
    cli = "node_modules/@hey-api/openapi-ts/bin/run.js"
    node(folder, cli, "-i", "openapi.json", "-o", "hey", "-c", "@hey-api/client-fetch")
    text = (folder / "hey" / "sdk.gen.ts").read_text("utf-8")
    require_all(re.findall(r"^export const (\w+) = <", text, re.M), document)
    resolution = ("--moduleResolution", "bundler")
    node(folder, "node_modules/typescript/bin/tsc", *_TSC, *resolution, "hey/index.ts")


def test_openapi_python_client_has_every_operation(document: dict[str, Any], folder: Path) -> None:
    options = ("--path", "openapi.json", "--output-path", "generated", "--meta", "none")
    run(folder, sys.executable, "-c", _GENERATE_PYTHON, "generate", *options)
    modules = (folder / "generated" / "api").glob("*/*.py")
    require_all([one.stem for one in modules if one.stem != "__init__"], document)
    strict = ("--strict", "--no-error-summary", "--cache-dir", str(folder / "cache"))
    check = f"import sys; from mypy import api; print(api.run({[*strict, '-p', 'generated']})[0])"
    faults = run(folder, sys.executable, "-c", check).split("\n")
    assert [fault for fault in faults if "error:" in fault and not _DEFECTIVE.search(fault)] == []
