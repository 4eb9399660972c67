"""The open pages: who is in which room, and what waits to be shown to them."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.transports.web.events import view
from storage.tables import WebEvent
from workflows.text import Json

QUEUE_LIMIT = 256
"""Frames that may wait for one page; a slower one is dropped and reads the history anew."""


@dataclass(eq=False, slots=True)
class Client:
    """One open page in one room."""

    number: int
    room: str
    account: str
    name: str
    invite: str | None
    drop: Callable[[], None]
    """Cut its connection now."""
    frames: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_LIMIT))
    """What waits to be sent; None closes the socket."""

    def tell(self, frame: dict[str, Json]) -> None:
        """Queue a frame; a page that does not read is dropped."""
        self._queue(json.dumps(frame, ensure_ascii=False))

    def welcome(self, frame: dict[str, Json]) -> None:
        """Queue the first frame, before whatever was queued while it was made."""
        early = []
        while not self.frames.empty():
            early.append(self.frames.get_nowait())
        self.tell(frame)
        for each in early:
            self._queue(each)

    def finish(self) -> None:
        """Close the socket once all before is sent."""
        self._queue(None)

    def _queue(self, frame: str | None) -> None:
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.drop()


class Hub:
    """All open pages of this process."""

    def __init__(self) -> None:
        self._rooms: dict[str, set[Client]] = defaultdict(set)
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """A number for a new page."""
        return next(self._numbers)

    def enter(self, client: Client) -> None:
        """Show the room's news to this page from now on."""
        self._rooms[client.room].add(client)

    def leave(self, client: Client) -> None:
        """The page is closed."""
        self._rooms[client.room].discard(client)

    def clients(self) -> Iterator[Client]:
        """Every open page."""
        for clients in list(self._rooms.values()):
            yield from list(clients)

    def client(self, number: str) -> Client | None:
        """The page of that number, if it is still open."""
        return next((each for each in self.clients() if str(each.number) == number), None)

    def show(self, event: WebEvent) -> None:
        """Show an event, new or changed, to everybody in its room."""
        for client in list(self._rooms.get(event.room, ())):
            client.tell({"op": "event", "event": view(event, client.account)})

    def tell(self, room: str, frame: dict[str, Json]) -> None:
        """Send a frame to everybody in a room."""
        for client in list(self._rooms.get(room, ())):
            client.tell(frame)
