"""A loopback network that cannot tell repeats and can show several messages as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.transports.base import Limits, Payload
from tests.unit.delivery.loopback import Loopback


@dataclass
class Joint(Loopback):
    """Lines of plain text, up to `units` characters together; one call in 50 ms."""

    idempotent: bool = False
    limits: Limits = field(default_factory=lambda: Limits(each=((1, 0.05),)))
    units: int = 200

    def join(self, payloads: Sequence[Payload]) -> Payload | None:
        texts = [str(each["text"]) for each in payloads if each.keys() == {"text"}]
        whole = "\n".join(texts)
        return {"text": whole} if len(texts) == len(payloads) and len(whole) <= self.units else None
