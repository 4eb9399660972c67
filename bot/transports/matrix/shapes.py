"""Reading what a homeserver sends, which may have any shape."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Generic, TypeAlias, TypeVar

from workflows.text import Json

Body: TypeAlias = "dict[str, Json]"

_K = TypeVar("_K")
_V = TypeVar("_V")
_LARGEST = 2**53
_LONGEST_ID = 255
_UNNAMEABLE = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")


def mapping(value: object) -> Body:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: object) -> list[Json]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(body: Mapping[str, Json], key: str) -> str:
    """The string under `key`, else an empty one."""
    value = body.get(key)
    return value if isinstance(value, str) else ""


def whole(body: Mapping[str, Json], key: str) -> int | None:
    """The number under `key`, from 0 to 2**53, else None."""
    value = body.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
    return value if fits and isinstance(value, int) else None


def is_id(value: str, sigil: str) -> bool:
    """Whether `value` can name something: "Identifier Grammar" of the specification, loosely.

    What else stands where an identifier belongs fits into no address and no database.
    """
    return (
        value.startswith(sigil)
        and 1 < len(value.encode("utf-8", "surrogatepass")) <= _LONGEST_ID
        and not _UNNAMEABLE.search(value)
    )


def pointed(body: Mapping[str, Json], key: str) -> str:
    """The id of another event under `key`, else an empty string."""
    found = text(body, key)
    return found if is_id(found, "$") else ""


def is_event(value: object) -> bool:
    """Whether `value` has what every room event has, in the right types."""
    raw = mapping(value)
    return (
        bool(text(raw, "type"))
        and is_id(text(raw, "sender"), "@")
        and is_id(text(raw, "event_id"), "$")
        and isinstance(raw.get("content"), dict)
        and isinstance(raw.get("state_key", ""), str)
        and isinstance(raw.get("unsigned", {}), dict)
    )


def thread_of(raw: Body) -> str | None:
    """The root of the thread that an event is part of."""
    relation = mapping(mapping(raw.get("content")).get("m.relates_to"))
    root = text(relation, "event_id")
    return root if text(relation, "rel_type") == "m.thread" and root else None


def moment(milliseconds: int | None, now: datetime) -> datetime:
    """A server's timestamp, never in the future; `now` where it is unreadable."""
    if milliseconds is None:
        return now
    try:
        return min(datetime.fromtimestamp(milliseconds / 1000, UTC), now)
    except (OverflowError, OSError, ValueError):
        return now


class Lately(Generic[_K, _V]):
    """The last `size` things that were put in, by key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[_K, _V] = OrderedDict()

    def put(self, key: _K, value: _V) -> None:
        """Remember; the oldest is forgotten."""
        self._held[key] = value
        self._held.move_to_end(key)
        if len(self._held) > self._size:
            self._held.popitem(last=False)

    def get(self, key: _K) -> _V | None:
        """What was put under `key`, if it is remembered."""
        return self._held.get(key)

    def pop(self, key: _K) -> _V | None:
        """As `get`, and forget it."""
        return self._held.pop(key, None)

    def values(self) -> tuple[_V, ...]:
        """All that is remembered, oldest first."""
        return tuple(self._held.values())
