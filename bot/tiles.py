"""Map tiles from a server, laid under pictures of where things are.

Source: OpenStreetMap, "Tile usage policy": few at once, a User-Agent that says who asks, what was
fetched is kept, and the attribution stands on the map. A picture never waits long for them: it is
drawn with those that came in time, and plain where there are none.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

import structlog

from bot.settings.model import Map
from workflows.geo.datum import Datum, from_wgs84
from workflows.geo.mercator import Square, Tile, covering, ground, world
from workflows.geo.points import Point
from workflows.text import Json

log = structlog.get_logger(__name__)

MOST = 16
"""Tiles of one picture."""

AT_ONCE = 4

KEPT = 96
"""Tiles that are remembered, some 3 MB."""

KEPT_SECONDS = 86_400.0

FAULT_SECONDS = 30.0
"""For so long a server that failed is left alone."""

LARGEST = 300_000
"""Bytes of a tile."""

WIDEST = 1024
"""Pixels of a tile's side."""

SQUARE = "square"
"""The key of a picture's data that says which part of the world it shows, for `under`."""


class Tiles:
    """A server of tiles. `address` has `{z}`, `{x}` and `{y}`; `patience` are the seconds that all
    tiles of a picture may take together."""

    def __init__(
        self,
        address: str,
        attribution: str,
        patience: float,
        deepest: int = 18,
        datum: Datum = Datum.WGS84,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._attribution = attribution
        self._patience = patience
        self._deepest = deepest
        self._datum = datum
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._failed_at: float | None = None

    @staticmethod
    def of(wish: Map) -> Tiles | None:
        """The server that is configured, if one is."""
        if wish.tiles is None:
            return None
        datum = Datum(wish.datum)
        return Tiles(wish.tiles, wish.attribution or "", wish.timeout, wish.deepest, datum)

    async def under(self, data: Mapping[str, Json]) -> Json:
        """What is to be laid under a picture with these data, for its template; None for one that
        shows no part of the world, and where the server has not given all of it in time."""
        match data.get(SQUARE):
            case [float(x), float(y), float(side)]:
                tiles = covering(self._shifted(Square(x, y, side)), MOST, self._deepest)
            case _:
                return None
        addresses = [self._at(each) for each in tiles]
        images = await self._images(addresses)
        laid: list[Json] = [
            {"left": each.left, "top": each.top, "side": each.side, "image": list(images[address])}
            for each, address in zip(tiles, addresses, strict=True)
            if address in images
        ]
        return {"tiles": laid, "attribution": self._attribution} if laid else None

    async def one(self) -> None:
        """Fetch the tile of the whole world. ValueError, TimeoutError and `httpx.HTTPError`."""
        (tile,) = covering(Square(0.5, 0.5, 0.9), 1, 0)
        _images, fault = await self._fetched([self._at(tile)])
        if fault is not None:
            raise fault

    def _shifted(self, square: Square) -> Square:
        """The square on the server's map: the shift is about the same all over a picture."""
        if self._datum is Datum.WGS84:
            return square
        lat, lon = ground(square.x, square.y)
        x, y = world(from_wgs84(Point(lat, lon), self._datum))
        return Square(x, y, square.side)

    async def _images(self, addresses: Sequence[str]) -> dict[str, bytes]:
        """Those that can be had, by address."""
        now = self._clock()
        found = {
            address: kept[1]
            for address in addresses
            if (kept := self._known.get(address)) is not None and now - kept[0] <= KEPT_SECONDS
        }
        missing = [each for each in dict.fromkeys(addresses) if each not in found]
        resting = self._failed_at is not None and now - self._failed_at <= FAULT_SECONDS
        if not missing or resting:
            return found
        came, fault = await self._fetched(missing)
        # A server that has some lacks the others, as of the sea; one that has none is ill.
        self._failed_at = now if isinstance(fault, TimeoutError) or not came else None
        if fault is not None:
            # Not the error's words where they may hold the address: it may hold a key.
            reason = (
                str(fault) if type(fault) in (ValueError, TimeoutError) else type(fault).__name__
            )
            log.warning(
                "the map server gives no tiles" if not came else "the map server lacks tiles",
                reason=reason[:200],
                missing=len(missing) - len(came),
            )
        for address, image in came.items():
            self._known[address] = (now, image)
            self._known.move_to_end(address)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found | came

    async def _fetched(self, addresses: Sequence[str]) -> tuple[dict[str, bytes], Exception | None]:
        """What came in time, by address, and what is wrong with the others, if anything is."""
        from bot.asking import asking, read

        async with asking(self._patience, AT_ONCE, _agent()) as client:
            tasks = {each: asyncio.create_task(read(client, each)) for each in addresses}
            try:
                _done, late = await asyncio.wait(tasks.values(), timeout=self._patience)
            finally:
                for task in tasks.values():
                    task.cancel()
                await asyncio.gather(*tasks.values(), return_exceptions=True)
        fault: Exception | None = TimeoutError("no answer in time") if late else None
        came: dict[str, bytes] = {}
        for address, task in tasks.items():
            if task in late:
                continue
            try:
                came[address] = self._image(*task.result())
            except Exception as error:
                fault = fault or error
        return came, fault

    def _at(self, tile: Tile) -> str:
        parts = {"{z}": tile.zoom, "{x}": tile.x, "{y}": tile.y}
        address = self._address
        for name, value in parts.items():
            address = address.replace(name, str(value))
        return address

    @staticmethod
    def _image(status: int, body: bytes) -> bytes:
        if status != 200:
            raise ValueError(f"status {status}")
        if len(body) > LARGEST:
            raise ValueError("a tile is too large")
        if not all(0 < side <= WIDEST for side in size_of(body)):
            raise ValueError("a tile of too many pixels")
        return body


def size_of(image: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG. ValueError for anything else."""
    if image[:8] == b"\x89PNG\r\n\x1a\n" and image[12:16] == b"IHDR" and len(image) >= 24:
        return int.from_bytes(image[16:20]), int.from_bytes(image[20:24])
    at = 2
    while image[:2] == b"\xff\xd8" and at + 9 <= len(image) and image[at] == 0xFF:
        # Start of frame, which says the size: C0 to CF but for C4, C8 and CC.
        if 0xC0 <= image[at + 1] <= 0xCF and image[at + 1] not in (0xC4, 0xC8, 0xCC):
            high, wide = image[at + 5 : at + 7], image[at + 7 : at + 9]
            return int.from_bytes(wide), int.from_bytes(high)
        at += 2 + int.from_bytes(image[at + 2 : at + 4])
    raise ValueError("a tile that is neither PNG nor JPEG")


def _agent() -> str:
    try:
        return f"Lianzhi/{version('lianzhi')}"
    except PackageNotFoundError:
        return "Lianzhi"
