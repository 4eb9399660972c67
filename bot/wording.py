"""What a document, and somebody's words, read in each room: in its language, with the accounts of
its network, and nothing that it may not show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.delivery.threads import label
from bot.richtext import Html, excerpt, from_plain, safe_name
from bot.speech import Speech
from bot.stored import load
from bot.transports.base import Author, Choice, Content, Media, Outgoing, Target
from bot.transports.media import sign
from bot.zones import zone_named, zones_of
from handlers.document import Document
from storage import UnitOfWork
from storage.tables import Message
from workflows.text import Msg, _

QUOTE_GRAPHEMES = 80
"""Of the message replied to, in a room that has never seen it."""

LATE = timedelta(minutes=5)
"""From this delay on a message carries the time at which it was written."""

_MENTIONED = re.compile(r'data-account="([^"]+)"')


@dataclass
class Rendered:
    """A document as it reads in each zone and language, made once for each."""

    document: Document
    made: dict[tuple[str, bool, str], Html] = field(default_factory=dict)

    def html(self, speech: Speech, language: str) -> Html:
        """How it reads there."""
        key = (speech.zone.key, speech.named, language)
        if key not in self.made:
            self.made[key] = speech.html(self.document, language)
        return self.made[key]


@dataclass(frozen=True)
class Wording:
    """Makes one `Outgoing` for each room."""

    speech: Speech
    now: Callable[[], datetime]

    async def spoken(
        self,
        uow: UnitOfWork,
        rooms: Sequence[str],
        said: Rendered,
        tokens: Sequence[str],
        speeches: Mapping[str, Speech],
        media: Mapping[str, tuple[Media, ...]] | None = None,
    ) -> dict[str, Outgoing]:
        """A document in each room's language and time zone; its buttons have these tokens."""
        known = await uow.rooms.many(rooms)
        says = {room: speeches.get(room, self.speech) for room in rooms}
        document = said.document
        return {
            room: Outgoing(
                html=(html := said.html(says[room], known[room].language)),
                language=known[room].language,
                choices=tuple(
                    Choice(token, says[room].label(button.label, known[room].language))
                    for token, button in zip(tokens, document.buttons, strict=True)
                ),
                mentions=await self._targets(uow, html, room),
                media=(media or {}).get(known[room].language, ()),
            )
            for room in rooms
            if room in known
        }

    async def printed(
        self, uow: UnitOfWork, about: int | None, first: Speech, speeches: Mapping[str, Speech]
    ) -> Speech:
        """How the papers of a document read in all its rooms: in the zone of the incident that
        they are about, else of the first room; named where somebody's clock shows another hour."""
        key = None if about is None else await uow.zones.of_incident(about)
        zone = first.zone if key is None else zone_named(key, self.speech.zone)
        return self.speech.local(zone, named=any(each.named for each in speeches.values()))

    async def speeches(
        self, uow: UnitOfWork, rooms: Sequence[str], about: int | None
    ) -> dict[str, Speech]:
        """How each room is spoken to: in its own time zone, or that of the incident it is about."""
        home = self.speech.zone
        zones = await zones_of(uow, rooms, about=about, home=home, now=self.now())
        return {
            room: self.speech.local(each.zone, named=each.named) for room, each in zones.items()
        }

    async def relayed(
        self,
        uow: UnitOfWork,
        message: Message,
        rooms: Sequence[str],
        quoted: tuple[str, Html] | None,
    ) -> dict[str, Outgoing]:
        """Somebody's message in each of the rooms that may show it."""
        content = load(message.content)
        shut = await _shut(uow, message.room)
        known = await uow.rooms.many(rooms)
        labels: dict[str, str] = {}
        if message.thread is not None:
            labels = await uow.threads.labels(message.thread, rooms)
        late = message.taken_at - message.at >= LATE
        speeches = await self.speeches(uow, rooms, None) if late else {}
        seen_in: set[str] = set()
        if message.reply_to is not None:
            seen_in = {copy.room for copy in await uow.messages.copies(message.reply_to)}
            target = await uow.messages.get(message.reply_to)
            if target is not None:
                quoted = target.author or "", _quotation(load(target.content), content.quote)
                if content.quote is not None:
                    # Which of its words are answered is told nowhere else.
                    seen_in.clear()
                seen_in |= await _shut(uow, target.room)
        author = Author(
            name=safe_name(message.author or "", fallback=message.account or "?"),
            agency=safe_name(message.agency or "", fallback="") or None,
            network=message.room.partition(":")[0],
            account=message.account or "",
        )
        return {
            room: Outgoing(
                html=self._with_lines(content, known[room].language),
                language=known[room].language,
                author=author,
                quote=None
                if room in seen_in or quoted is None
                else (self._named(quoted[0], known[room].language), quoted[1]),
                media=content.media,
                mentions=await self._targets(uow, content.html, room),
                location=content.location,
                mark=_mark(message, speeches.get(room), known[room].language, labels.get(room)),
            )
            for room in rooms
            if room in known and room not in shut
        }

    def _named(self, author: str, language: str) -> str:
        """Who wrote what is quoted; what nobody wrote is Lianzhi's own."""
        return safe_name(author, fallback="") or self.speech.text(_("Lianzhi"), language)

    def _with_lines(self, content: Content, language: str) -> Html:
        lines = [content.html] if content.html else []
        if content.uncarried is not None:
            lines.append(self._line(content.uncarried, language))
        if content.forwarded is not None:
            first = _("Forwarded from {name}", name=safe_name(content.forwarded))
            lines.insert(0, self._line(first, language))
        return Html("<br>".join(lines))

    def _line(self, msg: Msg, language: str) -> Html:
        return Html(f"<i>{from_plain(self.speech.text(msg, language))}</i>")

    async def _targets(self, uow: UnitOfWork, html: Html, room: str) -> dict[str, Target]:
        accounts = list(dict.fromkeys(_MENTIONED.findall(html)))[:50]
        if not accounts:
            return {}
        twins = await uow.people.twins(accounts, room.partition(":")[0])
        return {account: Target(twin.id, twin.name, twin.handle) for account, twin in twins.items()}


def _quotation(target: Content, chosen: Html | None) -> Html:
    """What is quoted of a message: the words that were chosen, else its beginning or its file."""
    words = excerpt(chosen if chosen is not None else target.html, QUOTE_GRAPHEMES)
    if not words and target.media:
        words = sign(target.media[0])
    return Html(from_plain(words))


def _mark(message: Message, speech: Speech | None, language: str, thread: str | None) -> str | None:
    """A line above a message: when it was written, if its network handed it over late (then there
    is a `speech`), and its thread, if the room does not have it."""
    written = _("Late: written {time}", time=message.at)
    lines = [
        None if speech is None else speech.text(written, language),
        None if thread is None else label(thread),
    ]
    return " · ".join(filter(None, lines)) or None


async def _shut(uow: UnitOfWork, room: str) -> set[str]:
    """The rooms that may not show what is said in `room`, be it as a quotation or an edit."""
    known = await uow.rooms.get(room)
    return set() if known is None or not known.encrypted else await uow.seals.shut(room)
