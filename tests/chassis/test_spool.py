import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.files.encrypted_files import EncryptedFile, new_key, unwrap_key, wrap_key

OWN_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(path: Path, key: bytes, content: bytes) -> EncryptedFile:
    """Content as a file."""
    encrypted_file = EncryptedFile(path, key)
    with encrypted_file.writer() as writer:
        writer.write(content)
    return encrypted_file


@OWN_FOLDER
@given(
    content=st.binary(max_size=200),
    cut=st.integers(0, 100),
    offset=st.integers(0, 200),
    length=st.integers(0, 200),
)
def test_any_part_is_read_of_what_was_written_in_parts(
    tmp_path: Path, content: bytes, cut: int, offset: int, length: int
) -> None:
    kept = content[:cut]
    encrypted_file = written(tmp_path / "a.upload", new_key(), kept + b"sent, but not kept")
    with encrypted_file.writer(len(kept)) as writer:
        for first in range(cut, len(content), 11):
            writer.write(content[first : first + 11])
    assert encrypted_file.size == len(content)
    assert encrypted_file.read(offset, length) == content[offset : offset + length]
    assert b"".join(encrypted_file.blocks(7)) == content


def test_no_two_files_are_written_under_the_same_counters(tmp_path: Path) -> None:
    """Zeros show what content is mixed with; whoever knew that twice could tell two files apart."""
    key, zeros = new_key(), bytes(4096)
    streams = []
    for name in ("a.upload", "a.rows", "a.upload"):
        written(tmp_path / name, key, zeros)
        streams.append((tmp_path / name).read_bytes()[16:])
    blocks = {stream[i : i + 16] for stream in streams for i in range(0, len(stream), 16)}
    assert len(blocks) == 3 * len(zeros) // 16


def test_counting_goes_on_behind_the_last_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "urandom", lambda size: b"\xff" * size)
    encrypted_file = written(tmp_path / "a.upload", bytes(32), b"x" * 100)
    assert encrypted_file.read(0, 100) == b"x" * 100
    assert encrypted_file.read(40, 3) == b"xxx"


def test_a_key_is_read_with_the_key_it_was_wrapped_under_only() -> None:
    key, files_key = new_key(), new_key()
    wrapped = wrap_key(key, files_key)
    assert unwrap_key(wrapped, files_key) == key
    with pytest.raises(InvalidTag):
        unwrap_key(wrapped, new_key())
