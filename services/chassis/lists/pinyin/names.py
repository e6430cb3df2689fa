"""Search keys of names: full pinyin and the initials of its syllables."""

import re
from typing import NamedTuple

from services.chassis.core.visible_text import comparable
from services.chassis.lists.pinyin.readings import syllables_of

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


def key_sought(q: str) -> str | None:
    """Typed letters (`Wang Xiaoming`, `xi'an`, `lü`) in the form of the search keys.

    None where it is not pinyin but a piece of the name itself.
    """
    typed = _folded(q)
    return (_TYPED.fullmatch(typed) and _BETWEEN_SYLLABLES.sub("", typed)) or None


def _folded(text: str) -> str:
    """Text without differences of width and case."""
    return comparable(text).replace("ü", "v")
