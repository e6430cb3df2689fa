import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.files import encrypted_files
from services.chassis.files.encrypted_files import EncryptedFile, Writer
from services.chassis.files.file_keys import new_key, unwrap_key, wrap_key
from services.chassis.files.sealed_blocks import FileDamaged

OWN_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
PLAIN, IDENTITY, OVERHEAD = 16, 16, 28
SEALED = PLAIN + OVERHEAD


@pytest.fixture(autouse=True)
def _small_blocks() -> Iterator[None]:
    """Files of a few bytes have several blocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encrypted_files, "PLAIN", PLAIN)
        patch.setattr(encrypted_files, "SEALED", SEALED)
        yield


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
    flushed=st.booleans(),
)
def test_any_part_is_read_of_what_was_written_in_parts(
    tmp_path: Path, content: bytes, cut: int, offset: int, length: int, flushed: bool
) -> None:
    kept = content[:cut]
    encrypted_file = written(tmp_path / "a.upload", new_key(), kept + b"sent, but not kept")
    with encrypted_file.writer(len(kept)) as writer:
        for first in range(cut, len(content), 11):
            writer.write(content[first : first + 11])
            if flushed:
                writer.flush()
                assert encrypted_file.read(0, 200) == content[: first + 11]
    assert encrypted_file.size == encrypted_file.intact(len(content)) == len(content)
    assert encrypted_file.read(offset, length) == content[offset : offset + length]
    assert b"".join(encrypted_file.blocks(7)) == content


@OWN_FOLDER
@given(content=st.binary(min_size=1, max_size=100), data=st.data())
def test_a_change_of_any_byte_is_noticed(
    tmp_path: Path, content: bytes, data: st.DataObject
) -> None:
    encrypted_file = written(tmp_path / "a.upload", new_key(), content)
    stored = bytearray(encrypted_file.path.read_bytes())
    place = data.draw(st.integers(0, len(stored) - 1))
    stored[place] ^= data.draw(st.integers(1, 255))
    encrypted_file.path.write_bytes(stored)
    with pytest.raises(FileDamaged):
        encrypted_file.sha256()


def test_blocks_are_no_substitute_for_each_other(tmp_path: Path) -> None:
    """Not those of the same file, of another one of the job, or from before it was sent anew."""
    key, content = new_key(), bytes(2 * PLAIN)
    stored = written(tmp_path / "a.upload", key, content).path.read_bytes()
    other = written(tmp_path / "a.rows", key, content).path.read_bytes()
    anew = written(tmp_path / "a.upload", key, content)
    begin = anew.path.read_bytes()[:IDENTITY]
    first, second = stored[IDENTITY : IDENTITY + SEALED], stored[IDENTITY + SEALED :]
    for forged in (begin + first + second, begin + other[IDENTITY:], stored[:IDENTITY] + second):
        anew.path.write_bytes(forged)
        with pytest.raises(FileDamaged):
            anew.read(0, PLAIN)


def test_no_content_is_ever_stored_alike(tmp_path: Path) -> None:
    key, zeros = new_key(), bytes(40 * PLAIN)
    blocks = set()
    for name in ("a.upload", "a.rows", "a.upload"):
        written(tmp_path / name, key, zeros)
        stored = (tmp_path / name).read_bytes()[IDENTITY:]
        blocks |= {stored[at + 12 : at + SEALED] for at in range(0, len(stored), SEALED)}
    assert len(blocks) == 3 * 40


@pytest.mark.parametrize("torn", range(1, SEALED))
def test_what_a_killed_writer_left_is_known_to_end_at_its_last_whole_block(
    tmp_path: Path, torn: int
) -> None:
    content = bytes(range(3 * PLAIN))
    encrypted_file = written(tmp_path / "a.upload", new_key(), content)
    with encrypted_file.path.open("r+b") as file:
        file.truncate(IDENTITY + 2 * SEALED + torn)
    assert encrypted_file.intact(encrypted_file.size) == 2 * PLAIN
    with encrypted_file.writer(2 * PLAIN) as writer:
        writer.write(content[2 * PLAIN :])
    assert b"".join(encrypted_file.blocks()) == content


def test_after_a_failed_write_the_file_ends_with_its_last_whole_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted_file = EncryptedFile(tmp_path / "a.upload", new_key())
    writer = encrypted_file.writer()
    writer.write(bytes(PLAIN + 3))

    class Full:
        """A file on a full disk."""

        def __init__(self, file: object) -> None:
            self._file = file

        def __getattr__(self, name: str) -> object:
            return getattr(self._file, name)

        def __enter__(self) -> object:
            return self._file.__enter__()  # type: ignore[attr-defined]

        def __exit__(self, *what: object) -> None:
            self._file.__exit__(*what)  # type: ignore[attr-defined]

        def write(self, _data: bytes) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writer, "_file", Full(writer._file))
    with pytest.raises(OSError, match="No space"):
        writer.write(bytes(2 * PLAIN))
    writer.close()
    assert encrypted_file.size == PLAIN
    assert b"".join(encrypted_file.blocks()) == bytes(PLAIN)


def test_nothing_goes_on_behind_the_end(tmp_path: Path) -> None:
    encrypted_file = written(tmp_path / "a.upload", new_key(), b"abc")
    with pytest.raises(FileDamaged):
        Writer(encrypted_file, 5)


def test_a_key_is_read_with_the_key_it_was_wrapped_under_only() -> None:
    key, files_key = new_key(), new_key()
    wrapped = wrap_key(key, files_key)
    assert unwrap_key(wrapped, files_key) == key
    with pytest.raises(InvalidTag):
        unwrap_key(wrapped, new_key())
