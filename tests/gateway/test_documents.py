"""The merged document and the page that shows it."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from gateway.documents.merge import merge
from gateway.documents.page import ASSETS

SERVICES = ("schools", "appraisal", "accountability")


@pytest.fixture(scope="session")
def merged(app: FastAPI) -> dict[str, Any]:
    """All four documents, merged as the gateway merges them."""
    from importlib import import_module

    documents = {name: import_module(f"services.{name}.main").app.openapi() for name in SERVICES}
    return merge(app.openapi(), documents)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


@pytest.mark.quick("gateway.documents")
def test_every_reference_leads_somewhere(merged: dict[str, Any]) -> None:
    for reference in references(merged):
        _, _, kind, name = reference.split("/")
        assert name in merged["components"][kind], reference


def test_every_schema_is_a_schema(merged: dict[str, Any]) -> None:
    for schema in merged["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_operation_ids_are_unique_and_paths_are_the_gateways(merged: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _path, _method, operation in operations(merged)]
    assert len(set(ids)) == len(ids)
    for service in SERVICES:
        assert any(path.startswith(f"/{service}/v1/") for path in merged["paths"])
    assert not any(re.match(r"/\w+/(livez|readyz|metrics|v1/clock)$", p) for p in merged["paths"])
    assert merged["openapi"].startswith("3.1")


def test_schemas_of_services_do_not_collide_and_problem_is_shared(merged: dict[str, Any]) -> None:
    names = merged["components"]["schemas"].keys()
    assert {"Problem", "ProblemFault", "SchoolsStaffRead", "AccountRead"} <= names
    assert not [name for name in names if name.endswith("Problem") and name != "Problem"]


def test_every_guarded_operation_names_its_scopes(merged: dict[str, Any]) -> None:
    schemes = merged["components"]["securitySchemes"]
    for path, method, operation in operations(merged):
        for requirement in operation.get("security", []):
            assert requirement.keys() <= schemes.keys()
        if operation.get("security"):
            assert operation["x-scopes"], f"{method} {path}"
            for scope in operation["x-scopes"]:
                assert f"`{scope}`" in operation["description"]
        elif path.startswith(tuple(f"/{service}/" for service in SERVICES)):
            pytest.fail(f"{method} {path} asks for no token")


def test_merging_again_gives_the_same(app: FastAPI, merged: dict[str, Any]) -> None:
    own = app.openapi()
    assert merge(own, {}) == merge(own, {}), "the gateway's own document is not changed"


async def test_services_that_are_down_are_named(http: httpx.AsyncClient) -> None:
    answer = await http.get("/openapi.json")
    assert answer.status_code == 200
    document = answer.json()
    assert {"appraisal", "accountability"} <= set(document["x-unavailable-services"])
    assert "/v1/login" in document["paths"]


@pytest.mark.parametrize(
    ("lang", "code", "words"), [("zh", "zh-CN", "登录"), ("en", "en", "Log in")]
)
async def test_the_page_needs_nothing_from_elsewhere(
    http: httpx.AsyncClient, lang: str, code: str, words: str
) -> None:
    first, second = await http.get("/docs"), await http.get(f"/docs?lang={lang}")
    assert first.headers["content-type"].startswith("text/html")
    policy = first.headers["content-security-policy"]
    assert policy != second.headers["content-security-policy"], "a nonce is used once"
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    assert first.text.count(f'<script nonce="{nonce[1]}"') == first.text.count("<script")
    assert f'<html lang="{code}">' in second.text
    assert words in second.text
    assert "http://" not in first.text
    assert "https://" not in first.text
    links = re.findall(r'(?:src|href)="(docs/assets/[^"]+)"', first.text)
    assert len(links) == len(ASSETS)
    for link in links:
        answer = await http.get(f"/{link}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == ASSETS[link.rpartition("/")[2]]
    assert (await http.get("/docs/assets/__init__.py")).status_code == 404


async def test_the_root_leads_to_the_documentation(http: httpx.AsyncClient) -> None:
    browser = await http.get("/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (browser.status_code, browser.headers["location"]) == (302, "docs")
    links = (await http.get("/", headers={"Accept": "application/json"})).json()
    for path in (links["documentation"], links["openapi"], links["openid_configuration"]):
        assert (await http.get(path)).status_code == 200
    assert (await http.get(links["health"])).status_code in (200, 503)


async def test_the_introduction_is_in_the_readers_language(http: httpx.AsyncClient) -> None:
    chinese = (await http.get("/openapi.json")).json()["info"]["description"]
    english = (await http.get("/openapi.json?lang=en")).json()["info"]["description"]
    by_header = await http.get("/openapi.json", headers={"Accept-Language": "en"})
    assert "登录" in chinese
    assert "Login" in english
    assert by_header.json()["info"]["description"] == english
    assert "Accept-Language" in by_header.headers["vary"]
    assert (await http.get("/docs?lang=fr")).status_code == 422


async def test_summaries_are_in_one_language(http: httpx.AsyncClient) -> None:
    chinese = (await http.get("/openapi.json?lang=zh")).json()
    english = (await http.get("/openapi.json?lang=en")).json()
    of_login = [one["paths"]["/v1/login"]["post"]["summary"] for one in (chinese, english)]
    assert of_login == ["登录", "Log in"]
    han = re.compile("[\u4e00-\u9fff]")
    for document, is_chinese in ((chinese, True), (english, False)):
        for item in document["paths"].values():
            for operation in item.values():
                assert bool(han.search(operation["summary"])) is is_chinese, operation["summary"]
        for tag in document["tags"]:
            assert bool(han.search(tag["description"])) is is_chinese
    assert chinese["paths"].keys() == english["paths"].keys()
