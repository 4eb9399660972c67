"""Translatable values: what is said, before a language is chosen.

A `Msg` is made by `_()` or `ngettext()`, is frozen, can be stored as JSON and is
translated only where a room's language is known (`bot.speech`). Parameters stay
typed until then, so that numbers and times are formatted in the room's locale and
time zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias, Union

Json: TypeAlias = Union[bool, int, float, str, "list[Json]", "dict[str, Json]", None]
Param: TypeAlias = Union[str, int, Decimal, datetime, timedelta, "Msg", "tuple[Param, ...]"]


@dataclass(frozen=True, slots=True)
class Msg:
    """One translatable sentence.

    `id` is the English text with `{name}` placeholders and is the catalogue key. With
    `plural` set, `params["n"]` chooses the form.
    """

    id: str
    params: tuple[tuple[str, Param], ...] = ()
    plural: str | None = None

    def param(self, name: str) -> Param:
        """The value of placeholder `name`; KeyError if there is none."""
        return dict(self.params)[name]

    def to_json(self) -> Json:
        """A JSON value from which `Msg.from_json` makes an equal message."""
        made: dict[str, Json] = {"id": self.id}
        if self.params:
            made["params"] = {name: _dump(value) for name, value in self.params}
        if self.plural is not None:
            made["plural"] = self.plural
        return made

    @staticmethod
    def from_json(value: Json) -> Msg:
        """Read what `to_json` wrote; ValueError for anything else."""
        loaded = _load({"msg": value})
        if not isinstance(loaded, Msg):
            raise ValueError("not a stored message")
        return loaded


def _(id: str, /, **params: Param) -> Msg:
    """Mark `id` for translation; the keyword arguments fill its `{placeholders}`."""
    return Msg(id, tuple(sorted(params.items())))


EITHER = "{en}"
"""The id of a message that stands in data in both languages, and in no catalogue."""


def either(zh: str, en: str) -> Msg:
    """What an operator's data file says in Chinese and in English: each room reads its own."""
    return Msg(EITHER, (("en", en), ("zh", zh)))


def ngettext(singular: str, plural: str, n: int, /, **params: Param) -> Msg:
    """As `_`, choosing the form by `n`, which is also the placeholder `{n}`."""
    return Msg(singular, tuple(sorted({**params, "n": n}.items())), plural)


def _dump(value: Param) -> Json:
    if isinstance(value, Msg):
        return {"msg": value.to_json()}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"seconds": value.total_seconds()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, tuple):
        return [_dump(each) for each in value]
    return value


def _load(value: Json) -> Param:
    if isinstance(value, list):
        return tuple(_load(each) for each in value)
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, inner),) = value.items()
        if kind == "time" and isinstance(inner, str):
            return datetime.fromisoformat(inner)
        if kind == "seconds" and isinstance(inner, (int, float)):
            return timedelta(seconds=inner)
        if kind == "decimal" and isinstance(inner, str):
            return Decimal(inner)
        if kind == "msg" and isinstance(inner, Mapping):
            return _load_msg(inner)
    raise ValueError(f"not a stored parameter: {value!r}")


def _load_msg(value: Mapping[str, Json]) -> Msg:
    id, params, plural = value.get("id"), value.get("params", {}), value.get("plural")
    if not isinstance(id, str) or not isinstance(params, Mapping):
        raise ValueError("not a stored message")
    if plural is not None and not isinstance(plural, str):
        raise ValueError("not a stored message")
    return Msg(id, tuple((name, _load(each)) for name, each in sorted(params.items())), plural)
