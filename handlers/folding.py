"""One form for what people type in several: width of characters, case, invisible marks.

Only for comparing and for structure; what a person wrote freely is kept as typed.
"""

from __future__ import annotations

import regex

_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_INVISIBLE = regex.compile(r"[\p{Cf}\uFE0E\uFE0F]+")
_MARK = regex.compile(r"[\p{Cf}--[\u200C\u200D]]", regex.V1)
_CJK = regex.compile(r"[\p{Han}〇]")


def half(text: str) -> str:
    """`text` with full-width ASCII and the ideographic space in half width, same length."""
    return text.translate(_HALF)


def fold(text: str) -> str:
    """`text` as names are compared: half width, any case alike, nothing invisible, trimmed."""
    return _INVISIBLE.sub("", half(text)).strip().casefold()


def is_cjk(char: str) -> bool:
    """Whether `char` is a Chinese character, next to which words need no space."""
    return _CJK.match(char) is not None


def spaced(text: str) -> str:
    """`text` with a space for each invisible mark, except the joiners inside words."""
    return _MARK.sub(" ", text)
