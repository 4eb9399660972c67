"""Signs of life of each network's loop, as this process has seen them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

NEVER = float("-inf")


@dataclass
class Pulse:
    """One network's loop. Moments are seconds of a monotonic clock."""

    begun: float
    """When this process began to watch."""
    contact: float = NEVER
    """When the network last answered the loop, were it with nothing new."""
    sign: float = NEVER
    """When the loop last did anything of its own: took an answer, or told of a failure."""
    failures: int = 0
    """How often listening ended with an error."""
    hangs_in_a_row: int = 0
    """Since the network last answered."""
    hangs: int = 0
    """How often listening was cancelled since it did nothing any more."""


class Pulses:
    """The pulses of all networks."""

    def __init__(
        self, networks: Iterable[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.clock = clock
        self.by_network = {network: Pulse(clock()) for network in networks}

    def heard(self, network: str) -> None:
        """The network has answered."""
        pulse = self.by_network[network]
        pulse.contact = pulse.sign = self.clock()
        pulse.hangs_in_a_row = 0

    def failed(self, network: str) -> None:
        """Listening ended; the loop itself is alive."""
        pulse = self.by_network[network]
        pulse.failures += 1
        pulse.sign = self.clock()

    def hung(self, network: str) -> None:
        """Listening did nothing and was cancelled, which is no sign of life."""
        pulse = self.by_network[network]
        pulse.hangs += 1
        pulse.hangs_in_a_row += 1

    def silence(self, network: str) -> float:
        """Seconds since the network last answered; at first, since the start."""
        pulse = self.by_network[network]
        return self.clock() - max(pulse.contact, pulse.begun)

    def longest_stillness(self) -> float:
        """Seconds since the loop that has been still for longest did anything."""
        now = self.clock()
        return max((now - max(p.sign, p.begun) for p in self.by_network.values()), default=0.0)
