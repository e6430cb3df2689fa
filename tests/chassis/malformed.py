"""Claims that are well signed and make no sense."""

import time
from collections.abc import Iterator
from typing import Any

_LATER = int(time.time()) + 1000
# Of a wrong type for every claim.
_OF_NO_CLAIM: list[Any] = [True, [[]], {}, [None], {"a": 1}, 1.5, -1, "\ud800"]
_TIMES: list[Any] = [
    None, "", "soon", str(_LATER), float(_LATER), 1e300, 10**18, 10**400, [_LATER], False,
    float("inf"), float("nan"),
]  # fmt: skip
_TEXTS: list[Any] = [None, "", 7, "a\x00b", "a\nb", "\x7f", "x" * 101]
_LISTS: list[Any] = [None, "", "bureau_admin", 7, [7], [""], ["a\x00"], ["a,b"], [["2162000001"]]]
VALUES: dict[str, list[Any]] = {
    "exp": _TIMES,
    "iat": _TIMES,
    "nbf": _TIMES,
    "sub": _TEXTS,
    "name": _TEXTS,
    "iss": [None, "", 7],
    "aud": [None, "", 7, ["elsewhere"]],
    "kind": [*_TEXTS, "service", "ACCOUNT"],
    "bureau": ["", 620123, "62012", "6201234", "620123\n", "６２０１２３", ["620123"]],
    "schools": [*_LISTS, ["2162000001,2162000002"], ["216200000"], [None]],
    "staff_no": ["", 7, "T 1", "T1\x00", "x" * 33, ["T1"]],
    "roles": [*_LISTS, {"bureau_admin": 1}],
    "scope": [None, 7, ["staff:read"], "staff", "staff:read\x00", " staff:read", "a:b  c:d"],
}


def malformed(name: str) -> Iterator[Any]:
    """The values that a claim cannot have."""
    yield from (*VALUES[name], *_OF_NO_CLAIM)
