"""Pictures and files that documents bring: made beside the transaction, stored by content, then
sent.

A timer stands for each until it is sent, so that no crash loses one. Drawing goes on in a thread;
while it does, the timer rings again, and nobody who writes waits for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog

from bot.delivery.priority import Priority
from bot.post import PAPER, Post
from bot.speech import Speech, spoken
from bot.tiles import Tiles
from bot.transports.base import Media
from bot.transports.web.files import FileStore
from bot.zones import zone_named
from handlers.document import Document, Paper, Para, say
from handlers.printed.press import NotPrinted, Press
from storage import UnitOfWork
from storage.tables import Timer
from workflows.text import Json, Msg, _

log = structlog.get_logger(__name__)

AGAIN = timedelta(seconds=0.2)
"""When the timer rings again while the picture is being drawn."""

RARELY = timedelta(seconds=5)
"""The same for one that has taken long already."""

TOO_LONG = timedelta(minutes=5)
"""What is not drawn by then is given up."""

STARTS = 3
"""Processes that may begin it: who ended while drawing may have ended by it."""

SLOW = timedelta(seconds=1)
"""Who waits longer than this is told that it goes on."""

MIMES = {
    "png": "image/png",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ics": "text/calendar",
    "txt": "text/plain",
    "zip": "application/zip",
}
"""By the format of a paper."""

_PNG_SIZE = slice(16, 24)

Begun: TypeAlias = tuple[str, asyncio.Task[Media]]
"""A drawing under way, or done, and its key."""


@dataclass
class Printing:
    """Draws and sends; `files` is where the content lies from then on. `tiles` lie under what is
    drawn on a map."""

    post: Post
    press: Press
    files: FileStore
    tiles: Tiles | None = None
    drawings: dict[str, asyncio.Task[Media]] = field(default_factory=dict)
    _begun: dict[str, dict[str, Begun]] = field(default_factory=dict, repr=False)
    """By timer, then language: a long paper is put into words once and not at each ring."""

    async def ring(self, uow: UnitOfWork, timer: Timer) -> None:
        """Send the picture if it is drawn in every language that is wanted; else ring again."""
        paper = Paper.from_json(timer.data["paper"])
        rooms = tuple(map(str, timer.data["rooms"]))
        message_id = int(timer.subject.partition(".")[0])
        known = await uow.rooms.many(rooms)
        languages = dict.fromkeys(each.language for each in known.values())
        zone = zone_named(str(timer.data.get("zone", "")), self.post.speech.zone)
        speech = self.post.speech.local(zone, named=bool(timer.data.get("named")))
        begun = self._begun.get(timer.subject, {})
        anew = not begun
        if anew and int(timer.data.get("starts", 0)) >= STARTS:
            await self._give_up(uow, paper, rooms, message_id, "it ended the process each time")
            return
        if begun.keys() != languages.keys():
            begun = {language: self._drawing(paper, language, speech) for language in languages}
            self._begun[timer.subject] = begun
        drawings = {language: drawing for language, (_key, drawing) in begun.items()}
        if not all(each.done() for each in drawings.values()):
            if anew or self._age(timer) < TOO_LONG:
                await self._later(uow, timer, paper, rooms, message_id, anew=anew)
                return
            for drawing in drawings.values():
                drawing.cancel()
        self._begun.pop(timer.subject, None)
        for key, _drawing in begun.values():
            self.drawings.pop(key, None)
        if (fault := next(filter(None, map(_fault, drawings.values())), None)) is not None:
            await self._give_up(uow, paper, rooms, message_id, fault)
            return
        await self.post.tell(
            uow,
            rooms,
            Document((Para(paper.caption),)),
            reply_to=message_id,
            # It must not overtake the words, which are talk in all rooms but the first.
            priority=Priority.TALK,
            media={language: (each.result(),) for language, each in drawings.items()},
        )

    async def _give_up(
        self, uow: UnitOfWork, paper: Paper, rooms: tuple[str, ...], message_id: int, fault: str
    ) -> None:
        log.error("a paper cannot be made", template=paper.template, error=fault)
        text = _("The picture could not be drawn. The words above say the same.")
        if paper.format != "png":
            text = _("The file {name} could not be made. Ask for it again.", name=paper.file)
        await self.post.tell(uow, rooms, say(text), reply_to=message_id)

    async def _later(
        self,
        uow: UnitOfWork,
        timer: Timer,
        paper: Paper,
        rooms: tuple[str, ...],
        message_id: int,
        *,
        anew: bool,
    ) -> None:
        now, data = self.post.now(), dict(timer.data)
        age = timedelta() if anew else self._age(timer)
        if anew:
            data |= {"since": now.isoformat(), "starts": int(data.get("starts", 0)) + 1}
        if not data.get("told") and age >= SLOW:
            data["told"] = True
            text = _("The picture is being drawn.")
            if paper.format != "png":
                text = _("The file {name} is being made.", name=paper.file)
            await self.post.tell(uow, rooms, say(text), reply_to=message_id)
        await uow.timers.set(PAPER, timer.subject, now + min(max(AGAIN, age / 10), RARELY), data)

    def _age(self, timer: Timer) -> timedelta:
        """For how long this process has been drawing it."""
        since = timer.data.get("since")
        return timedelta() if since is None else self.post.now() - datetime.fromisoformat(since)

    def _drawing(self, paper: Paper, language: str, speech: Speech) -> Begun:
        """The drawing under way, or done, for these very data, and its key."""
        data = in_language(paper, language, speech)
        whole = json.dumps([paper.template, paper.file, data], sort_keys=True)
        key = hashlib.sha256(whole.encode()).hexdigest()
        if (drawing := self.drawings.get(key)) is None:
            drawing = asyncio.create_task(self._draw(paper, data), name="drawing")
            self.drawings[key] = drawing
        return key, drawing

    async def _draw(self, paper: Paper, data: Mapping[str, Json]) -> Media:
        made = await self._made(paper, data)
        stored = await self.files.keep(_whole(made))
        seen = paper.format == "png"
        size = made[_PNG_SIZE] if seen else b""
        return Media(
            network="web",
            kind="photo" if seen else "document",
            name=paper.file,
            mime=MIMES[paper.format],
            ref=(("sha256", stored.sha256),),
            size=stored.size,
            width=int.from_bytes(size[:4]) if seen else None,
            height=int.from_bytes(size[4:]) if seen else None,
            sha256=stored.sha256,
        )

    async def _made(self, paper: Paper, data: Mapping[str, Json]) -> bytes:
        laid = None if self.tiles is None else await self.tiles.under(data)
        if laid is not None:
            with_map = {**data, "map": laid}
            try:
                return await asyncio.to_thread(
                    self.press.make, paper.template, paper.format, with_map
                )
            except NotPrinted as error:
                log.warning("a picture is drawn without its map tiles", reason=str(error)[:300])
        return await asyncio.to_thread(self.press.make, paper.template, paper.format, data)

    async def aclose(self) -> None:
        """Let go of what is being drawn: its timers bring it back."""
        for drawing in self.drawings.values():
            drawing.cancel()
        await asyncio.gather(*self.drawings.values(), return_exceptions=True)


def in_language(paper: Paper, language: str, speech: Speech) -> dict[str, Json]:
    """What the template reads for a room of that language: each message as its lines."""

    def said(value: Json) -> Json:
        if isinstance(value, list):
            return [said(each) for each in value]
        if isinstance(value, Mapping):
            if value.keys() == {"msg"}:
                return list(speech.lines(Msg.from_json(value["msg"]), language))
            return {name: said(each) for name, each in value.items()}
        return value

    data: dict[str, Json] = {"lang": spoken(language)[0]}
    return data | {name: said(each) for name, each in paper.data.items()}


def _fault(drawing: asyncio.Task[Media]) -> str | None:
    """Why there is nothing to send."""
    if not drawing.done() or drawing.cancelled():
        return "it takes too long"
    error = drawing.exception()
    return None if error is None else str(error)[:500] or type(error).__name__


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
