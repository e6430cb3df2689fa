"""What names are found by: readings of characters, and what is typed to find them."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from services.chassis.lists.pinyin.names import key_sought, keys_of, keys_of_all
from services.chassis.lists.pinyin.readings import IN_NAMES, SURNAMES, WORDS

PEOPLE = {
    "王小明": "wangxiaoming wxm",
    "欧阳娜娜": "ouyangnana oynn",
    "吕布": "lvbu lb",
    "曾国藩": "zengguofan zgf",
    "李曾": "lizeng lz",
    "单雄信": "shanxiongxin sxx",
    "解缙": "xiejin xj",
    "仇英": "qiuying qy",
    "查良镛": "zhaliangyong zly",
    "区适子": "oushizi osz",
    "朴树": "piaoshu ps",
    "翟志刚": "zhaizhigang zzg",
    "盖文": "gewen gw",
    "缪昌期": "miaochangqi mcq",
    "尉迟恭": "yuchigong ycg",
    "长孙无忌": "zhangsunwuji zswj",
    "万俟卨": "moqixie mqx",
    "种师道": "chongshidao csd",
    "乐毅": "yueyi yy",
    "员半千": "yunbanqian ybq",
    "覃正": "qinzheng qz",
    "李单": "lidan ld",
    "张乐": "zhangle zl",
    "王长青": "wangchangqing wcq",
    "李晟": "lisheng ls",
    "王𬀩明": "wangweiming wwm",
}
PLACES = {
    "重庆市第八中学": "chongqingshidibazhongxue cqsdbzx",
    "重点中学": "zhongdianzhongxue zdzx",
    "厦门市音乐学校": "xiamenshiyinyuexuexiao xmsyyxx",
    "六安市六合小学": "luanshiluhexiaoxue laslhxx",
    "单县解放小学": "shanxianjiefangxiaoxue sxjfxx",
    "解放小学": "jiefangxiaoxue jfxx",
    "曾家镇中心小学": "zengjiazhenzhongxinxiaoxue zjzzxxx",
    "乐山一中": "leshanyizhong lsyz",
    "长安校长学院": "changanxiaozhangxueyuan caxzxy",
    "成都市都江堰": "chengdushidujiangyan cdsdjy",
    "天祝藏族自治县": "tianzhuzangzuzizhixian tzzzzzx",
    "行知小学": "xingzhixiaoxue xzxx",
    "朝阳区教育局": "chaoyangqujiaoyuju cyqjyj",
    "会宁县第3小学": "huiningxiandi3xiaoxue hnxd3xx",
}
OTHERS = {
    "O'Brien": "obrien obrien",
    "J. R. Müller": "jrmvller jrmvller",
    "买买提·艾力": "maimaitiaili mmtal",
    "ＷＡＮＧ１２": "wang12 wang12",
    "员工T00": "yuangongt00 ygt00",
    "(已删除)": "yishanchu ysc",
    "%_\\'": " ",
    "Ω一": "ωyi ωy",
}


@pytest.mark.parametrize(("name", "keys"), (PEOPLE | PLACES | OTHERS).items())
def test_a_name_is_read_as_people_would_type_it(name: str, keys: str) -> None:
    assert " ".join(keys_of(name)) == keys


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("wangxiaoming", "wangxiaoming"),
        ("Wang Xiao Ming", "wangxiaoming"),
        ("xi'an", "xian"),
        ("xi’an", "xian"),
        ("LÜ", "lv"),
        ("lu\u0308", "lv"),
        ("ｗｘｍ", "wxm"),
        ("3", "3"),
        ("王", None),
        ("王xm", None),
        ("wáng", None),
        ("%", None),
        ("wang%", None),
        ("w_", None),
        ("'", None),
        ("' ’", None),
        ("w\x00", None),
        ("O-Brien", None),
    ],
)
def test_letters_are_taken_as_pinyin_and_nothing_else_is(typed: str, key: str | None) -> None:
    assert key_sought(typed) == key


@given(st.text())
def test_keys_hold_letters_and_digits_alone(name: str) -> None:
    pinyin, initials = keys_of(name)
    assert all(character.isalnum() for character in pinyin + initials)
    assert len(initials) <= len(pinyin)


_CHARACTERS = st.sampled_from("".join([*IN_NAMES, *SURNAMES, *WORDS])) | st.characters(
    min_codepoint=0x4E00, max_codepoint=0x9FFF
)


@given(st.lists(st.sampled_from([*PEOPLE, *PLACES, ""]) | st.text(_CHARACTERS)))
def test_many_names_have_the_keys_of_each_of_them(names: list[str]) -> None:
    chinese = [name for name in names if not set(name) & set("0123456789")]
    assert [*keys_of_all(chinese)] == [keys_of(name) for name in chinese]


# Read as everywhere else: they are named because they begin like a surname.
RESCUED = {"解放", "繁昌", "覃塘", "乐山"}


def test_every_exception_is_one() -> None:
    needless = {c for c, syllable in IN_NAMES.items() if lazy_pinyin(c) == [syllable]}
    for word, reading in (SURNAMES | WORDS).items():
        usual = [IN_NAMES.get(c) or lazy_pinyin(c)[0] for c in word]
        assert len(reading.split()) == len(word), word
        if reading.split() == usual:
            needless.add(word)
    assert needless == RESCUED


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("services.schools.staff.queries", "pypinyin.phrases_dict"),  # 45 MB
        ("gateway.accounts.queries", "pypinyin"),  # no names there
    ],
)
def test_no_process_loads_what_it_does_not_need(module: str, unwanted: str) -> None:
    program = f"import sys, {module}; sys.exit({unwanted!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
