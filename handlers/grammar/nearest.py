"""Did you mean: the names nearest to a mistyped word, best first."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.folding import fold, is_cjk


def likeness(typed: str, name: str) -> float:
    """How near two folded words are, 0 to 1; 0.5 and more is worth a question.

    Most Chinese names have two characters, of which a slip of the input method usually
    leaves one: a word of the same length that shares a character in its place is near. In
    Latin letters one slip is allowed for three letters, and a beginning of three counts.
    """
    if typed == name:
        return 1.0
    if not typed or not name:
        return 0.0
    # Loaded at the first slip: 2 MB and a twentieth of a second.
    from rapidfuzz.distance import OSA

    shorter, longest = sorted((len(typed), len(name)))
    if not name.isascii() and any(map(is_cjk, name)):
        if 2 * shorter < longest:
            return 0.0
        kept = 1 - OSA.distance(typed, name) / longest
        return kept if kept >= 0.5 else 0.0
    if shorter >= 3 and (name.startswith(typed) or typed.startswith(name)):
        return max(0.8, shorter / longest)
    allowed = max(1, longest // 3) if longest > 2 else 0
    if longest - shorter > allowed:
        return 0.0
    distance = OSA.distance(typed, name, score_cutoff=allowed)
    return 1 - distance / longest if distance <= allowed else 0.0


def nearest(typed: str, names: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Up to `limit` of `names`, as given, that are near `typed`, best first."""
    word = fold(typed)[:64]
    scored = [(likeness(word, fold(name)), name) for name in dict.fromkeys(names)]
    return _best(scored, limit)


def nearest_folded(typed: str, names: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """As `nearest`, for `names` that are folded already."""
    word = fold(typed)[:64]
    return _best([(likeness(word, name), name) for name in names], limit)


def _best(scored: list[tuple[float, str]], limit: int) -> tuple[str, ...]:
    near = sorted((each for each in scored if each[0] >= 0.5), key=lambda each: -each[0])
    return tuple(name for _score, name in near[:limit])
