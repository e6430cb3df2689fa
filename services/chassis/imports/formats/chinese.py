"""Doubts about text that can only be GB18030: does it look like Chinese?

Nearly every pair of bytes is some character of GB18030, so text in Windows-1252 or Big5 can be
read, too, as characters that hardly anybody uses. Chinese text consists of those of GB 2312.
"""

from services.chassis.core.safe_text import storable
from services.chassis.imports.declaration.file_problems import EncodingDoubtful

# Of the characters that are not ASCII; measured: lists of names have more than 97 of 100.
_LEAST_SHARE = 0.5
_AROUND = 8


def require_chinese(head: bytes) -> None:
    """Require that most of the beginning of a text, read as GB18030, is common Chinese.

    Raises:
        EncodingDoubtful: it is not; with the first place where it is not.
    """
    text = head[: head.rfind(b"\n") + 1 or None].decode("gb18030", "replace")
    strange = [index for index, one in enumerate(text) if not one.isascii()]
    common = sum(map(_is_common, (text[index] for index in strange)))
    if not strange or common >= _LEAST_SHARE * len(strange):
        return
    at = next(index for index in strange if not _is_common(text[index]))
    line = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    first, last = max(line, at - _AROUND), min(end if end >= 0 else len(text), at + _AROUND)
    sample = storable(text[first:last].strip())
    raise EncodingDoubtful(row=text.count("\n", 0, at) + 1, sample=sample)


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
