"""Texts in the two languages of the API, and selection of the requested language."""

from contextvars import ContextVar
from typing import Any, Literal, NamedTuple

Language = Literal["zh-CN", "en"]

current_language: ContextVar[Language] = ContextVar("current_language", default="zh-CN")


class Text(NamedTuple):
    """One message in Chinese and English; `{name}` is filled from the parameters."""

    zh: str
    en: str

    def render(self, language: Language | None = None, **params: Any) -> str:
        """The text in `language` (default: the request's) with its parameters filled in."""
        template = self.zh if (language or current_language.get()) == "zh-CN" else self.en
        return template.format_map(_Known(params)) if params else template

    def filled(self, **parts: "Text") -> "Text":
        """The same with some of its placeholders replaced by texts of the same language."""
        zh, en = ({name: part[at] for name, part in parts.items()} for at in (0, 1))
        return Text(self.zh.format_map(_Known(zh)), self.en.format_map(_Known(en)))


class _Known(dict[str, Any]):
    """Keeps an unknown placeholder unchanged, so that rendering never fails."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def negotiate(accept_language: str | None) -> Language:
    """The language of an `Accept-Language` header; Chinese when it asks for neither."""
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate((accept_language or "").split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((-float(quality or 1), position, tag.lower()))
        except ValueError:
            continue
    for _, _, tag in sorted(ranked):
        if tag.startswith("en"):
            return "en"
        if tag.startswith("zh"):
            return "zh-CN"
    return "zh-CN"
