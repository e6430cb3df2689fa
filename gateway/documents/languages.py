"""The OpenAPI document in one language.

Summaries are written as `English (中文)`; beside each description stands the Chinese one.
"""

import re
from copy import deepcopy
from typing import Any

from gateway.documents.introduction import INTRODUCTION
from services.chassis.core.text import Language
from services.chassis.openapi.chinese import CHINESE, described

Document = dict[str, Any]
_BOTH = re.compile(r"(.*?) ?\(([^()]*[\u4e00-\u9fff][^()]*)\)(.*)", re.DOTALL)


def in_language(document: Document, language: Language) -> Document:
    """A copy of a document for readers of a language."""
    copy = deepcopy(document)
    words = _english if language == "en" else _chinese
    for item in copy["paths"].values():
        for operation in item.values():
            operation["summary"] = words(operation["summary"])
    for owner in described(copy):
        chinese = owner.pop(CHINESE, None)
        is_chinese = language != "en" and chinese
        owner["description"] = chinese if is_chinese else words(owner["description"])
    copy["info"]["description"] = INTRODUCTION.render(language)
    return copy


def _english(text: str) -> str:
    found = _BOTH.fullmatch(text)
    return f"{found[1]}{found[3]}" if found else text


def _chinese(text: str) -> str:
    found = _BOTH.fullmatch(text)
    return found[2] if found else text
