"""Arguments and options of `junheng import`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Operation(StrEnum):
    """Operation on the stored rows."""

    INSERT = "insert"
    UPSERT = "upsert"
    REPLACE = "replace"


class Mode(StrEnum):
    """Treatment of faulty rows."""

    ALL_OR_NOTHING = "all_or_nothing"
    VALID_ROWS = "valid_rows"


class Encoding(StrEnum):
    """Text encodings."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    BIG5 = "big5"
    WINDOWS_1252 = "windows-1252"


class Delimiter(StrEnum):
    """Column delimiters of CSV."""

    COMMA = ","
    SEMICOLON = ";"
    TAB = "tab"
    BAR = "|"


File = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, readable=True, metavar="FILE", help="CSV, NDJSON, XLSX"
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只校验，不写入 / check without storing")]
Operations = Annotated[Operation, typer.Option(metavar="NAME", help=" | ".join(Operation))]
Modes = Annotated[Mode, typer.Option(metavar="NAME", help=" | ".join(Mode))]
Mapping = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="HEADER=FIELD",
        help="列名对应的字段；“列名=”忽略该列 / field of a column; HEADER= ignores it",
    ),
]
Like = Annotated[
    str | None,
    typer.Option(metavar="ID", help="沿用先前导入的对应关系 / mappings of an earlier import"),
]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--value",
        metavar="FIELD:WORD=VALUE",
        help="文件中的词所代表的值 / value that a word of the file stands for",
    ),
]
IgnoreUnknown = Annotated[
    bool,
    typer.Option(
        "--ignore-unknown-columns", help="忽略不是字段的列 / ignore columns that are no field"
    ),
]
AllowShrink = Annotated[
    bool,
    typer.Option(
        "--allow-shrink", help="允许 replace 移除超过 20 % / let replace remove more than 20 %"
    ),
]
Encodings = Annotated[Encoding | None, typer.Option(metavar="NAME", help=" | ".join(Encoding))]
Delimiters = Annotated[Delimiter | None, typer.Option(metavar="SIGN", help=",  ;  tab  |")]
Sheet = Annotated[str | None, typer.Option(metavar="NAME", help="工作表 / sheet")]
Preview = Annotated[
    bool,
    typer.Option("--preview", help="只预览列与前几行 / only preview columns and first rows"),
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="上传后即返回 / return after the upload")]
FailedRowsFile = Annotated[
    Path | None,
    typer.Option(
        dir_okay=False, metavar="FILE", help="保存错误行的文件 / file for the faulty rows"
    ),
]
Yes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="试运行后直接导入 / import after the dry run without asking"),
]
