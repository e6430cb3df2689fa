"""The examples in the pages run as printed, on a platform that `up` has just started."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.options import DEFAULT_PORTS, port_setting
from tests.deploy.conftest import make_folder
from tests.docs.pages import ROOT, blocks

UP = [sys.executable, "-m", "deploy.local", "up"]
LAST_LINE = "Ctrl-C stops it"
PRINTED_ADDRESS = "http://127.0.0.1:8700"
# What the pages call the passwords that `up` prints, by role.
PASTED = {
    "ADMIN_PASSWORD": "bureau_admin",
    "LEADER_PASSWORD": "bureau_leader",
    "SYSTEM_PASSWORD": "system_admin",
    "CLIENT_SECRET": "integration",
}


@dataclass
class Reader:
    """Somebody who pastes the blocks of a page into a terminal."""

    folder: Path
    address: str
    passwords: dict[str, str]

    def paste(self, page: str) -> str:
        """Run a page's blocks one after another, and give what they print."""
        script = "\n".join(self.command(block) for block in blocks(ROOT / page, "bash", "python"))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def command(self, block: str) -> str:
        """A block as this reader runs it: own address, own passwords, this Python."""
        block = block.replace(PRINTED_ADDRESS, self.address)
        if block.startswith(("import ", "from ")):
            return f"\"{sys.executable}\" - <<'PYTHON'\n{block}PYTHON\n"
        block = block.replace(".venv/bin/junheng", f'"{sys.executable}" -m client.cli')
        return re.sub(
            r"(\w+)='paste it here'",
            lambda found: f"{found[1]}='{self.passwords[PASTED[found[1]]]}'",
            block,
        )


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    folder = make_folder()
    chosen = {port_setting(name): str(ports.find_free()) for name in DEFAULT_PORTS}
    inherited = {name: value for name, value in os.environ.items() if "JUNHENG" not in name}
    platform = subprocess.Popen(
        [*UP, "--data", str(folder / "data")],
        cwd=ROOT,
        env=inherited | chosen,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert platform.stdout is not None
    said = ""
    while LAST_LINE not in said:
        line = platform.stdout.readline()
        assert line, said
        said += line
    logins = {
        role: password for role, _, password in re.findall(r"^  (\w+) +(\S+) +(\S+)", said, re.M)
    }
    address = f"http://127.0.0.1:{chosen[port_setting('gateway')]}"
    yield Reader(folder, address, logins)
    platform.terminate()
    platform.communicate(timeout=30)
    shutil.rmtree(folder)


def test_readme_imports_in_three_ways(reader: Reader) -> None:
    printed = reader.paste("README.md")
    assert '"created" : 2' in printed
    assert "0 0 2\n" in printed  # the Python client finds them unchanged
    assert re.search(r"│ (Unchanged|未变) +│ +2 │", printed)  # and so does the command line
    assert "示例县河西小学" in printed
    assert (reader.folder / "copy.csv").read_text("utf-8").count("\n") == 3


def test_importing_shows_every_way(reader: Reader) -> None:
    printed = reader.paste("docs/importing.md")
    assert '"created" : 2' in printed
    assert "'failed': 1" in printed  # of the file with a fault
    assert "code.unknown" in printed
    assert "'created': 1" in printed  # once that is corrected
    assert "completed 0 2 0\n" in printed  # in Python
    assert "试运行通过" in printed or "dry run passed" in printed
    failed = [file.name for file in reader.folder.glob("*.failed*.csv")]
    assert sorted(failed) == ["more.failed-2.csv", "more.failed.csv"]
    assert '"school_code"' in printed  # suggested for 学校代码
    assert "Staff no,Name,School code" in printed
    for name in ("staff.xlsx", "schools.xlsx"):
        assert (reader.folder / name).stat().st_size > 0


def test_exporting_goes_on_where_it_broke_off(reader: Reader) -> None:
    printed = reader.paste("docs/exporting.md")
    assert "completed\n" in printed
    assert "school_code,name\n" in printed
    assert re.search(r"schools\.ndjson|schools-2.*(已完成|complete)", printed)
    for name in ("schools-export.csv", "schools.ndjson", "staff.ndjson.gz", "part.csv"):
        assert (reader.folder / name).exists()


def test_registry_tells_who_does_what(reader: Reader) -> None:
    printed = reader.paste("docs/registry.md")
    assert '"class_name" : "三（2）班"' in printed
    assert "\n1\n" in printed  # on exchange
    assert (reader.folder / "assignments.csv").read_text("utf-8").count("\n") == 2


def test_getting_started_plays_a_year(reader: Reader) -> None:
    printed = reader.paste("docs/getting-started.md")
    for word in ("excellent", "undetermined", "basically_qualified", "242", "M4", "confirmed"):
        assert word in printed
    results = (reader.folder / "results.csv").read_text("utf-8")
    assert re.findall(r"^(D\d+),\d+,(\w+)", results, re.M) == [
        ("D001", "excellent"),
        ("D002", "qualified"),
        ("D003", "qualified"),
        ("D004", "unqualified"),
        ("D005", "undetermined"),
        ("D006", "basically_qualified"),
    ]
