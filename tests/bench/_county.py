"""A large registry as files: valid, and with faults where they are wanted."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from services.chassis.schemas.id_numbers.areas import AREAS

BUREAU, SCHOOLS = "620123", 2000
HEADER = (
    "staff_no,name,id_number,school_code,post_category,post_level,title,duty,employed_on,"
    "left_on,status"
)
_WEIGHTS, _CHECK = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
_FIRST = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷"
    "龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔牛"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英春海国华建文玉梅红鹏飞燕玲辉佳林"
    "波宁浩宇欣怡晨雪梓涵子轩雨泽俊博思远志永振东晓东小云龙凤山川石松柏青峰"
)


_AGE_OF_WORK = timedelta(days=6600)


def school_codes() -> list[str]:
    """The schools' codes."""
    return [f"2162{number:06}" for number in range(1, SCHOOLS + 1)]


def write_schools(file: Path) -> None:
    """The schools as a file to import."""
    lines = [f"{code},示例县第{n}小学,211,121" for n, code in enumerate(school_codes(), 1)]
    file.write_text("\n".join(["school_code,name,school_type,area_type", *lines, ""]), "utf-8")


def write_staff(file: Path, rows: int, *, faulty: float = 0.0) -> int:
    """So many members of staff as a file to import; how many of the rows are faulty."""
    chance = random.Random(7)
    schools, count = school_codes(), 0
    with file.open("w", encoding="utf-8") as output:
        output.write(HEADER + "\n")
        for number, id_number in enumerate(islice(_id_numbers(), rows)):
            name = chance.choice(_FIRST) + "".join(
                chance.choices(_GIVEN, k=chance.choice((1, 2, 2)))
            )
            born = date.fromisoformat(id_number[6:14])
            employed = date(1990, 9, 1) + timedelta(days=number * 7 % 12000)
            employed = max(employed, born + _AGE_OF_WORK)
            title = ("senior", "first", "second", "")[number % 4]
            duty = "班主任" if number % 5 == 0 else ""
            if chance.random() < faulty:
                count, id_number = count + 1, id_number[:-1] + "?"
            output.write(
                f"T{number:08},{name},{id_number},{schools[number % SCHOOLS]},professional,"
                f"{7 + number % 7},{title},{duty},{employed},,active\n"
            )
    return count


def _id_numbers() -> Iterator[str]:
    """Different ID numbers, in no order."""
    areas = [code for code, area in AREAS.items() if area.until > 2100]
    number = 0
    while True:
        number += 1
        born = date(1965, 1, 1) + timedelta(days=number * 7919 % 12000)
        body = f"{areas[number * 31 % len(areas)]}{born:%Y%m%d}{number // 12000 % 1000:03}"
        yield body + _CHECK[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]
