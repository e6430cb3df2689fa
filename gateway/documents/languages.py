"""The OpenAPI document in one language.

Summaries are written as `English (中文)`; beside each description stands the Chinese one.
"""

from copy import deepcopy
from typing import Any

from gateway.documents.introduction import INTRODUCTION
from services.chassis.core.text import Language
from services.chassis.openapi.chinese import CHINESE, described, english, parted

Document = dict[str, Any]


def in_language(document: Document, language: Language) -> Document:
    """A copy of a document for readers of a language."""
    copy = deepcopy(document)
    words = english if language == "en" else _chinese
    for item in copy["paths"].values():
        for operation in item.values():
            operation["summary"] = words(operation["summary"])
    for owner in described(copy):
        chinese = owner.pop(CHINESE, None)
        is_chinese = language != "en" and chinese
        owner["description"] = chinese if is_chinese else words(owner["description"])
    copy["info"]["description"] = INTRODUCTION.render(language)
    return copy


def _chinese(text: str) -> str:
    return parted(text).term or text
