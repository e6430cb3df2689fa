"""The OpenAPI document in one language.

Summaries and descriptions are written as `English (中文)`. A reader of English gets the first, of
Chinese the second before the explanation, which is in English only.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from gateway.documents.introduction import INTRODUCTION
from services.chassis.core.text import Language

Document = dict[str, Any]
_BOTH = re.compile(r"(.*?) ?\(([^()]*[\u4e00-\u9fff][^()]*)\)(.*)", re.DOTALL)


def in_language(document: Document, language: Language) -> Document:
    """A copy of a document for readers of a language."""
    copy = deepcopy(document)
    copy["info"]["description"] = INTRODUCTION.render(language)
    short, long = (_english, _english) if language == "en" else (_chinese, _chinese_first)
    for tag in copy.get("tags", ()):
        tag["description"] = short(tag["description"])
    for item in copy["paths"].values():
        for operation in item.values():
            operation["summary"] = short(operation["summary"])
            _describe(operation.get("parameters", ()), long)
    for schema in copy["components"]["schemas"].values():
        _describe([schema, *schema.get("properties", {}).values()], long)
    return copy


def _describe(described: Any, words: Callable[[str], str]) -> None:
    for one in described:
        if "description" in one:
            one["description"] = words(one["description"])
        _describe([one["schema"]] if "schema" in one else (), words)


def _english(text: str) -> str:
    found = _BOTH.fullmatch(text)
    return f"{found[1]}{found[3]}" if found else text


def _chinese(text: str) -> str:
    found = _BOTH.fullmatch(text)
    return found[2] if found else text


def _chinese_first(text: str) -> str:
    found = _BOTH.fullmatch(text)
    return f"{found[2]} · {found[1]}{found[3]}" if found else text
