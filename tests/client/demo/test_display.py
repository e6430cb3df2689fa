"""Display of the running steps."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from client.demo.progress import StepDisplay
from client.demo.tally import DONE, IMPORTED, MADE, WRITTEN, CountLabels, Tally
from client.text import Language, Text, language_of

TITLE = Text("导入教职工", "Import staff")


def shown(is_terminal: bool, language: Language = "zh-CN") -> str:
    console = Console(file=io.StringIO(), force_terminal=is_terminal, width=100, no_color=True)
    display = StepDisplay(console, language)
    with display.step("staff", TITLE, 4200, IMPORTED) as meter:
        meter.on_outage(RuntimeError())
        meter.on_outage(RuntimeError())
        meter.advance(4200, Tally(new=4000, changed=150, kept=50))
    with display.step("clock", Text("调整时钟", "Move the clock")) as meter:
        meter.result = "2026-01-05"
    assert list(display.seconds) == ["staff", "clock"]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_without_a_terminal_each_step_is_a_line() -> None:
    outage, staff, moved = shown(is_terminal=False).splitlines()
    assert outage == "    服务暂不可用，正在重试"
    assert staff.startswith("导入教职工：新增 4,000，更新 150，未变 50（")
    assert moved.startswith("调整时钟：2026-01-05（")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_bars_on_a_terminal_are_aligned(language: Language) -> None:
    # The last line of each step remains on the screen.
    lines = [line for line in shown(True, language).split("\n") if "/" in line]
    last = [line.rpartition("\r")[2].rpartition("\x1b[2K")[2] for line in lines]
    starts = {cell_len(line[: line.index("━")]) for line in last if "━" in line}
    assert len(starts) == 1
    assert all(cell_len(line) <= 100 + 20 for line in last)


@pytest.mark.parametrize(
    ("tally", "labels", "said"),
    [
        (Tally(), IMPORTED, "无"),
        (Tally(kept=4200), IMPORTED, "未变 4,200"),
        (Tally(new=1, kept=2), MADE, "新建 1，已有 2"),
        (Tally(kept=12), DONE, "此前已完成 12"),
        (Tally(new=3, kept=1), WRITTEN, "写入 3 个文件，1 个文件未变"),
    ],
)
def test_counts_use_the_labels_of_the_step(tally: Tally, labels: CountLabels, said: str) -> None:
    assert tally.describe("zh-CN", labels) == said


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "zh-CN"),
        ({"LANG": "C.UTF-8"}, "zh-CN"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh-CN"),
        ({"LC_ALL": "", "LANG": "en_US.UTF-8"}, "en"),
    ],
)
def test_the_language_of_the_system_is_used(
    environment: dict[str, str], language: Language
) -> None:
    assert language_of(environment) == language
