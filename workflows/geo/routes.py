"""How long the way by road takes: a question to somebody who knows the roads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from workflows.geo.points import Point


@dataclass(frozen=True, slots=True)
class Roads:
    """What is known: `seconds` on the road by origin (without those to which none leads); `fault`
    says in a few words why nothing is known. `waiting`: the answer is still to come."""

    seconds: Mapping[Point, float] = field(default_factory=dict)
    fault: str | None = None
    waiting: bool = False


class Routes(Protocol):
    """A routing server."""

    patience: float
    """Seconds after which an answer is waited for no longer."""

    def look(self, origins: Sequence[Point], to: Point) -> Roads:
        """What is known by now of the ways from there; the rest is asked for in the background, so
        that who looks again a little later knows more. Never waits."""
