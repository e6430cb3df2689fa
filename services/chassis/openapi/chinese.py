"""Chinese descriptions beside the English ones: `x-description-zh`.

The code describes everything in English, with the Chinese term in parentheses. The whole sentence
in Chinese stands in catalogues, under the English text without the term: one here for what
services share, and in the folder of a service as many as it likes, such as one for each feature. A
key may have placeholders, `{field}`, which stand for any text. A description without an entry is
its term.

The gateway serves the document in either language; see `gateway/documents/languages.py`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

CHINESE = "x-description-zh"
_NAME = "openapi.zh.toml"
SHARED = Path(__file__).with_name(_NAME)
# Of a problem: its code and title, "code English (中文)". A response lists several.
_PROBLEM = re.compile(r"([a-z_]+\.[a-z_0-9]+) (.+) \(([^()]+)\)")
_BETWEEN = " · "
# "English (中文)", with more English behind it or not.
_WITH_TERM = re.compile(r"(.*?) ?\(([^()]*[\u4e00-\u9fff][^()]*)\)(.*)", re.DOTALL)
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")
# Values, in which a key `description` is a value like others.
_VALUES = frozenset({"example", "examples", "default", "enum", "const"})


def catalogues_in(folder: Path | None) -> Sequence[Path]:
    """The catalogues of a service."""
    return sorted(folder.rglob(_NAME)) if folder else []


class Described(NamedTuple):
    """A description without its term.

    Attributes:
        english: the text, in one line.
        term: what it describes, in Chinese; empty if it has none.
    """

    english: str
    term: str


def parted(description: str) -> Described:
    """A description and its term."""
    found = _WITH_TERM.fullmatch(description)
    english = f"{found[1]}{found[3]}" if found else description
    return Described(" ".join(english.split()), found[2] if found else "")


def english(description: str) -> str:
    """A text without its Chinese."""
    if problems := _problems(description):
        return _BETWEEN.join(f"{one[1]} {one[2]}" for one in problems)
    found = _WITH_TERM.fullmatch(description)
    return f"{found[1]}{found[3]}" if found else description


def _problems(description: str) -> list[re.Match[str]]:
    """The problems that a description lists; none of another description."""
    found = [_PROBLEM.fullmatch(part) for part in description.split(_BETWEEN)]
    return [one for one in found if one] if all(found) else []


class Catalogue:
    """Chinese texts by English ones.

    Args:
        paths: of the files; the first one that has a text counts.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._texts: dict[str, str] = {}
        for path in reversed(paths):
            self._texts |= tomllib.loads(path.read_text("utf-8"))
        self._patterns = {
            re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(key))): text
            for key, text in self._texts.items()
            if "{" in key and "}" in key
        }

    def find(self, english: str) -> str | None:
        """The Chinese text; None if there is none."""
        if text := self._texts.get(english):
            return text
        for pattern, text in self._patterns.items():
            if found := pattern.fullmatch(english):
                return text.format_map(found.groupdict())
        return None

    def chinese(self, description: str) -> str | None:
        """A description in Chinese: its term, its text, or both; None if it has neither."""
        if problems := _problems(description):
            return _BETWEEN.join(f"{one[1]} {one[3]}" for one in problems)
        english, term = parted(description)
        text = self.find(english)
        return f"{term}：{text}" if term and text and term != text else text or term or None


def add_chinese(document: Any, paths: Sequence[Path]) -> None:
    """Add the Chinese beside every description that a document has."""
    catalogue = Catalogue(paths)
    for owner in described(document):
        if text := catalogue.chinese(owner["description"]):
            owner[CHINESE] = text


def described(part: Any) -> Iterator[dict[str, Any]]:
    """Everything in a document that has a description, outside of values."""
    if isinstance(part, Mapping):
        if isinstance(part.get("description"), str):
            yield part  # type: ignore[misc]  # documents are built of dicts
        for name, inner in part.items():
            if name not in _VALUES:
                yield from described(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from described(inner)
