"""`junheng import --preview`: request and output."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.client.command_line import WHO, run
from tests.client.fake import FakePlatform, answer, problem

pytestmark = pytest.mark.usefixtures("no_network")

PATH = "/schools/v1/imports:preview"
STAFF_NO = {"field": "staff_no", "title_zh": "工号", "title_en": "Staff no"}
FOUND: dict[str, Any] = {
    "format": "csv", "encoding": "gb18030", "delimiter": "\t", "sheets": [], "sheet": None,
    "header_row": 2,
    "columns": [
        {"header": "职工编号", "field": None, "is_ignored": False,
         "suggestions": [STAFF_NO | {"score": 1.0}]},
        {"header": "姓名", "field": "name", "is_ignored": False, "suggestions": []},
        {"header": "[备注]", "field": None, "is_ignored": False, "suggestions": []},
        {"header": "_row", "field": None, "is_ignored": True, "suggestions": []},
    ],
    "missing": [STAFF_NO],
    "rows": [
        {"row": row, "cells": [f"T{row}", " 王 ", "x" * 99, row], "values": {"name": "王"}}
        for row in range(3, 23)
    ],
    "rows_checked": 2000,
    "faults": [
        {"row": 3, "field": "name", "code": "missing", "message": "Required", "params": {}}
    ],
    "fault_count": 31,
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "staff.csv"
    file.write_bytes(b"staff_no\nT1\n")
    return file


def sent(request: httpx.Request) -> tuple[dict[str, Any], bytes]:
    """The options and the content of a form."""
    boundary = re.search("boundary=(.*)", request.headers["Content-Type"])
    assert boundary
    _, options, content, _ = request.content.split(f"--{boundary[1]}".encode())
    return (
        json.loads(options.partition(b"\r\n\r\n")[2]),
        content.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n"),
    )


def test_columns_first_values_and_faults_are_shown(
    platform: FakePlatform, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    platform.on("POST", PATH, answer(FOUND))
    result = run("import", "staff", str(file), "--preview", *WHO)
    assert result.exit_code == 0, result.output
    assert "format csv · encoding gb18030 · delimiter tab · header in row 2" in result.stdout
    cells = [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in result.stdout.splitlines()
        if line.startswith("│")
    ]
    assert cells[0] == ["职工编号", "staff_no?", "T3", "T4"]
    assert cells[1] == ["姓名", "name", "王", "王"]
    assert cells[2][:2] == ["[备注]", "unknown"]
    assert ["_row", "ignored", "3", "4"] in cells
    assert ["3", "姓名", "Required (missing)"] in cells
    assert "missing required fields: Staff no (staff_no)" in result.stdout
    assert "and 30 more, 31 in total" in result.stdout
    assert "first 2,000 rows checked, 31 faults" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_output_in_chinese(platform: FakePlatform, file: Path) -> None:
    sheets = {"format": "xlsx", "encoding": None, "delimiter": None, "sheets": ["人员", "说明"]}
    good = {"sheet": "人员", "faults": [], "fault_count": 0, "missing": []}
    platform.on("POST", PATH, answer(FOUND | sheets | good))
    result = run("import", "staff", str(file), "--preview", *WHO, "--lang", "zh-CN")
    for words in (
        "格式 xlsx · 工作表 人员（共 2 个）",
        "工号 staff_no？",
        "未知",
        "忽略",
        "第 3 行",
        "0 处",
    ):
        assert words in result.stdout


def test_the_first_mebibyte_of_text_and_all_of_a_workbook_are_sent(
    platform: FakePlatform, file: Path
) -> None:
    platform.on("POST", PATH, answer(FOUND))
    text, packed = b"staff_no\n" * 200_000, b"PK\x03\x04" + bytes(1_500_000)
    words = ("--map", "备注=", "--encoding", "gb18030", "--delimiter", "tab", "--sheet", "a")
    for content, expected in ((text, text[: 1 << 20]), (packed, packed)):
        file.write_bytes(content)
        run("import", "staff", str(file), "--preview", *words, *WHO)
        assert sent(platform.requests[-1]) == (
            {
                "resource": "staff",
                "column_mapping": {"备注": None},
                "value_mapping": {},
                "ignore_unknown_columns": False,
                "encoding": "gb18030",
                "delimiter": "\t",
                "sheet": "a",
            },
            expected,
        )


def test_a_retry_sends_the_same_file(platform: FakePlatform, file: Path) -> None:
    platform.on("POST", PATH, problem(503, "platform.unavailable"), answer(FOUND))
    with platform.client() as client:
        assert client.preview_file("staff", file).rows_checked == 2000
    first, second = platform.requests
    assert sent(first)[1] == sent(second)[1] == b"staff_no\nT1\n"


def test_an_unreadable_file_ends_with_1(platform: FakePlatform, file: Path) -> None:
    platform.on("POST", PATH, problem(422, "import.workbook_damaged"))
    result = run("import", "staff", str(file), "--preview", *WHO)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "import.workbook_damaged" in result.stderr
