"""Which characters may pass: texts and names without control, direction or invisibility tricks.

Explicit direction characters (embeddings, overrides, isolates) are removed rather than closed,
so each character is judged by its neighbours alone and a text may be cut anywhere; Arabic and
Hebrew need none of them (Unicode Bidirectional Algorithm, UAX #9). Tag characters stay only in
emoji flags (UTS #51), variation selectors only one at a time.
"""

from __future__ import annotations

import unicodedata

import regex

_SUSPECT = regex.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufe00-\ufe0f\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000E0000-\U000E0FFF\U0001D173-\U0001D17A"
    r"]|\p{M}{9}"
)
_LINE_END = regex.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SURROGATE = regex.compile(r"[\ud800-\udfff]")
_TAGS = regex.compile(
    r"(\U0001F3F4[\U000E0030-\U000E0039\U000E0061-\U000E007A]{1,6}\U000E007F)"
    r"|[\U000E0000-\U000E00FF\U000E01F0-\U000E0FFF]"
)
_REMOVED = regex.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u180e\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ufffe\uffff\U0001D173-\U0001D17A]"
    r"|(?<=[\ufe00-\ufe0f\U000E0100-\U000E01EF])[\ufe00-\ufe0f\U000E0100-\U000E01EF]"
    r"|(?<=\p{M}{8})\p{M}"
    r"|(?<=[\u200b-\u200f\u061c]{2})[\u200b-\u200f\u061c]"
)

COLONS = ":：︰﹕∶꞉ː˸܃܄׃፡⁝⁚︓"
"""Colons, and what looks like one."""

_BRACKETS = str.maketrans(
    {
        **dict.fromkeys("【[［〖〚⟦〔﹝「『︻﹁︹⁅", "("),
        **dict.fromkeys("】]］〗〛⟧〕﹞」』︼﹂︺⁆", ")"),
        **dict.fromkeys(COLONS, "·"),
    }
)
_INVISIBLE = regex.compile(
    r"(?<=\p{Extended_Pictographic}[\ufe0f\U0001F3FB-\U0001F3FF]?)(\u200d)"
    r"(?=\p{Extended_Pictographic})"
    r"|(?<=\p{Arabic})(\u200c)(?=\p{Arabic})"
    r"|[\u200b-\u200f\u061c\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0]"
    r"|(?<=\p{M}{3})\p{M}"
)
_BLANKS = regex.compile(r"\s+")
_VISIBLE = regex.compile(r"[\p{L}\p{N}\p{P}\p{S}]")
_SHOWN = regex.compile(r"[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]")
"""What takes ink, also of characters that are newer than our tables."""
_GRAPHEME = regex.compile(r"\X")


def safe_text(text: str) -> str:
    """`text` without control, direction and smuggling characters; lines end with `\\n`.

    Lone surrogates become U+FFFD, so the result can always be encoded. Emoji sequences,
    ideographic variants, combining marks (up to eight together) and ordinary right-to-left
    writing stay. Idempotent.
    """
    if not _SUSPECT.search(text):
        return text
    text = _LINE_END.sub("\n", text)
    text = _SURROGATE.sub("\ufffd", text)
    while True:
        shorter = _REMOVED.sub("", _TAGS.sub(lambda found: found[1] or "", text))
        if shorter == text:
            return text
        text = shorter


def safe_name(name: str, limit: int = 40, fallback: str = "?") -> str:
    """`name` as one line that cannot pass for an author header, at most `limit` graphemes.

    Square and lenticular brackets become round ones and colons a middle dot, so that 【agency】
    and the header's colon come from us alone. A name with nothing visible becomes `fallback`.
    """
    text = _BLANKS.sub(" ", safe_text(name)).translate(_BRACKETS)
    text = _INVISIBLE.sub(lambda found: found[1] or found[2] or "", text)
    text = _BLANKS.sub(" ", text).strip()
    if not _VISIBLE.search(text):
        return fallback
    return first_graphemes(text, limit)


def is_blank(text: str) -> bool:
    """Whether nothing of `text` can be seen."""
    return not _SHOWN.search(safe_text(text))


def safe_file_name(name: str, fallback: str = "file") -> str:
    """`name` without folders, controls and what could hide its ending, at most 120 characters;
    `fallback` where nothing is left."""
    base = safe_text(name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        char for char in base if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl")
    )
    short = " ".join(kept.split()).strip(". ")
    if len(short) > 120:
        stem, dot, ending = short.rpartition(".")
        short = f"{stem[:100]}{dot}{ending}" if dot and len(ending) <= 10 else short[:120]
    return short or fallback


def first_graphemes(text: str, limit: int) -> str:
    """`text`, or its first `limit - 1` user-perceived characters and `…` where it is longer."""
    if len(text) <= limit:
        return text
    ends = []
    for found in _GRAPHEME.finditer(text):
        ends.append(found.end())
        if len(ends) > limit:
            return text[: ends[limit - 2]].rstrip() + "…" if limit > 1 else "…"
    return text
