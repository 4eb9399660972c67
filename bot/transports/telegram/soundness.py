"""Whether what was read has the types that it claims to have.

The library takes JSON of any shape for its types: a date may be missing and a title a list. What
is handed on is stored, measured and counted by people who rely on the types.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Literal, NewType, Union, get_args, get_origin, get_type_hints

from bot.transports.base import Inbound
from workflows.text import Msg

Check = Callable[[object], bool]

_LARGEST = 2**63
"""No network counts further, and no database does."""


def is_sound(inbound: Inbound) -> bool:
    """Whether every field holds what its type says; numbers are such as can be stored."""
    return _fields(Inbound)(inbound)


@cache
def _fields(kind: type) -> Check:
    hints = get_type_hints(kind)
    checks = [(each.name, _check(hints[each.name])) for each in dataclasses.fields(kind)]

    def sound(value: object) -> bool:
        return type(value) is kind and all(check(getattr(value, name)) for name, check in checks)

    return sound


def _check(hint: object) -> Check:
    if isinstance(hint, NewType):
        return _check(hint.__supertype__)
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        checks = [_check(each) for each in inner]
        return lambda value: any(check(value) for check in checks)
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            each = _check(inner[0])
            return lambda value: isinstance(value, tuple) and all(map(each, value))
        parts = [_check(one) for one in inner]
        return lambda value: (
            isinstance(value, tuple)
            and len(value) == len(parts)
            and all(check(one) for check, one in zip(parts, value, strict=True))
        )
    if origin is Literal:
        return lambda value: value in inner
    return _plain(hint)


def _plain(hint: object) -> Check:
    if hint is Msg:
        return _is_sentence
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return lambda value: _fields(hint)(value)
    if hint is datetime:
        return lambda value: isinstance(value, datetime) and value.tzinfo is not None
    if hint is float:
        return lambda value: _is_whole(value) or (isinstance(value, float) and math.isfinite(value))
    if hint is int:
        return _is_whole
    return lambda value: not isinstance(hint, type) or isinstance(value, hint)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST


def _is_sentence(value: object) -> bool:
    """A message whose parameters can be read again as they were stored."""
    try:
        return isinstance(value, Msg) and Msg.from_json(value.to_json()) == value
    except (ValueError, TypeError):
        return False
