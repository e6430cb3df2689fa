"""Hints on columns: explanations beyond the schema, and synonyms of headers."""

from typing import NamedTuple


class Hint(NamedTuple):
    """A word of help on one column.

    Attributes:
        meaning: what goes into it, in Chinese; the schema's description says it in English.
        synonyms: other headers that people give it. They are suggested, never taken for it.
    """

    meaning: str = ""
    synonyms: tuple[str, ...] = ()


STAFF_NO = Hint(
    "教职工在本局内唯一的编号",
    ("职工号", "教工号", "员工编号", "职工编号", "教师编号", "人员编号", "employee no"),
)
SCHOOL_CODE = Hint(
    "国家学校（机构）标识码，10 位数字",
    ("学校代码", "学校编码", "学校编号", "单位代码", "所在学校", "标识码", "school id"),
)
FIRST_DAY = Hint("含当日", ("起始日期", "起日", "开始时间", "from"))
LAST_DAY = Hint("含当日", ("截止日期", "止日", "终止日期", "结束时间", "to"))
PERSON_NAME = Hint("", ("名字", "教师姓名", "员工姓名", "full name"))
NOTE = Hint("", ("备注", "remark", "comment"))
