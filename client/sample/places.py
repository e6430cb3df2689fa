"""Names of towns and villages of an invented county."""

from collections.abc import Iterator

COUNTY = "示例县"
SEAT = "城关镇"

_TOWNS = (  # noqa: SIM905 - a list would take one line an item
    "青石 柳湾 白塔 河口 石门 清水 红崖 双泉 云台 龙泉 金沟 杏花 大坪 新营 马坡 高崖 "
    "甘草 连搭 上庄 桑园 松林 黑池 沙沟 梨园 三岔 望垭 北塬 南川 平安 和平"
).split()
_FAMILIES = "杨李王张刘陈马赵孙周吴郑魏石康郭田侯窦蒋金岳白贾杜冯曹彭"
_LAND = ("家沟", "家湾", "家庄", "家坪", "家岔", "家川", "家塬", "家堡", "家营", "家滩")
_TOWN_PREFIXES = ("", "新", "大", "上", "下", "东", "西", "南", "北", "小")
_VILLAGE_PREFIXES = ("", "上", "下", "东", "西", "南", "北", "前", "后", "大", "小", "新")
_DIGITS = "零一二三四五六七八九"


def town_names() -> Iterator[str]:
    """Towns (镇) and townships (乡) besides the county seat, without repetition."""
    for prefix in _TOWN_PREFIXES:
        for number, name in enumerate(_TOWNS):
            yield f"{prefix}{name}{'乡' if number % 3 == 2 else '镇'}"


def village_names() -> list[str]:
    """All possible village names."""
    return [
        f"{prefix}{family}{land}"
        for prefix in _VILLAGE_PREFIXES
        for land in _LAND
        for family in _FAMILIES
    ]


def ordinal(number: int) -> str:
    """A Chinese ordinal up to ninety-nine: 第十二."""
    tens, ones = divmod(number, 10)
    text = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return f"第{text}{_DIGITS[ones] if ones or not tens else ''}"
