"""Keys at work: personal data at rest, and cursors."""

import base64
import json
import os
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.database.encrypted_columns import KeyMissing, KeyRing
from services.chassis.lists.cursor import CursorInvalid, Cursors


def key() -> str:
    """A random key as a secret holds it."""
    return base64.b64encode(os.urandom(32)).decode()


DOCUMENT: dict[str, Any] = {"current": "k1", "keys": {"k1": key()}, "index": key()}
RING = KeyRing.from_json(json.dumps(DOCUMENT))


@given(st.text())
def test_what_is_encrypted_can_be_read(value: str) -> None:
    try:
        stored = RING.encrypt(value)
    except UnicodeEncodeError:
        return  # half a character: the API lets none in
    assert RING.decrypt(stored) == value
    assert RING.encrypt(value) != stored
    assert len(value) < 4 or value.encode() not in stored


@given(st.integers(0, 200), st.integers(1, 255))
def test_one_altered_byte_is_noticed(at: int, by: int) -> None:
    stored = bytearray(RING.encrypt("11010519491231002X"))
    at %= len(stored)
    stored[at] ^= by
    with pytest.raises((InvalidTag, KeyMissing, UnicodeDecodeError)):
        RING.decrypt(bytes(stored))


def test_after_a_rotation_the_old_can_be_read_and_the_new_key_writes() -> None:
    rotated = DOCUMENT | {"current": "k2", "keys": DOCUMENT["keys"] | {"k2": key()}}
    ring = KeyRing.from_json(json.dumps(rotated))
    assert ring.decrypt(RING.encrypt("x")) == "x"
    assert ring.encrypt("x").startswith(b"k2:")
    assert ring.blind_index("x") == RING.blind_index("x")
    with pytest.raises(KeyMissing):
        RING.decrypt(ring.encrypt("x"))


def test_the_blind_index_tells_values_and_rings_apart() -> None:
    other = KeyRing.from_json(json.dumps(DOCUMENT | {"index": key()}))
    assert RING.blind_index("a") == RING.blind_index("a") != RING.blind_index("b")
    assert other.blind_index("a") != RING.blind_index("a")


@pytest.mark.parametrize(
    "changes",
    [{"current": "k9"}, {"keys": {"k1": "c2hvcnQ="}}, {"index": "c2hvcnQ="}, {"keys": {}}],
)
def test_a_ring_that_cannot_work_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        KeyRing.from_json(json.dumps(DOCUMENT | changes))


def test_keys_do_not_show() -> None:
    assert DOCUMENT["index"] not in repr(RING)
    assert repr(base64.b64decode(DOCUMENT["index"])) not in repr(RING)


CURSORS = Cursors(os.urandom(32))


@given(st.lists(st.text(st.characters(codec="utf-8"))), st.text(st.characters(codec="utf-8")))
def test_a_cursor_is_read_under_its_own_binding_alone(position: list[str], binding: str) -> None:
    cursor = CURSORS.write(position, binding)
    assert cursor.isascii()
    assert CURSORS.read(cursor, binding) == position
    for reader, bound in ((CURSORS, binding + "x"), (Cursors(os.urandom(32)), binding)):
        with pytest.raises(CursorInvalid):
            reader.read(cursor, bound)


@settings(max_examples=200)
@given(st.text(max_size=120))
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        CURSORS.read(cursor, "list")
