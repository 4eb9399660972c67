"""Files on their way from one network to others, and what is known of those that cannot be had.

A file holds up, in order, each room that it is for. So what one lane has learnt of it counts for
all: one that is gone is not asked for again, and one whose network fails is waited for once,
not once for each room, nor once for each of many such files.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from bot.transports.base import (
    AnswerLost,
    Media,
    MediaUnavailable,
    Rejected,
    RoomGone,
    RoomMoved,
    SendFault,
    TargetGone,
    Transport,
)

PATIENCE_SECONDS = 7.0
"""How long a file is tried again that cannot be had for now, in all rooms together; and how long
the other files of its source may keep rooms waiting together after that."""

LEAST_SECONDS = 1.0
"""What each file is given of a source that fails: those that are there after all come so fast."""

AILING_SECONDS = 30.0
"""For so long what was found of a source that fails is taken for true."""

GONE_SECONDS = 600.0
"""For so long a file that is not there for good is not asked for again."""

KNOWN = 1000
"""Files of which something is kept in mind."""

Key = tuple[str, tuple[tuple[str, str], ...]]
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(slots=True)
class _Lost:
    until: float
    reason: str
    forever: bool


@dataclass(slots=True)
class _Ailing:
    until: float
    left: float


class Files:
    """Opens files of all networks for all lanes."""

    def __init__(
        self, transports: Mapping[str, Transport], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._transports = transports
        self._clock = clock
        self._lost: OrderedDict[Key, _Lost] = OrderedDict()
        self._since: OrderedDict[Key, float] = OrderedDict()
        self._ailing: OrderedDict[str, _Ailing] = OrderedDict()

    async def open(self, media: Media) -> AsyncIterator[bytes]:
        """The file's bytes. Raises `MediaUnavailable`, `Rejected` where its network is none of
        ours."""
        transport = self._transports.get(media.network)
        if transport is None:
            raise Rejected(f"the network {media.network} is not connected")
        key, source, begun = (media.network, media.ref), _source(media), self._clock()
        lost = self._lost.get(key)
        if lost is not None and begun < lost.until:
            raise MediaUnavailable(lost.reason, forever=lost.forever, spent=True)
        ailing = self._ailing.get(source)
        limit = None
        if ailing is not None and begun < ailing.until:
            limit = max(ailing.left, LEAST_SECONDS)
        chunks = transport.open_media(media)
        try:
            try:
                async with asyncio.timeout(limit):
                    first = await anext(chunks, b"")
            except TimeoutError:
                raise AnswerLost("no answer in time") from None
            self._ailing.pop(source, None)
            yield first
            async for chunk in chunks:
                yield chunk
        except SendFault as fault:
            raise self._noted(fault, key, source, begun) from fault
        self._lost.pop(key, None)
        self._since.pop(key, None)

    def _noted(self, fault: SendFault, key: Key, source: str, begun: float) -> MediaUnavailable:
        """What the fault means for the file, kept in mind for whoever asks next."""
        now, reason = self._clock(), f"{type(fault).__name__}: {fault.reason}"
        if isinstance(fault, (Rejected, TargetGone, RoomGone, RoomMoved)):
            self._since.pop(key, None)
            _keep(self._lost, key, _Lost(now + GONE_SECONDS, reason, forever=True))
            return MediaUnavailable(reason, forever=True, spent=True)
        since = self._since.get(key, begun)
        if begun - since > AILING_SECONDS:
            since = begun
        _keep(self._since, key, since)
        ailing = self._ailing.get(source)
        again = ailing is not None and now < ailing.until
        if not again and now - since < PATIENCE_SECONDS:
            return MediaUnavailable(reason)
        left = ailing.left - (now - begun) if ailing is not None and again else PATIENCE_SECONDS
        _keep(self._ailing, source, _Ailing(now + AILING_SECONDS, left))
        _keep(self._lost, key, _Lost(now + AILING_SECONDS, reason, forever=False))
        del self._since[key]
        return MediaUnavailable(reason, spent=True)


def _source(media: Media) -> str:
    """Where the bytes come from: the network, and the server that an address of its names."""
    hosts = [urlsplit(value).netloc for name, value in media.ref if name == "url"]
    return "/".join([media.network, *hosts])


def _keep(held: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    held[key] = value
    held.move_to_end(key)
    while len(held) > KNOWN:
        held.popitem(last=False)
