"""Stored files that were changed outside the platform, or whose writer was killed."""

from pathlib import Path

from tests.imports.driving import end_of, opened, people, put, read
from tests.schools.county import County
from tests.support.answers import status_and_code
from tests.support.importing import Job, counts

ROWS, BLOCK = 1500, 1 << 16


async def with_half(county: County, content: bytes) -> tuple[Job, int]:
    """An import that has received more than one block of its file, and where to go on."""
    half = BLOCK + 1000
    assert half < len(content)
    job = await opened(county, size=len(content))
    span = f"bytes 0-{half - 1}/{len(content)}"
    assert (await put(county, job, content[:half], **{"Content-Range": span})).is_success
    return job, half


def damage(file: Path, place: int) -> None:
    """Change a byte of a file."""
    stored = bytearray(file.read_bytes())
    stored[place] ^= 1
    file.write_bytes(stored)


async def test_an_upload_goes_on_before_a_damaged_end(county: County, folder: Path) -> None:
    content = people(county, ROWS)
    job, half = await with_half(county, content)
    damage(folder / f"{job['id']}.upload", -1)
    last = len(content) - 1
    span = {"Content-Range": f"bytes {half}-{last}/{len(content)}"}
    answer = await put(county, job, content[half:], **span)
    assert status_and_code(answer) == (416, "import.range_invalid")
    assert (await read(county, job))["received"] == BLOCK
    span = {"Content-Range": f"bytes {BLOCK}-{last}/{len(content)}"}
    assert (await put(county, job, content[BLOCK:], **span)).status_code == 202
    assert counts(await end_of(county, job)) == (ROWS, 0, 0, 0)


async def test_an_upload_that_is_damaged_elsewhere_is_sent_again(
    county: County, folder: Path
) -> None:
    content = people(county, ROWS)
    job, half = await with_half(county, content)
    damage(folder / f"{job['id']}.upload", 100)
    span = {"Content-Range": f"bytes {half}-{len(content) - 1}/{len(content)}"}
    answer = await put(county, job, content[half:], **span)
    assert status_and_code(answer) == (410, "file.damaged")
    assert (await read(county, job))["received"] == 0
    assert (await put(county, job, content)).status_code == 202
    assert counts(await end_of(county, job)) == (ROWS, 0, 0, 0)


async def test_a_dry_run_of_a_file_that_was_damaged_since_is_not_committed(
    county: County, folder: Path
) -> None:
    job = await opened(county, dry_run=True)
    assert (await put(county, job, people(county))).status_code == 202
    await end_of(county, job)
    damage(folder / f"{job['id']}.upload", 100)
    await county.call("POST", f"/v1/imports/{job['id']}:commit")
    ended = await end_of(county, job)
    assert (ended["state"], ended["problem"]["code"]) == ("failed", "file.damaged")
    assert (await county.ok("GET", "/v1/staff"))["data"] == []
