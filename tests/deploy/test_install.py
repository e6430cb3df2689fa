import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import install


@pytest.fixture
def venv(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh virtual environment below a folder with spaces and Chinese characters."""
    made = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True)
    monkeypatch.setattr(install, "ROOT", folder)
    monkeypatch.setattr(install, "VENV", made)
    monkeypatch.setattr(
        install, "PYTHON", made / install.PYTHON.relative_to(install.PYTHON.parents[1])
    )
    return made


def test_the_project_is_importable_wherever_it_lies(venv: Path, folder: Path) -> None:
    (folder / "client").mkdir()
    (folder / "client" / "cli.py").write_text("import sys; print(sys.argv[1:], __file__)")
    install.make_importable()
    moved = folder / "搬 家"
    moved.mkdir()
    for name in (".venv", "client"):
        (folder / name).rename(moved / name)
    said = subprocess.check_output([moved / ".venv/bin/junheng", "a b"], cwd="/", text=True)
    assert said == f"['a b'] {moved}/client/cli.py\n"


def test_nothing_is_done_when_nothing_has_changed(
    venv: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = folder / "requirements.lock"
    lock.write_text("one\n")
    steps: list[str] = []
    monkeypatch.setattr(install, "LOCK", lock)
    monkeypatch.setattr(install, "uv", lambda options, *_: steps.append(options.split()[0]))
    install.prepare()
    assert steps == ["venv", "pip"]
    install.prepare()
    assert steps == ["venv", "pip"]
    lock.write_text("two\n")
    install.prepare()
    assert steps == ["venv", "pip"] * 2


def test_a_failed_step_names_itself(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        install.run([sys.executable, "-c", "raise SystemExit(3)"], {})
    assert ended.value.code == 1
    said = capfd.readouterr().err
    assert "准备失败（状态 3）" in said
    assert "set-up failed (status 3)" in said


def test_a_missing_file_is_named(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        install.fingerprint(folder / "requirements.lock")
    assert "requirements.lock is missing" in capfd.readouterr().err


def test_no_lock_names_an_index_and_every_package_has_hashes() -> None:
    for lock in (install.LOCK, install.BOOTSTRAP_LOCK):
        lines = lock.read_text("utf-8").splitlines()
        assert not [line for line in lines if "://" in line or line.startswith("-")]
        packages = [line for line in lines if line and not line.startswith(" ")]
        assert packages
        assert all("==" in line and line.endswith("\\") for line in packages)


def test_the_command_works_through_links(tmp_path: Path) -> None:
    home, folder = tmp_path / "a b" / "bin", tmp_path / "path"
    home.mkdir(parents=True)
    folder.mkdir()
    for name, text in (("junheng", install._LAUNCHER), ("python", '#!/bin/sh\necho "$@"\n')):
        (home / name).write_text(text, "utf-8")
        (home / name).chmod(0o755)
    (home / "link").symlink_to("junheng")
    (folder / "junheng").symlink_to(home / "link")
    for program in (home / "junheng", folder / "junheng"):
        done = subprocess.run([str(program), "get", "/x y"], capture_output=True, check=True)
        assert done.stdout == b"-P -m client.cli get /x y\n"
