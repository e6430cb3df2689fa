"""What is read from the database waits for its client in memory, then on disk, and nowhere long."""

import asyncio
import random
from pathlib import Path

import pytest

from services.chassis.exports import pipe as pipes
from services.chassis.exports.pipe import Pipe

PLAIN = b"the name of somebody"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that hardly waits."""
    monkeypatch.setattr(pipes, "_PATIENCE_SECONDS", 0.05)


def block(number: int) -> bytes:
    """One of many blocks."""
    return PLAIN + b"%d\n" % number * (number % 50)


async def fill(pipe: Pipe, count: int) -> None:
    """Write so many blocks, one after the other."""
    for number in range(count):
        await pipe.put(block(number))
    pipe.end()


async def read(pipe: Pipe, pauses: random.Random | None = None) -> bytes:
    """Everything, with or without a pause now and then."""
    got = []
    async for piece in pipe.blocks():
        got.append(piece)
        if pauses and pauses.random() < 0.1:
            await asyncio.sleep(pauses.random() / 20)
    return b"".join(got)


def files_in(folder: Path) -> list[Path]:
    """The files that hold content."""
    return [path for path in folder.rglob("rows") if path.is_file()]


async def test_who_keeps_up_needs_no_disk(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path)
    writing = asyncio.create_task(fill(pipe, 500))
    assert await read(pipe) == b"".join(map(block, range(500)))
    await writing
    assert files_in(tmp_path) == []
    pipe.close()


async def test_the_writer_is_done_before_anybody_reads(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path)
    await asyncio.wait_for(fill(pipe, 500), 20)
    (file,) = files_in(tmp_path)
    assert PLAIN not in file.read_bytes(), "encrypted"
    assert await read(pipe) == b"".join(map(block, range(500)))
    pipe.close()
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("seed", range(8))
async def test_the_order_stays_whoever_is_faster(tmp_path: Path, seed: int) -> None:
    pipe, dice = Pipe(tmp_path), random.Random(seed)
    writing = asyncio.create_task(fill(pipe, 300))
    assert await read(pipe, dice) == b"".join(map(block, range(300)))
    await writing
    pipe.close()
    assert files_in(tmp_path) == []


async def test_patience_comes_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that takes one block now and then does not keep the writer waiting for ever."""
    monkeypatch.setattr(pipes, "_PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(pipes, "_PATIENCE_IN_ALL", 0.3)
    pipe = Pipe(tmp_path)
    writing = asyncio.create_task(fill(pipe, 100))
    reader = pipe.blocks()
    got = b""
    while not writing.done():
        got += await anext(reader)
        await asyncio.sleep(0.05)
    assert len(got) < len(b"".join(map(block, range(60))))
    async for piece in reader:
        got += piece
    assert got == b"".join(map(block, range(100)))
    pipe.close()


async def test_a_writer_that_waits_needs_no_disk(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path, waits=True)
    writing = asyncio.create_task(fill(pipe, 100))
    await asyncio.sleep(0.3)
    assert not writing.done()
    assert await read(pipe) == b"".join(map(block, range(100)))
    assert files_in(tmp_path) == []


async def test_a_full_disk_is_the_writers_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pipes, "_Overflow", full)
    pipe = Pipe(tmp_path)
    with pytest.raises(OSError, match="No space"):
        await fill(pipe, 100)
    pipe.close()
