import shlex

import pytest
import yaml

import dev
from tools.locked import ROOT

pytestmark = pytest.mark.quick


def test_the_hooks_run_the_same_checks_as_lint() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert all(hook["language"] == "system" for hook in hooks)  # nothing is downloaded
    run = [shlex.split(hook["entry"]) for hook in hooks]
    assert all(words[0] == ".venv/bin/python" for words in run)
    asked = [[word for word in words[1:] if word != "--force-exclude"] for words in run]
    assert asked == [[word for word in words if word != "."] for words in dev.CHECKS.values()]
