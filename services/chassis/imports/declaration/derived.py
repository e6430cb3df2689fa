"""Derived columns that several resources have."""

from services.chassis.imports.declaration.copy_text import escape
from services.chassis.imports.declaration.spec import Derived
from services.chassis.lists.pinyin.named import NAME_KEYS
from services.chassis.lists.pinyin.names import keys_of


def _encode_name(name: str) -> str:
    return "\t".join((escape(name), *keys_of(name)))


# A name with the keys it is found by.
NAME = Derived(("name", *NAME_KEYS), _encode_name)
