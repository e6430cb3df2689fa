"""Texts of files and requests in a form that can be stored with a fault or a problem.

A column may be called anything: what PostgreSQL cannot hold would keep the fault itself from being
written down, and what is as long as a book is no name for anybody.
"""

import re
from typing import Any

LONGEST = 200
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_IN_PLACE = "\ufffd"


def cleaned(text: str) -> str:
    """A text without NUL and lone surrogates, of which PostgreSQL and UTF-8 have no form."""
    return _UNSTORABLE.sub(_IN_PLACE, text)


def storable(value: Any) -> Any:
    """A value, or all that a document holds, cleaned; texts cut where they become too long."""
    if isinstance(value, str):
        return cleaned(value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…")
    if isinstance(value, dict):
        return {storable(key): storable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable(each) for each in value]
    return value
