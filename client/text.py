"""Messages in Chinese and English, and the choice between the two."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Language = Literal["zh-CN", "en"]
# POSIX variables for the language of messages, in order of precedence.
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


class Text(NamedTuple):
    """One message in Chinese and English; `{name}` is filled from the parameters."""

    zh: str
    en: str

    def render(self, language: Language, **params: Any) -> str:
        """The text in `language` with its parameters filled in."""
        return (self.en if language == "en" else self.zh).format(**params)


def language_of(environment: Mapping[str, str]) -> Language:
    """English if the system's messages are English, otherwise Chinese like the API."""
    chosen = next((value for name in _VARIABLES if (value := environment.get(name))), "")
    return "en" if chosen.lower().startswith("en") else "zh-CN"
