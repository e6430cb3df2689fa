"""Every description of the OpenAPI documents is there in Chinese, and reads like Chinese."""

import re
import tomllib
from itertools import chain

import pytest

from services.chassis.openapi.chinese import (
    CHINESE,
    SHARED,
    Catalogue,
    catalogues_in,
    described,
    english,
    parted,
)
from services.chassis.runtime.serve import PROCESSES
from tests.architecture.snapshots import agreed
from tests.deploy.build_context import ROOT

FOLDERS = {name: "gateway" if name == "gateway" else f"services/{name}" for name in PROCESSES}
# Names of the API stand in backquotes, codes of problems before their titles; these are words.
CODE = re.compile(r"`[^`]*`|[a-z_]+\.[a-z_0-9]+ ")
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.+/-]*")
NAMES = frozenset(
    {
        "API",
        "Basic",
        "CSV",
        "ES256",
        "ETag",
        "Excel",
        "GB",
        "GB/T",
        "GiB",
        "HTTP",
        "ID",
        "Idempotency-Key",
        "If-Match",
        "JSON",
        "JWK",
        "JWT",
        "M4",
        "MB",
        "Mermaid",
        "NDJSON",
        "OpenID",
        "Connect",
        "POST",
        "RFC",
        "SHA-256",
        "URN",
        "UTF-8",
        "X",
        "Y",
        "base64url",
        "csv",
        "ndjson",
        "xlsx",
    }
)
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]|[\u4e00-\u9fff]\.")


@pytest.mark.parametrize("process", PROCESSES)
def test_every_description_has_a_chinese_one(process: str) -> None:
    missing = {owner["description"] for owner in described(agreed(process)) if CHINESE not in owner}
    assert not missing, f"add them to an openapi.zh.toml in {FOLDERS[process]}"


@pytest.mark.parametrize("process", PROCESSES)
def test_chinese_descriptions_are_in_chinese(process: str) -> None:
    texts = {owner[CHINESE] for owner in described(agreed(process)) if CHINESE in owner}
    for text in texts:
        plain = CODE.sub("", text)
        words = set(LATIN.findall(plain)) - NAMES
        assert not words, text
        assert not HALF_WIDTH.search(plain), text
        assert re.search("[\u4e00-\u9fff]", text), text


def test_nothing_is_translated_that_is_not_there() -> None:
    texts = {
        name: {parted(owner["description"]).english for owner in described(agreed(name))}
        for name in PROCESSES
    }
    files = {
        path: texts[name]
        for name, folder in FOLDERS.items()
        for path in catalogues_in(ROOT / folder)
    }
    files[SHARED] = set(chain.from_iterable(texts.values()))
    for path, known in files.items():
        keys = set(tomllib.loads(path.read_text("utf-8")))
        unused = keys - known - {key for key in keys if "{" in key}
        assert not unused, path


def test_a_text_is_found_by_its_words_and_its_placeholders() -> None:
    catalogue = Catalogue([SHARED])
    assert catalogue.chinese("Rows per page (每页行数)") == "每页行数：一页最多返回的行数"
    assert catalogue.chinese("`name` is at least\nthis value") == "`name` 不小于该值"
    assert catalogue.chinese("Nobody knows (无人知晓)") == "无人知晓"
    assert catalogue.chinese("Nobody knows") is None
    problems = "a.taken Taken (已占用) · a.b_2 Not (yet) (尚未)"
    assert catalogue.chinese(problems) == "a.taken 已占用 · a.b_2 尚未"
    assert english(problems) == "a.taken Taken · a.b_2 Not (yet)"
