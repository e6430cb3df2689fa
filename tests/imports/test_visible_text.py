"""What looks the same is stored as the same, and found by each other."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.core.visible_text import (
    comparable,
    is_blank,
    is_usual,
    lost_character,
    visible,
    visible_code,
    visible_name,
)
from services.chassis.schemas.id_numbers.checking import check_id_number
from tests.schools.county import id_number

HIDDEN = "\u200b\u200c\u200d\u200e\u2060\ufeff\u00ad\u202a\u202c\u2066\u2069\u061c\ufe0e"
SPACES = "\u00a0\u2003\u2009\u202f\u3000"
ANY = st.text(max_size=20)
OF_CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=12)


@given(ANY, st.booleans())
def test_folding_twice_is_folding_once(text: str, keep_spaces: bool) -> None:
    once = visible(text, keep_spaces=keep_spaces)
    assert visible(once, keep_spaces=keep_spaces) == once
    for fold in (visible_name, visible_code, comparable):
        assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20))
def test_plain_text_is_left_alone(text: str) -> None:
    assert is_usual(text)
    assert visible(text) == text
    assert visible_code(text) == text.strip()


@given(OF_CHINESE)
def test_chinese_is_left_alone(text: str) -> None:
    assert visible(text) == visible_name(text) == visible_code(text) == text


@given(OF_CHINESE, st.sampled_from(HIDDEN), st.integers(0, 12))
def test_hidden_characters_are_taken_off(text: str, hidden: str, at: int) -> None:
    assert visible(text[:at] + hidden + text[at:]) == text
    assert is_blank(hidden)


@given(OF_CHINESE, OF_CHINESE, st.sampled_from(SPACES))
def test_wide_spaces_are_spaces(one: str, other: str, space: str) -> None:
    assert visible(one + space + other) == f"{one} {other}"
    assert visible(one + space + other, keep_spaces=True) == one + space + other


@given(st.characters(min_codepoint=0x2F00, max_codepoint=0x2FD5))
def test_radicals_are_ideographs(radical: str) -> None:
    assert visible(radical) == unicodedata.normalize("NFKC", radical)
    assert "\u3400" <= visible(radical) <= "\u9fff"


KEPT = (
    "①", "㎡", "½", "（甲）", "“好”", "，", "—", "Ⅲ", "ℓ", "🏫", "👩\u200d🏫", "نا\u200cم",
    "〔2025〕", "㈠",
)  # fmt: skip


@pytest.mark.parametrize("kept", KEPT)
def test_what_looks_different_stays(kept: str) -> None:
    assert visible(kept) == kept


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("王\u3000明", "王明"), ("王  明", "王明"), ("阿卜杜拉\u2022买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉 买买提", "阿卜杜拉 买买提"), ("王小 明", "王小 明"), ("⻢⻛", "马风"),
        ("Ｊ·Ｋ", "J·K"), ("A B", "A B"), ("\U0002f81a", "冬"),
    ],
)  # fmt: skip
def test_names_are_written_one_way(name: str, stored: str) -> None:
    assert visible_name(name) == stored


@pytest.mark.parametrize(
    ("code", "stored"),
    [
        ("Ｔ１２", "T12"), ("Т-12", "T-12"), ("A–1", "A-1"), ("\u202a12\u202c", "12"),
        ("1\u200b2", "12"), ("\t12\n", "12"), ("1 2", "1 2"), ("Ⅹ", "X"),
    ],
)  # fmt: skip
def test_codes_are_written_one_way(code: str, stored: str) -> None:
    assert visible_code(code) == stored


@given(st.integers(0, 100_000), st.sampled_from(HIDDEN), st.integers(0, 18))
def test_numbers_of_persons_are_read_as_they_look(serial: int, hidden: str, at: int) -> None:
    number = id_number(serial)
    wide = number.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789X"})
    assert check_id_number(number[:at] + hidden + number[at:]) == number
    assert check_id_number(f"\u3000{wide} ") == number
    assert check_id_number(number.replace("X", "Х")) == number


@pytest.mark.parametrize("text", ["\ufffd", "a\ue000", "锟斤拷", "\U00100000", "\ufffc"])
def test_lost_characters_are_seen(text: str) -> None:
    assert lost_character(f"王{text}")
    assert lost_character("王锟") is None


@given(ANY)
def test_what_is_blank_shows_nothing(text: str) -> None:
    assert is_blank(text) == (not visible(text).strip())
