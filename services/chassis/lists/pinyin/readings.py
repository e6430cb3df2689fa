"""How the characters of names are read: one syllable each, the one that people would type.

The library's first reading holds, except where names are read otherwise. Those exceptions all
stand here. A character has one reading in a name, so where people themselves differ (盖 as a
surname, 朝阳 as a given name) the commoner one counts. Tones are not kept; ü is written `v`.
"""

import os
import re

# Before the import: the library's dictionary of phrases would cost 45 MB in every process.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import lazy_pinyin

# The library puts first what is commonest in running text; in names it hardly ever occurs.
IN_NAMES = {
    "都": "du", "长": "chang", "什": "shi", "泊": "bo",  # 成都, 长春, 喀什, 泊头
    "晟": "sheng", "珩": "heng", "焘": "tao", "焯": "zhuo",  # given names
    "曾": "zeng", "仇": "qiu", "缪": "miao", "翟": "zhai", "阚": "kan", "卜": "bu",  # surnames,
    "佴": "nai", "贠": "yun", "乜": "nie",  # in the names of villages, too
}  # fmt: skip

# Read so where they stand first in a person's name, and as the library says everywhere else.
SURNAMES = {
    "单": "shan", "解": "xie", "查": "zha", "区": "ou", "朴": "piao", "盖": "ge", "种": "chong",
    "乐": "yue", "员": "yun", "召": "shao", "覃": "qin", "繁": "po", "秘": "bi", "洗": "xian",
    "祭": "zhai", "折": "she", "蔚": "yu", "薄": "bo", "句": "gou", "么": "yao", "粘": "nian",
    "藏": "zang", "尉迟": "yu chi", "万俟": "mo qi", "单于": "chan yu", "澹台": "tan tai",
    "长孙": "zhang sun", "乐正": "yue zheng",
}  # fmt: skip
# Longer texts are not names of persons, or have no surname first (买买提·艾力).
_LONGEST_OF_PERSONS = 4

# Counties, towns and words of schools' names in which a character is read in its rarer way.
WORDS = {
    "重庆": "chong qing", "西藏": "xi zang", "藏族": "zang zu", "厦门": "xia men",
    "六安": "lu an", "六合": "lu he", "蚌埠": "beng bu", "枞阳": "zong yang", "涡阳": "guo yang",
    "番禺": "pan yu", "大埔": "da bu", "铅山": "yan shan", "黄陂": "huang pi",
    "单县": "shan xian", "东阿": "dong e", "乐陵": "lao ling", "牟平": "mu ping",
    "中牟": "zhong mu", "浚县": "xun xian", "泌阳": "bi yang", "乐亭": "lao ting",
    "蔚县": "yu xian", "洪洞": "hong tong", "长子": "zhang zi", "繁峙": "fan shi",
    "吴堡": "wu bu", "崆峒": "kong tong", "乐清": "yue qing", "会稽": "kuai ji",
    "犍为": "qian wei", "筠连": "jun lian", "荥经": "ying jing", "尉犁": "yu li",
    "伽师": "jia shi", "珲春": "hun chun", "莘庄": "xin zhuang", "闵行": "min hang",
    "太行": "tai hang", "音乐": "yin yue", "会计": "kuai ji", "重阳": "chong yang",
    "重华": "chong hua", "朝晖": "zhao hui", "朝霞": "zhao xia", "成长": "cheng zhang",
    "校长": "xiao zhang", "家长": "jia zhang",
    # Against the surnames that they begin with.
    "解放": "jie fang", "繁昌": "fan chang", "覃塘": "tan tang", "乐山": "le shan",
    "召陵": "shao ling",
}  # fmt: skip

_WORD = re.compile("|".join(WORDS))
_IRREGULAR = frozenset(word[0] for word in (*SURNAMES, *WORDS))


class _Syllables(dict[str, str]):
    """Each character's syllable, filled as characters are met: asking the library takes long."""

    def __missing__(self, character: str) -> str:
        chinese = "".join(lazy_pinyin(character, errors="ignore"))
        self[character] = chinese or (character if character.isalnum() else "")
        return self[character]


_SYLLABLES = _Syllables(IN_NAMES)


def is_irregular(name: str) -> bool:
    """Whether a name may have a character that is read by what stands beside it."""
    return not _IRREGULAR.isdisjoint(name)


def syllables_of(name: str) -> list[str]:
    """The readings of each character of a name.

    Letters and digits that are not Chinese stand for themselves, everything else for nothing.
    """
    syllables = [_SYLLABLES[character] for character in name]
    if is_irregular(name):
        if len(name) <= _LONGEST_OF_PERSONS:
            surname = SURNAMES.get(name[:2]) or SURNAMES.get(name[:1], "")
            read = surname.split()
            syllables[: len(read)] = read
        for word in _WORD.finditer(name):
            syllables[word.start() : word.end()] = WORDS[word[0]].split()
    return syllables


class _Translation(dict[int, str]):
    """Syllables for `str.translate`, of texts with a name in each line."""

    def __init__(self, letters: int | None) -> None:
        """So many letters of each syllable; None for all."""
        super().__init__({ord("\n"): "\n"})
        self._letters = letters

    def __missing__(self, code: int) -> str:
        self[code] = _SYLLABLES[chr(code)][: self._letters]
        return self[code]


PINYIN, INITIALS = _Translation(None), _Translation(1)
