"""Changes at random places of a JSON value, reproducible from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from copy import deepcopy
from dataclasses import dataclass
from typing import TypeAlias

from workflows.text import Json

Body: TypeAlias = "dict[str, Json]"

_DEEP = 200


def _deep(make: Callable[[Json], Json]) -> Json:
    value: Json = "x"
    for _level in range(_DEEP):
        value = make(value)
    return value


STRINGS: tuple[str, ...] = (
    *("\U000e0041\ufe0f\ufe0f", "e" + "\u0301" * 500, "👨‍👩‍👧‍👦" * 100, "\ufffe\uffff", "﷽" * 50),
    *("水" * 20_000, "A" * 65_536, "\n" * 5000, "<" * 5000, "<b>" * 3000, "&#0;&#xd800;&lt;"),
    *("<script>alert(1)</script>", "javascript:alert(1)", "**_`[x](y)`_**", "%s %n {0} {x} \\"),
    *("/help", "/redact", "/trace", "!1", "/", "@", "@lianzhi", "//", "/bridge new x"),
    *("../../etc/passwd", "mxc://", "mxc://a/" + "b" * 5000, "geo:1e400,nan", "http://[::1"),
    *("' OR 1=1 --", '"', "\\u0000", "-1001", "telegram:1", "matrix:!x:y", "9" * 400),
)
"""Texts that deceive, break out or are too much."""

_NOTHING: tuple[Json, ...] = (None, True, False, "", " ", [], {}, [None], [[]], {"": None})

WEIRD: tuple[Json, ...] = (
    *STRINGS,
    *_NOTHING,
    *(0, -1, 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30, -(10**30)),
    *(0.5, -0.0, 1e308, float("nan"), float("inf"), float("-inf"), 1e-320),
    *(253_402_300_800, -62_135_596_801, 4_102_444_800_000, 253_402_300_800_000),
    *(
        "\ud800",
        "\udfff\ud800",
        "\x00",
        "a\x00b",
        "\x1b[31m\x07",
        "\u202e\u2066反了",
        "\u200b\u200d",
    ),
    _deep(lambda held: [held]),
    _deep(lambda held: {"a": held}),
    [{"type": "bold", "offset": -5, "length": 10**9}] * 50,
    {"id": 10**30, "is_bot": False, "first_name": "\ud800"},
    list(range(2000)),
)
"""Values that stand where another was expected."""


_KEYS = ("hologram", "", "\ud800", "a\x00b", "x" * 3000, "__proto__")


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place in an object or a list."""

    held: Body | list[Json]
    at: str | int

    def get(self) -> Json:
        return self.held[str(self.at)] if isinstance(self.held, dict) else self.held[int(self.at)]

    def put(self, value: Json) -> None:
        if isinstance(self.held, dict):
            self.held[str(self.at)] = value
        else:
            self.held[int(self.at)] = value

    def remove(self) -> None:
        if isinstance(self.held, dict):
            del self.held[str(self.at)]
        else:
            del self.held[int(self.at)]

    def add(self, key: str, value: Json) -> None:
        """Beside what is there."""
        if isinstance(self.held, dict):
            self.held[key] = value
        else:
            self.held.append(value)


class Mutator:
    """Changes copies of values. `spared` are keys whose values stay as they are."""

    def __init__(self, chance: random.Random, spared: Collection[str] = ()) -> None:
        self.chance = chance
        self._spared = frozenset(spared)

    def mutate(self, value: Json, times: int | None = None) -> Json:
        """A copy with so many changes, one to four by default."""
        whole = deepcopy(value)
        for _time in range(self.chance.choice((1, 1, 2, 4)) if times is None else times):
            if spots := self._spots(whole):
                self._change(self.chance.choice(spots))
        return whole

    def _spots(self, value: Json, depth: int = 0) -> list[_Spot]:
        """Every place below `value` at which something can be changed."""
        found: list[_Spot] = []
        if isinstance(value, list):
            found = [_Spot(value, at) for at in range(min(len(value), 20))]
        elif isinstance(value, dict):
            found = [_Spot(value, key) for key in value if key not in self._spared]
        for spot in list(found) if depth < 12 else ():
            found += self._spots(spot.get(), depth + 1)
        return found

    def _change(self, spot: _Spot) -> None:
        match self.chance.randrange(6):
            case 0 | 1 | 2:
                spot.put(deepcopy(self.chance.choice(WEIRD)))
            case 3:
                spot.remove()
            case 4:
                spot.put(self._twisted(spot.get()))
            case _:
                spot.add(self.chance.choice(_KEYS), deepcopy(self.chance.choice(WEIRD)))

    def _twisted(self, value: Json) -> Json:
        """Something near to what was there."""
        if isinstance(value, str):
            at = self.chance.randint(0, len(value))
            return value[:at] + self.chance.choice(STRINGS) + value[at:]
        if isinstance(value, bool) or value is None:
            return not value
        near: list[Json] = [str(value)]
        if isinstance(value, int):
            near += [-value, value * 10**12, float(value), [value]]
        elif isinstance(value, list):
            near += [value * 50, [], [value]]
        elif isinstance(value, dict):
            near += [[value], list(value), {"": value}]
        return self.chance.choice(near)
