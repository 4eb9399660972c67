"""One line of the table of figures."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, and beside it what the same machine did without us, at that time."""

    what: str
    ours: str
    baseline: str
    target: str
    met: bool

    def row(self) -> str:
        """As a row of a Markdown table."""
        verdict = "yes" if self.met else "**no**"
        return f"| {self.what} | {self.ours} | {self.baseline} | {self.target} | {verdict} |"


HEADER = "| figure | Lianzhi | baseline of the same run | target | met |\n|---|---|---|---|---|"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (0 to 1) of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def ms(seconds: float) -> str:
    """A duration in milliseconds."""
    return f"{seconds * 1000:.1f} ms"


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Median and 99th percentile."""
    return statistics.median(values), percentile(values, 0.99)
