"""Search keys of names: full pinyin and the initials of its syllables."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.chassis.core.visible_text import comparable
from services.chassis.lists.pinyin.readings import (
    INITIALS,
    PINYIN,
    is_irregular,
    syllables_of,
)

_TYPED = re.compile(r"[a-z0-9 '’]+")
_BETWEEN_SYLLABLES = re.compile(r"[ '’]")


class NameKeys(NamedTuple):
    """王小明 is found as `wangxiaoming` and as `wxm`."""

    pinyin: str
    initials: str


def keys_of(name: str) -> NameKeys:
    """The keys of a name: `v` stands for ü, and what is neither letter nor digit is left out."""
    syllables = syllables_of(_folded(name))
    return NameKeys("".join(syllables), "".join([syllable[:1] for syllable in syllables]))


def keys_of_all(names: Sequence[str]) -> Iterator[NameKeys]:
    """The keys of many names of nothing but Chinese characters, several times as fast."""
    lines = "\n".join(names)
    all_pinyin, all_initials = lines.translate(PINYIN), lines.translate(INITIALS)
    # Not strict: of no names the texts have a line, too.
    keys = zip(names, all_pinyin.split("\n"), all_initials.split("\n"), strict=False)
    for name, pinyin, initials in keys:
        yield keys_of(name) if is_irregular(name) else NameKeys(pinyin, initials)


def key_sought(q: str) -> str | None:
    """Typed letters (`Wang Xiaoming`, `xi'an`, `lü`) in the form of the search keys.

    None where it is not pinyin but a piece of the name itself.
    """
    typed = _folded(q)
    return (_TYPED.fullmatch(typed) and _BETWEEN_SYLLABLES.sub("", typed)) or None


def _folded(text: str) -> str:
    """Text without differences of width and case."""
    return comparable(text).replace("ü", "v")
