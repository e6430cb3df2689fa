import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import dev
from deploy.local import install
from deploy.local.install import ROOT


def test_says_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["help"]) == dev.main([]) == 0
    said = capsys.readouterr().out
    assert all(f"  {command}" in said for command in dev.COMMANDS)


def test_refuses_a_command_that_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["launch"]) == 2
    assert "用法 / usage" in capsys.readouterr().err


def test_says_which_python_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9))
    with pytest.raises(SystemExit) as ended:
        dev.main(["up"])
    assert ended.value.code == 1
    assert "3.11" in capsys.readouterr().err


def test_runs_every_check_even_after_one_has_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[list[str]] = []

    def fail_ruff(words: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        ran.append(words[1:])
        return subprocess.CompletedProcess(words, 1 if "check" in words else 0, "found it\n")

    monkeypatch.setattr(subprocess, "run", fail_ruff)
    monkeypatch.setattr(install, "prepare", lambda: None)
    assert dev.lint([]) == 1
    assert sorted(ran) == sorted(dev.CHECKS.values())
    said = capsys.readouterr()
    assert "check failed: ruff check" in said.err
    assert said.out.count("found it") == len(dev.CHECKS)


@pytest.mark.parametrize("name", ["dev.py", "deploy/local/install.py", "deploy/local/indexes.py"])
def test_an_older_python_can_read_the_message(name: str) -> None:
    compile((ROOT / name).read_text("utf-8"), name, "exec", dont_inherit=True, _feature_version=7)


def test_needs_nothing_but_the_standard_library(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", ROOT / "dev.py", "help"], cwd=folder, capture_output=True, check=True
    )
    assert done.stderr == b""
