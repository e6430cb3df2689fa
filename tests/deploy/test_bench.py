import json
import sys
from types import ModuleType

import pytest

from tests.bench import __main__ as bench
from tests.bench.report import Report, at_least, at_most


def invent(monkeypatch: pytest.MonkeyPatch, report: Report) -> None:
    module = ModuleType("tests.bench.up")
    module.run = lambda: report  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tests.bench.up", module)


def test_prints_one_json_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    invent(monkeypatch, Report("up", [{"n": 1}], [at_most("time", 1.5, 2, "s")]))
    assert bench.main(["up", "--json"]) == 0
    check = {"name": "time", "value": 1.5, "bar": 2, "unit": "s", "holds": True}
    assert json.loads(capsys.readouterr().out) == {
        "name": "up",
        "rows": [{"n": 1}],
        "checks": [check],
    }


def test_a_bar_that_is_missed_sets_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = [at_least("rate", 99, 100, "1/s"), at_least("rows", 100, 100, "")]
    invent(monkeypatch, Report("up", [{"n": 1}], checks))
    assert bench.main(["up"]) == 1
    said = capsys.readouterr().out
    assert "✗" in said
    assert "✓" in said


def test_an_unknown_benchmark_is_refused() -> None:
    with pytest.raises(SystemExit) as ended:
        bench.main(["nothing"])
    assert ended.value.code == 2
