"""Texts by what people see: hidden characters taken off, look-alikes written one way.

Text that was copied from PDFs, web pages and chats holds characters that nobody sees (zero-width
marks, byte order marks, marks of direction) and characters that look like others (radicals for
ideographs, full-width digits). Two equal-looking names must be one name: what is stored and what
is searched for pass through the same functions. A character that looks different stays as it is:
`①`, `㎡` and `（` are never rewritten in a text. Sources: `Default_Ignorable_Code_Point` and
`Equivalent_Unified_Ideograph` of Unicode 16.0; compatibility mappings of its Annex 15.
"""

import re
from unicodedata import normalize

# Joiners and variation selectors change how letters of these scripts, and emoji, look.
_JOINING = "\u0600-\u08ff\u0900-\u0dff\u1800-\u18af\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    f"|(?<![{_JOINING}])[\u180b-\u180e\u200c\u200d\ufe0f]"
)
# Of all widths.
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Characters that look like those of their compatibility mapping: Kangxi radicals, compatibility
# ideographs, full-width letters and digits, forms of Arabic letters.
_COMPATIBLE = re.compile(
    "[\u2f00-\u2fdf\uf900-\ufaff\ufb50-\ufdf1\ufe70-\ufefc\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    "\U0002f800-\U0002fa1f]"
)
# Radicals that are whole ideographs, for which Unicode has no compatibility mapping.
_RADICALS = str.maketrans(
    "⺁⺄⺒⺓⺝⺟⺠⺩⺬⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻲⻳",
    "厂乙巳幺月母民王示虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙亀龟",
)
# Nearly every text has nothing else; only one that has is looked at more closely.
_UNUSUAL = re.compile("[^ -~\u00b7\u3001-\u30fa\u30fc-\u3163\u3165-\u951e\u9520-\u9fff（），：]")
# Lost characters: the sign for one that could not be read, the same read as GBK, and characters
# that only a certain font or program shows.
_LOST = re.compile("[\ufffc\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]|锟斤拷")
# Letters of other alphabets that look like Latin ones, and the dashes, as codes are written.
_CODE_LETTERS = str.maketrans(
    "АВЕЅІЈКМНОРСТХаеорсхіјѕΑΒΕΖΗΙΚΜΝΟΡΤΧ‐‑‒–—―−﹣",
    "ABESIJKMHOPCTXaeopcxijsABEZHIKMNOPTX--------",
)
# Between the parts of a name in the national scripts, as the resident identity card has it
# (GB 18030, A1A4); keyboards offer others that look the same.
_DOTS = re.compile(r"(?<=\w)[\u2022\u2027\u2219\u22c5\u30fb\uff65](?=\w)")
# Two characters set as wide as three, to fill a column of names.
_PADDED = re.compile(
    "([\u3400-\u9fff\U00020000-\U000323af]) +([\u3400-\u9fff\U00020000-\U000323af])"
)


def is_usual(text: str) -> bool:
    """Whether nothing of a text can be hidden, look like something else or be lost; quickly."""
    return text.isascii() or _UNUSUAL.search(text) is None


def visible(text: str, *, keep_spaces: bool = False) -> str:
    """A text without what nobody sees, with one character for each that looks the same.

    Args:
        text: any text.
        keep_spaces: whether spaces stay as wide as they are, as at the beginning of a paragraph.
    """
    if is_usual(text):
        return text
    text = _INVISIBLE.sub("", text)
    if not keep_spaces:
        text = _SPACES.sub(" ", text)
    text = _COMPATIBLE.sub(lambda found: normalize("NFKC", found[0]), text)
    return normalize("NFC", text.translate(_RADICALS))


def visible_name(name: str) -> str:
    """A person's name: also without the padding of two characters, and with the usual dot."""
    if is_usual(name) and " " not in name:
        return name
    name = visible(name).strip()
    padded = _PADDED.fullmatch(name) if " " in name else None
    return padded[1] + padded[2] if padded else _DOTS.sub("·", name)


def visible_code(text: str) -> str:
    """A code or number: without space around it, in half-width Latin letters, digits and signs."""
    if text.isascii():
        return text.strip()
    return normalize("NFKC", visible(text)).translate(_CODE_LETTERS).strip()


def comparable(text: str) -> str:
    """A text as it is compared where differences of width and case do not count."""
    return text.lower() if text.isascii() else normalize("NFKC", visible(text)).lower()


def is_blank(text: str) -> bool:
    """Whether nothing of a text is seen."""
    if text and text[0].isalnum():  # nearly always
        return False
    return not text or text.isspace() or (not text.isascii() and not visible(text).strip())


def lost_character(text: str) -> str | None:
    """The first character of a text that no reader can make out; None when there is none."""
    found = None if is_usual(text) else _LOST.search(text)
    return found[0] if found else None


def named(character: str) -> str:
    """A character as messages show it: itself and its number."""
    return f"“{character}”（{' '.join(f'U+{ord(one):04X}' for one in character)}）"
