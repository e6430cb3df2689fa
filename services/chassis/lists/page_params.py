"""Query parameters that every list has."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from services.chassis.files.formats import Compress
from services.chassis.schemas.examples import CURSOR

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000


# Parameters of files for people, which also belong to export jobs.
TITLES: Any = (
    Literal["code", "zh", "en"],
    Field(
        "code",
        description="Header of csv and xlsx: names of fields, or Chinese or English titles (表头)",
    ),
)
CODES: Any = (
    Literal["code", "label"],
    Field("code", description="Coded cells of csv and xlsx: codes, or their labels (代码或名称)"),
)
SHOWN = ("titles", "codes")


class PageParams(BaseModel, extra="forbid"):
    """Parameters of every list (分页参数)."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Rows per page (每页行数)")
    cursor: str | None = Field(
        None,
        max_length=2000,
        description="Value of `next_cursor` of the previous page (游标)",
        examples=[CURSOR],
    )
    total: Literal["exact", "estimated"] | None = Field(
        None, description="Also count all rows, or estimate their number (总数)"
    )
    fields: str | None = Field(
        None, description="Only these fields, comma-separated (字段)", examples=["id,version"]
    )
    format: Literal["json", "csv", "ndjson", "xlsx"] = Field(
        "json", description="`csv`, `ndjson` and `xlsx` return every row of the selection (导出)"
    )
    bom: bool = Field(False, description="Start CSV with a byte order mark, for Excel (字节序标记)")
    compress: Compress = Field("none", description="`gzip` compresses csv and ndjson (压缩)")
