"""Derived columns that several resources have."""

import re
from collections.abc import Sequence
from typing import Any

from services.chassis.imports.declaration.copy_text import escape
from services.chassis.imports.declaration.spec import Derived
from services.chassis.lists.pinyin.named import NAME_KEYS
from services.chassis.lists.pinyin.names import keys_of, keys_of_all

# As nearly all names are: every schema of a name takes such a one as it stands. 锟 is left to the
# schema, because it may stand for characters that were lost (see `visible_text`).
_PLAIN = re.compile("[\u4e00-\u951e\u9520-\u9fff]{1,20}")


def _encode_name(name: str) -> str:
    return "\t".join((escape(name), *keys_of(name)))


def _encode_names(cells: Sequence[Any]) -> list[str | None]:
    names = [cell if type(cell) is str and _PLAIN.fullmatch(cell) else "" for cell in cells]
    return [
        f"{name}\t{keys.pinyin}\t{keys.initials}" if name else None
        for name, keys in zip(names, keys_of_all(names), strict=True)
    ]


# A name with the keys it is found by.
NAME = Derived(("name", *NAME_KEYS), _encode_name, at_once=_encode_names)
