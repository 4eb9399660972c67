"""Timers of the families: a module of `handlers.families` says in `RINGS` what a kind does.

    RINGS: Rings = {"order.unanswered": escalate}

    async def escalate(wake: Wake) -> None: ...

A timer is set by `uow.timers.set("order.unanswered", str(order.id), due_at, data)`; setting it
again moves it, `uow.timers.drop` takes it away. It rings once, in the transaction that removes
it; after a restart it rings late. What is true by then has to be looked up again.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import ModuleType
from typing import TypeAlias
from zoneinfo import ZoneInfo

from handlers.context import Actions, Means
from storage import UnitOfWork
from storage.tables import Timer


@dataclass(frozen=True, slots=True)
class Wake:
    """What a timer is given when it rings."""

    uow: UnitOfWork
    now: datetime
    zone: ZoneInfo
    actions: Actions
    timer: Timer
    means: Means = field(default_factory=Means)

    @property
    def late(self) -> timedelta:
        """How long after its moment it rings."""
        return self.now - self.timer.due_at


Ring: TypeAlias = Callable[[Wake], Awaitable[None]]
Rings: TypeAlias = Mapping[str, Ring]


def discover_rings(package: ModuleType) -> dict[str, Ring]:
    """The timers of all modules of `package`, by kind. ValueError if two have the same kind."""
    found: dict[str, Ring] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        rings: Rings = getattr(module, "RINGS", {})
        for kind, ring in rings.items():
            if kind in found:
                raise ValueError(f"two modules ring for {kind}")
            found[kind] = ring
    return found
