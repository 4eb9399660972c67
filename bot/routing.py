"""Travel times from a routing server that speaks OSRM's table service.

Source: Project OSRM, "HTTP API", table service: `/table/v1/{profile}/{lon},{lat};...` with
`sources` and `destinations`; the answer has `code` "Ok" and `durations` in seconds, null where no
way leads. Nothing waits for the server: what it has said is looked up, what it has not is asked
for meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from math import isfinite

import structlog

from workflows.geo.points import Point
from workflows.geo.routes import Roads

log = structlog.get_logger(__name__)

KEPT_SECONDS = 600.0
"""Roads are asked about again after that: they may be flooded by then."""

KEPT = 5000
"""Ways that are remembered."""

AT_ONCE = 90
"""Origins of one question; servers allow 100 places unless told otherwise."""

FAULT_SECONDS = 30.0
"""For so long a server that failed is left alone."""

_Way = tuple[Point, Point]


class Routing:
    """A routing server at `url`, asked for `profile`; `patience` is in seconds."""

    def __init__(
        self,
        url: str,
        patience: float,
        profile: str = "driving",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.patience = patience
        self._table = f"{url.rstrip('/')}/table/v1/{profile}/"
        self._clock = clock
        self._known: OrderedDict[_Way, tuple[float, float | None]] = OrderedDict()
        self._fault: tuple[float, str] | None = None
        self._asking: dict[asyncio.Task[None], frozenset[_Way]] = {}

    def look(self, origins: Sequence[Point], to: Point) -> Roads:
        """What is known by now; the rest is asked for. Needs a running loop."""
        now = self._clock()
        known: dict[Point, float] = {}
        missing: list[Point] = []
        for origin in dict.fromkeys(origins):
            found = self._known.get((origin, to))
            if found is None or now - found[0] > KEPT_SECONDS:
                missing.append(origin)
            elif found[1] is not None:
                known[origin] = found[1]
        if not missing:
            return Roads(known)
        if self._fault is not None and now - self._fault[0] <= FAULT_SECONDS:
            return Roads(known, fault=self._fault[1])
        asked = {way for ways in self._asking.values() for way in ways}
        fresh = [each for each in missing if (each, to) not in asked]
        for start in range(0, len(fresh), AT_ONCE):
            some = fresh[start : start + AT_ONCE]
            task = asyncio.create_task(self._ask(some, to), name="routing")
            self._asking[task] = frozenset((each, to) for each in some)
            task.add_done_callback(self._asking.pop)
        return Roads(known, waiting=True)

    async def settled(self) -> None:
        """Wait for all that is being asked."""
        await asyncio.gather(*self._asking, return_exceptions=True)

    async def aclose(self) -> None:
        """Ask nothing more."""
        for task in tuple(self._asking):
            task.cancel()
        await self.settled()

    async def tried(self) -> None:
        """Ask for one way, wherever it is. ValueError, TimeoutError and `httpx.HTTPError` from what
        is no routing server."""
        from bot.asking import get

        async with asyncio.timeout(self.patience):
            status, body = await get(self._table + "121.4737,31.2304;121.4837,31.2404", {}, 5.0)
        match _read(body, status):
            # A server for another part of the world finds no road there.
            case {"code": "Ok" | "NoSegment" | "NoTable" | "NoRoute"}:
                return
            case {"code": str(code)}:
                raise ValueError(f"status {status}, {code}")
        raise ValueError(f"status {status} with an answer of another form")

    async def _ask(self, origins: Sequence[Point], to: Point) -> None:
        try:
            async with asyncio.timeout(self.patience):
                seconds = await self._answer(origins, to)
        except TimeoutError:
            self._failed("no answer in time")
        except Exception as error:
            self._failed(f"{type(error).__name__}: {error}"[:200])
        else:
            self._fault = None
            now = self._clock()
            for origin, each in zip(origins, seconds, strict=True):
                self._known[origin, to] = (now, each)
                self._known.move_to_end((origin, to))
            while len(self._known) > KEPT:
                self._known.popitem(last=False)

    def _failed(self, why: str) -> None:
        log.warning("the routing server gives no travel times", reason=why)
        self._fault = (self._clock(), why)

    async def _answer(self, origins: Sequence[Point], to: Point) -> list[float | None]:
        # Its library comes with Telegram's, and not at all for who has neither.
        from bot.asking import get

        places = ";".join(f"{each.lon:.6f},{each.lat:.6f}" for each in (*origins, to))
        sources = ";".join(map(str, range(len(origins))))
        asked = {"sources": sources, "destinations": str(len(origins)), "annotations": "duration"}
        status, body = await get(self._table + places, asked, self.patience)
        return durations(body, status, len(origins))


def durations(body: bytes, status: int, count: int) -> list[float | None]:
    """The seconds of each of `count` ways in an answer. ValueError for anything else."""
    match _read(body, status):
        case {"code": "Ok", "durations": list(rows)} if status == 200 and len(rows) == count:
            return [_seconds(row) for row in rows]
        case {"code": str(code)}:
            raise ValueError(f"status {status}, {code}")
    raise ValueError(f"status {status} with an answer of another form")


def _read(body: bytes, status: int) -> object:
    try:
        answer: object = json.loads(body)
    except ValueError as error:
        raise ValueError(f"status {status} without JSON") from error
    return answer


def _seconds(row: object) -> float | None:
    match row:
        case [None]:
            return None
        case [int(seconds) | float(seconds)] if isfinite(seconds) and seconds >= 0:
            return float(seconds)
    raise ValueError("a duration that is none")
