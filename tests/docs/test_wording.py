"""Texts use plain English and full-width Chinese punctuation."""

from pathlib import Path

import pytest

from tests.docs.wording import faults_of

ROOT = Path(__file__).resolve().parents[2]
# Folders and files that are checked; the rest of the repository follows.
CHECKED = [
    "README.md",
    "README.zh-CN.md",
    "docs",
    "dev.py",
    "client",
    "deploy",
    "gateway",
    "services/accountability",
    "services/appraisal",
    "services/schools/assignments",
    "services/schools/bureaus",
    "services/schools/id_number_reports",
    "services/schools/personal_data",
    "services/schools/schools",
    "services/schools/staff",
    "services/chassis/audit",
    "services/chassis/core",
    "services/chassis/database",
    "services/chassis/exports",
    "services/chassis/files",
    "services/chassis/http",
    "services/chassis/imports",
    "services/chassis/lists",
    "services/chassis/openapi",
    "services/chassis/operations",
    "services/chassis/peers",
    "services/chassis/procedures",
    "services/chassis/queue",
    "services/chassis/runtime",
    "services/chassis/schemas",
    "services/chassis/subject_access",
    "tests/client",
]
SUFFIXES = {".py", ".md"}


@pytest.mark.parametrize("path", CHECKED)
def test_texts_follow_the_rules_of_wording(path: str) -> None:
    start = ROOT / path
    files = [start] if start.is_file() else sorted(start.rglob("*"))
    checked = [file for file in files if file.suffix in SUFFIXES]
    assert checked
    faults = [f"{file.relative_to(ROOT)}:{fault}" for file in checked for fault in faults_of(file)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", '"""What a module does."""'),
        ("a.py", "def f() -> None:\n    '''What it is.'''"),
        ("a.py", "# What follows.\nx = 1"),
        ("a.py", "def test_faults_are_told() -> None: ..."),
        ("a.py", "x = 'Whoever asks'"),
        ("a.py", "x = '已导入,错误行除外'"),
        ("a.py", "x = '导入?'"),
        ("a.py", "x = '{service}:首个异常'"),
        ("a.py", "x = '工作表 {sheet}(共 {all})'"),
        ("a.py", "x = f'第 {x} 行:{y}'"),
        ("a.md", "It tells the reason."),
        ("a.md", "状态为草稿;不能确认。"),
        ("a.md", "默认 `production`;`dev.py` 下不同。"),
        ("a.zh-CN.md", "导入,导出。"),
        ("a.zh-CN.md", "导入 CSV, 导出 XLSX。"),
        ("a.zh-CN.md", "导入文件: CSV"),
        ("a.zh-CN.md", "权限 `a`, `b`"),
        ("a.zh-CN.md", "**导入**:见下文。"),
        ("a.zh-CN.md", "见[导入](a.md)(全部)。"),
        ("a.zh-CN.md", "任务进程(worker)"),
        ("a.zh-CN.md", "是否导入?"),
        ("a.zh-CN.md", '称"不确定档次"'),
        ("a.zh-CN.md", "导入是一个任务."),
        ("a.zh-CN.md", "导入的格式有 CSV."),
    ],
)
def test_faults_are_found(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    assert faults_of(file)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", '"""The supervisor (督学) of a bureau: 局."""'),
        ("a.py", "x = '读取地址，如 /v1/schools?limit=5 / send a request: {path}'"),
        ("a.py", "x = ['优秀', '合格']"),
        ("a.py", "x = 'List accounts (账号列表)'"),
        ("a.py", "size = file.tell()"),
        ("a.md", "Roles (年度考核) and `工号,姓名`.\n\n```text\n工号,姓名\n```"),
        ("a.md", "What a result follows from"),
        ("a.zh-CN.md", "见[导入](a.md#b)：最多 1,048,575 行，第 3.11 版，12:30。"),
        ("a.zh-CN.md", "![网关与服务](a.svg)"),
        ("a.zh-CN.md", "| 列 | 值 |\n|:--|---|\n| `工号,姓名` | **必填**：（是） |"),
        ("a.zh-CN.md", "1. 导入\n\n<!-- diagram a/b zh -->\n```text\n工号,姓名\n```"),
    ],
)
def test_correct_texts_have_no_faults(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    assert faults_of(file) == []
