"""What an order says, as far as two orders can be compared by it: verb, things, place. Pure.

The vocabulary is data in both languages, so that “Close valve 3” meets “打开3号阀”.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

VERBS: Mapping[str, tuple[str, ...]] = {
    "evacuate": (
        "evacuate", "evacuating", "evacuation", "pull out", "pull back", "fall back", "withdraw",
        "leave", "retreat", "get out", "clear out",
        "撤离", "撤出", "撤退", "撤回", "疏散", "转移", "后撤", "退出",
    ),
    "hold": (
        "hold", "holding", "stay", "remain", "stand fast", "shelter in place", "keep inside",
        "坚守", "留守", "固守", "守住", "原地待命", "原地", "就地避险", "就地避难", "留在", "待在",
        "保持",
    ),
    "open": (
        "open", "opening", "unlock", "unblock", "clear the road",
        "打开", "开启", "开放", "开阀", "开闸", "开门", "放行", "疏通", "解除封锁", "解封",
    ),
    "close": (
        "close", "closing", "shut", "shut off", "shut down", "lock", "block", "seal", "seal off",
        "关闭", "关阀", "关闸", "关门", "封闭", "封锁", "封堵", "封控", "切断", "关掉", "关上",
    ),
    "start": (
        "start", "starting", "begin", "launch", "turn on", "switch on", "resume", "restart",
        "启动", "开始", "开动", "恢复", "开泵", "启泵", "开机", "继续",
    ),
    "stop": (
        "stop", "stopping", "halt", "cease", "turn off", "switch off", "suspend", "pause",
        "停止", "中止", "暂停", "停用", "关停", "停泵", "关泵", "停机", "停下",
    ),
    "enter": (
        "enter", "entering", "go in", "go into", "advance", "move in", "attack from inside",
        "进入", "进场", "突入", "挺进", "内攻", "深入",
    ),
    "keep out": (
        "keep out", "stay out", "stay away", "keep away", "stay clear", "keep clear",
        "远离", "撤到外围", "退到外围",
    ),
    "raise": ("raise", "raising", "increase", "提高", "升高", "加大", "增加", "加压"),
    "lower": ("lower", "lowering", "reduce", "decrease", "降低", "减小", "减少", "降压"),
    "power on": (
        "power on", "power up", "restore power", "energise", "energize",
        "送电", "通电", "恢复供电", "合闸",
    ),
    "power off": (
        "power off", "power down", "cut power", "cut the power", "de-energise", "de-energize",
        "断电", "停电", "切断电源", "拉闸",
    ),
    "go": (
        "go to", "proceed to", "move to", "report to", "drive to", "head to", "head for",
        "deploy to", "前往", "赶赴", "赶往", "开赴", "奔赴", "到达", "赶到", "转场到", "移动到",
    ),
}  # fmt: skip
"""What is done, by the words for it; the longest word at a place counts."""

OPPOSITES = frozenset(
    map(
        frozenset,
        (
            ("evacuate", "hold"),
            ("evacuate", "enter"),
            ("open", "close"),
            ("start", "stop"),
            ("enter", "keep out"),
            ("raise", "lower"),
            ("power on", "power off"),
        ),
    )
)
"""What cannot both be done to the same thing."""

NOT = "not "
NEGATIONS = (
    "do not", "don't", "dont", "never", "must not", "may not", "no",
    "不要", "不得", "不准", "不许", "不能", "不可", "禁止", "严禁", "切勿", "勿", "别",
)  # fmt: skip
"""What before a verb turns it round; so does to stop doing it."""

NOUNS: Mapping[str, tuple[str, ...]] = {
    "valve": ("valve", "阀门", "阀"),
    "gate": ("gate", "door", "sluice", "闸门", "大门", "闸", "门"),
    "pump": ("pump", "水泵", "泵"),
    "road": ("road", "street", "highway", "公路", "道路", "马路", "路"),
    "bridge": ("bridge", "大桥", "桥"),
    "tunnel": ("tunnel", "隧道"),
    "building": ("building", "house", "楼房", "大楼", "楼", "栋", "厂房"),
    "tank": ("tank", "储罐", "罐"),
    "village": ("village", "村庄", "村"),
    "school": ("school", "学校"),
    "station": ("station", "room", "阀室", "站", "室"),
    "shore": ("shore", "bank", "岸边", "岸"),
    "area": ("area", "zone", "sector", "区域", "片区", "区"),
    "entrance": ("entrance", "入口", "路口", "口"),
    "resident": ("resident", "people", "public", "居民", "群众", "村民", "人员"),
    "power": ("power", "electricity", "电源", "供电", "电"),
    "gas": ("gas", "燃气", "天然气", "气"),
    "water": ("water", "水"),
    "foam": ("foam", "泡沫"),
    "fire": ("fire", "火"),
    "pipe": ("pipe", "pipeline", "line", "管道", "管线"),
    "floor": ("floor", "楼层", "层"),
    "dam": ("dam", "大坝", "坝", "堤"),
    "north": ("north", "northern", "北"),
    "south": ("south", "southern", "南"),
    "east": ("east", "eastern", "东"),
    "west": ("west", "western", "西"),
    "upper": ("upper", "upstream", "上游", "上"),
    "lower": ("downstream", "下游", "下"),
    "left": ("left", "左"),
    "right": ("right", "右"),
    "inner": ("inner", "inside", "内"),
    "outer": ("outer", "outside", "外"),
}  # fmt: skip
"""Things and directions under one name in both languages; other words stand for themselves."""

DIRECTIONS = frozenset(
    ("north", "south", "east", "west", "upper", "lower", "left", "right", "inner", "outer")
)

_EMPTY = frozenset(
    re.findall(
        r"[a-z]+",
        "a an the and or of to in on at by for from with into onto all any your our their its his "
        "her this that these those it them please now at once immediately then until is are be "
        "position there here number no off out up down back",
    )
)
_EMPTY_HAN = frozenset("的了在到把将并和与及立即马上请从向往对给各再先就请于所有全部号")
_FIGURES = dict(zip("零一二三四五六七八九", "0123456789", strict=True)) | {"两": "2", "十": "10"}
_FIGURE = re.compile("([零一二两三四五六七八九十])(?=[号楼层区队站罐栋组级])")
_TOKEN = re.compile(r"[a-z]+|\d+(?:\.\d+)?|[㐀-䶿一-鿿]")
_GAP = re.compile(r"\s*(?:the\s+)?")
_PLACE_END = re.compile(
    r"\.(?=\s|$)|[,，。;；、!！?？\n]|\s(?:and|then|by|at|before|until|with)\s|并|后|待命|集结"
)
_HAN = re.compile("[㐀-䶿一-鿿]")


def folded(text: str) -> str:
    """Half width, small letters, one space between words, Chinese ordinals in figures."""
    small = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return _FIGURE.sub(lambda found: _FIGURES[found[1]], " ".join(small.split()))


def _pattern(words: Iterable[str]) -> str:
    """The words, longest first; Latin ones stand alone."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(
        re.escape(word) if _HAN.match(word) else rf"\b{re.escape(word)}\b" for word in ordered
    )


@cache
def _verbs() -> tuple[re.Pattern[str], dict[str, str]]:
    meant = {word: action for action, words in VERBS.items() for word in words}
    negated = _pattern(NEGATIONS)
    return re.compile(rf"(?P<no>{negated})?\s*(?P<verb>{_pattern(meant)})"), meant


@cache
def _nouns() -> tuple[re.Pattern[str], dict[str, str]]:
    meant = {word: noun for noun, words in NOUNS.items() for word in words}
    ordered = sorted(meant, key=len, reverse=True)
    parts = (
        re.escape(word) if _HAN.match(word) else rf"\b{re.escape(word)}s?\b" for word in ordered
    )
    return re.compile("|".join(parts)), meant


def _read(text: str) -> tuple[str, str]:
    """The action of a folded text, empty if unknown, and the text without its verbs.

    A thing that is in the verb stays: 关阀 is about a valve. Where somebody is to go somewhere and
    do something, the action is what is to be done there.
    """
    pattern, meant = _verbs()
    found = pattern.search(text)
    if found is None:
        return "", text
    done, begin, end = meant[found["verb"]], found.start(), found.end()
    if done == "go":
        later, rest = _read(text[end:])
        return (later or done), f"{text[:begin]} {rest}"
    if done in ("stop", "start"):
        gap = _GAP.match(text, end)
        inner = pattern.match(text, gap.end() if gap else end)
        if inner is not None and inner["no"] is None and meant[inner["verb"]] != "go":
            done = (NOT if done == "stop" else "") + meant[inner["verb"]]
            end = inner.end()
    if found["no"] is not None:
        done = done.removeprefix(NOT) if done.startswith(NOT) else NOT + done
    named = tokens(text[begin:end]) & (NOUNS.keys() - DIRECTIONS)
    return done, " ".join((text[:begin], *sorted(named), text[end:]))


def action(text: str) -> str | None:
    """What the text orders to be done: a code of `VERBS`, perhaps with `not `; None if unknown."""
    return _read(folded(text))[0] or None


def opposite(one: str | None, other: str | None) -> bool:
    """Whether two actions contradict each other."""
    if one is None or other is None:
        return False
    if one.startswith(NOT) or other.startswith(NOT):
        return one.removeprefix(NOT) == other.removeprefix(NOT) and one != other
    return frozenset((one, other)) in OPPOSITES


def things(text: str) -> frozenset[str]:
    """What the text is about: its words without the verb and without words that say nothing."""
    return tokens(_read(folded(text))[1])


def tokens(text: str) -> frozenset[str]:
    """The words of a text, nouns under their common name."""
    pattern, meant = _nouns()
    named: list[str] = []

    def name(match: re.Match[str]) -> str:
        word = match[0]
        named.append(meant[word] if word in meant else meant[word.removesuffix("s")])
        return " "

    rest = pattern.sub(name, folded(text))
    words = (_singular(word) for word in _TOKEN.findall(rest))
    said = {word for word in words if word not in _EMPTY and word not in _EMPTY_HAN}
    return frozenset(said | set(named))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of words can mean the same thing or place.

    Half of the fewer words are the same, and neither numbers nor directions tell them apart.
    """
    for special in (_numbers, _directions):
        first, second = special(one), special(other)
        if first and second and first.isdisjoint(second):
            return False
    plain, others = _ordinary(one), _ordinary(other)
    if not plain or not others:
        return bool(one & other)
    return 2 * len(plain & others) >= min(len(plain), len(others))


def _numbers(words: frozenset[str]) -> frozenset[str]:
    return frozenset(
        word for word in words if word[0].isdigit() or len(word) == 1 < ord(word) < 128
    )


def _directions(words: frozenset[str]) -> frozenset[str]:
    return words & DIRECTIONS


def _ordinary(words: frozenset[str]) -> frozenset[str]:
    return words - _numbers(words) - DIRECTIONS


def same_place(one: str, other: str) -> bool:
    """Whether two places can be one."""
    if folded(one) == folded(other):
        return True
    first, second = tokens(one), tokens(other)
    return bool(first and second) and alike(first, second)


def place_in(text: str) -> str | None:
    """The place that a text sends somebody to: what follows “go to”, 前往 and the like."""
    plain = folded(text)
    found = _verbs()[0].search(plain)
    if found is None or found["no"] is not None or found["verb"] not in VERBS["go"]:
        return None
    rest = plain[found.end() :].strip()
    end = _PLACE_END.search(rest)
    named = (rest if end is None else rest[: end.start()]).strip()
    return named or None
