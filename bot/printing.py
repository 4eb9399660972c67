"""Pictures that documents bring: drawn beside the transaction, stored by content, then sent.

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

import structlog

from bot.delivery.priority import Priority
from bot.post import PICTURE, Post
from bot.speech import Speech, spoken
from bot.transports.base import Media
from bot.transports.web.files import FileStore
from handlers.document import Document, Para, Picture, say
from handlers.printed.press import Press
from storage import UnitOfWork
from storage.tables import Timer
from workflows.text import Json, Msg, _

log = structlog.get_logger(__name__)

AGAIN = timedelta(seconds=0.2)
"""When the timer rings again while the picture is being drawn."""

SLOW = timedelta(seconds=1)
"""Who waits longer than this is told that it goes on."""

_PNG_SIZE = slice(16, 24)


@dataclass
class Printing:
    """Draws and sends; `files` is where the content lies from then on."""

    post: Post
    press: Press
    files: FileStore
    drawings: dict[str, asyncio.Task[Media]] = field(default_factory=dict)

    async def ring(self, uow: UnitOfWork, timer: Timer) -> None:
        """Send the picture if it is drawn in every language that is wanted; else ring again."""
        picture = Picture.from_json(timer.data["picture"])
        rooms = tuple(map(str, timer.data["rooms"]))
        message_id = int(timer.subject.partition(".")[0])
        known = await uow.rooms.many(rooms)
        languages = dict.fromkeys(each.language for each in known.values())
        begun = {language: self._drawing(picture, language) for language in languages}
        drawings = {language: drawing for language, (_key, drawing) in begun.items()}
        if not all(each.done() for each in drawings.values()):
            await self._later(uow, timer, rooms, message_id)
            return
        for key, _drawing in begun.values():
            self.drawings.pop(key, None)
        if failed := next((each for each in drawings.values() if each.exception()), None):
            log.error("a picture cannot be drawn", template=picture.template,
                      error=str(failed.exception())[:500])  # fmt: skip
            text = _("The picture could not be drawn. The words above say the same.")
            await self.post.tell(uow, rooms, say(text), reply_to=message_id)
            return
        await self.post.tell(
            uow,
            rooms,
            Document((Para(picture.caption),)),
            reply_to=message_id,
            # It must not overtake the words, which are talk in all rooms but the first.
            priority=Priority.TALK,
            media={language: (each.result(),) for language, each in drawings.items()},
        )

    async def _later(
        self, uow: UnitOfWork, timer: Timer, rooms: tuple[str, ...], message_id: int
    ) -> None:
        now = self.post.now()
        data = dict(timer.data)
        since = data.setdefault("since", now.isoformat())
        if not data.get("told") and now - datetime.fromisoformat(since) >= SLOW:
            data["told"] = True
            text = _("The picture is being drawn.")
            await self.post.tell(uow, rooms, say(text), reply_to=message_id)
        await uow.timers.set(PICTURE, timer.subject, now + AGAIN, data)

    def _drawing(self, picture: Picture, language: str) -> tuple[str, asyncio.Task[Media]]:
        """The drawing under way, or done, for these very data, and its key."""
        data = in_language(picture, language, self.post.speech)
        whole = json.dumps([picture.template, picture.name, data], sort_keys=True)
        key = hashlib.sha256(whole.encode()).hexdigest()
        if (drawing := self.drawings.get(key)) is None:
            drawing = asyncio.create_task(self._draw(picture, data), name="drawing")
            self.drawings[key] = drawing
        return key, drawing

    async def _draw(self, picture: Picture, data: Mapping[str, Json]) -> Media:
        png = await asyncio.to_thread(self.press.png, picture.template, data)
        stored = await self.files.keep(_whole(png))
        size = png[_PNG_SIZE]
        return Media(
            network="web",
            kind="photo",
            name=f"{picture.name}.png",
            mime="image/png",
            ref=(("sha256", stored.sha256),),
            size=stored.size,
            width=int.from_bytes(size[:4]),
            height=int.from_bytes(size[4:]),
            sha256=stored.sha256,
        )

    async def aclose(self) -> None:
        """Let go of what is being drawn: its timers bring it back."""
        for drawing in self.drawings.values():
            drawing.cancel()
        await asyncio.gather(*self.drawings.values(), return_exceptions=True)


def in_language(picture: Picture, language: str, speech: Speech) -> dict[str, Json]:
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
    return data | {name: said(each) for name, each in picture.data.items()}


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
