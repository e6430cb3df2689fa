"""Names of invented people, with surnames about as frequent as in north-west China."""

from client.sample.randomness import SeededRandom, WeightedChoice

_SURNAMES = WeightedChoice(
    (surname, weight)
    for weight, group in (
        (700, "王李张"),
        (520, "刘陈杨马"),
        (230, "赵黄周吴徐孙"),
        (150, "朱胡郭何高林罗郑梁"),
        (100, "谢宋唐许韩冯邓曹彭曾肖田董袁潘"),
        (70, "于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"),
        (40, "闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍"),
        (15, "庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍"),
        (
            6,
            "涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝",
        ),
        # Surnames common among Hui, Dongxiang and Tu families in the region.
        (12, "撒哈喇妥拜祁"),
    )
    for surname in group
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "令狐", "慕容", "东方", "夏侯")
_TIBETAN_MALE = ("扎西", "才让", "多杰", "旦增", "丹巴", "索南", "尼玛", "桑吉")
_TIBETAN_FEMALE = ("卓玛", "央金", "拉姆", "白玛", "德吉", "草", "吉", "措")

# Characters of given names by birth cohort. The rare ones, three of them outside the first CJK
# block, occur in real staff lists and often break software.
_MALE_OLD = "建国军平明华强志伟永林文生成福德海龙俊勇刚斌辉忠义宏学金玉万世兴旺瑞祥东红卫"
_MALE_YOUNG = "伟鹏飞浩宇凯博文杰超磊涛亮晨轩泽睿航翔俊豪子昊嘉铭志远乐帆旭东晓阳"
_FEMALE_OLD = "秀兰玉英桂芳淑珍梅霞红丽萍琴娟凤莲彩云翠香惠琼芬爱菊燕春花巧玲月娥"
_FEMALE_YOUNG = "婷雪敏静丽娜倩颖佳怡欣悦梦瑶雨涵思琪文慧晓璐莹蕾洁晶媛馨宁雅楠萱诺"
_RARE = ("䶮", "㛃", "𬭎", "堃", "喆", "昶", "翀", "曌")


def person_name(rng: SeededRandom, *, is_female: bool, birth_year: int) -> str:
    """A plausible name of two or three characters, now and then a compound or Tibetan one."""
    fate = rng.below(1000)
    if fate < 6:
        second = _TIBETAN_FEMALE if is_female else _TIBETAN_MALE
        return rng.pick(_TIBETAN_MALE) + rng.pick(second)
    surname = rng.pick(_COMPOUND) if fate < 10 else _SURNAMES.pick(rng)
    if fate > 997:
        return surname + rng.pick(_RARE)
    return surname + _given_name(rng, _characters(is_female=is_female, birth_year=birth_year))


def _characters(*, is_female: bool, birth_year: int) -> str:
    if birth_year < 1984:
        return _FEMALE_OLD if is_female else _MALE_OLD
    return _FEMALE_YOUNG if is_female else _MALE_YOUNG


def _given_name(rng: SeededRandom, characters: str) -> str:
    first = rng.pick(characters)
    if rng.happens(0.16):
        return first
    second = rng.pick(characters)
    # Doubled characters are rare in staff lists.
    return first + second if second != first or rng.happens(0.1) else first
