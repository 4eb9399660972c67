"""Who came, went or changed their name, told to the linked rooms as one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.delivery.priority import Priority
from bot.post import Post
from bot.richtext import safe_name
from bot.transports.base import Change, Passed
from handlers.document import Document, Inline, Para, Span
from handlers.families.status import GATHERED, LATECOMERS
from storage import UnitOfWork
from storage.tables import Passage, Room, Timer
from workflows.text import Msg, Param, _, ngettext

TIMER = "passages"
"""Kind of the timer that ends a window; its subject is the room."""

WINDOW = timedelta(seconds=60)
"""What happens to a room's people within it is told as one line."""

MOST_NAMES = 8
"""Of each kind in a line; more are counted."""


@dataclass(frozen=True)
class Passages:
    """Keeps how people stand in a room till the linked rooms are told."""

    post: Post

    async def passed(self, uow: UnitOfWork, room: str, passed: Passed) -> None:
        """People of a room changed. Nothing is kept of rooms that are in no bridge.

        A network may tell of the same change twice, in two ways; it counts once.
        """
        await self._late(uow, room, passed)
        if not passed.changes or not await uow.passages.bridged(room):
            return
        for change in passed.changes:
            await self._note(uow, room, change)
        if await uow.timers.get(TIMER, room) is None:
            await uow.timers.set(TIMER, room, self.post.now() + WINDOW)

    async def _late(self, uow: UnitOfWork, room: str, passed: Passed) -> None:
        """Who joins a room of an incident is told where it stands, a moment later."""
        joined = [each.account for each in passed.changes if each.kind == "joined"]
        if not joined or await uow.incidents.current(room) is None:
            return
        waiting = await uow.timers.get(LATECOMERS, room)
        known = [] if waiting is None else list(map(str, waiting.data.get("accounts", ())))
        due = self.post.now() + GATHERED if waiting is None else waiting.due_at
        await uow.timers.set(LATECOMERS, room, due, {"accounts": [*known, *joined]})

    async def _note(self, uow: UnitOfWork, room: str, change: Change) -> None:
        if change.kind == "renamed":
            account = await uow.people.account(change.account)
            if account is not None:
                account.name = change.name
        is_in = change.kind in ("joined", "renamed")
        known = await uow.passages.get(room, change.account)
        if known is None:
            known = Passage(
                room=room,
                account=change.account,
                was_in=change.kind != "joined",
                was_name=change.before or change.name,
                is_in=is_in,
                is_name=change.name,
                removed=change.kind == "removed",
                at=self.post.now(),
            )
            await uow.passages.add(known)
        elif (known.is_in, known.is_name) != (is_in, change.name):
            known.is_in, known.is_name = is_in, change.name
            known.removed = change.kind == "removed"
            known.at = self.post.now()

    async def ring(self, uow: UnitOfWork, timer: Timer) -> None:
        """The window is over: what has changed since the last line is told.

        How people stand is kept for one window more, so that what is told twice is known.
        """
        now = self.post.now()
        await uow.passages.forget(timer.subject, now - WINDOW)
        people = await uow.passages.of_room(timer.subject)
        told = [each for each in people if line(each) is not None]
        home = await uow.rooms.resolve(timer.subject)
        places = await uow.passages.bridged(home)
        heard = [other for place in places for other in await uow.bridges.linked(place)]
        rooms = tuple(dict.fromkeys(room for room in heard if room not in places))
        if told and rooms:
            document = digest(await uow.rooms.get(home), home, told)
            await self.post.tell(uow, rooms, document, priority=Priority.TALK)
        for each in told:
            each.was_in, each.was_name, each.at = each.is_in, each.is_name, now
        if told:
            await uow.timers.set(TIMER, timer.subject, now + WINDOW + timedelta(seconds=1))
        elif people:
            await uow.timers.set(TIMER, timer.subject, now + WINDOW)


def line(passage: Passage) -> str | None:
    """What somebody did all in all: joined, left, removed or renamed; None for nothing."""
    if passage.is_in and not passage.was_in:
        return "joined"
    if passage.was_in and not passage.is_in:
        return "removed" if passage.removed else "left"
    if passage.is_in and passage.was_name != passage.is_name:
        return "renamed"
    return None


def digest(room: Room | None, room_id: str, people: Sequence[Passage]) -> Document:
    """One line: the room, who joined, left, was removed, and who bears which name now."""
    title = safe_name(room.title if room is not None else "", fallback=room_id)
    kinds: dict[str, list[Param]] = {"joined": [], "left": [], "removed": [], "renamed": []}
    for each in people:
        kind, name = line(each), safe_name(each.is_name, fallback=each.account)
        if kind == "renamed":
            before = safe_name(each.was_name, fallback=each.account)
            kinds["renamed"].append(_("{before} is now {name}", before=before, name=name))
        elif kind is not None:
            gone = safe_name(each.was_name, fallback=each.account)
            kinds[kind].append(name if kind == "joined" else gone)
    parts: list[Msg] = []
    if kinds["joined"]:
        parts.append(_("joined: {names}", names=_first(kinds["joined"])))
    if kinds["left"]:
        parts.append(_("left: {names}", names=_first(kinds["left"])))
    if kinds["removed"]:
        parts.append(_("removed: {names}", names=_first(kinds["removed"])))
    if kinds["renamed"]:
        parts.append(_("new names: {names}", names=_first(kinds["renamed"])))
    pieces: list[Inline] = [f"👥 {title}"]
    for part in parts:
        pieces += [" · ", part]
    return Document((Para(Span(tuple(pieces))),))


def _first(names: list[Param]) -> tuple[Param, ...]:
    more = len(names) - MOST_NAMES
    if more <= 0:
        return tuple(names)
    return (*names[:MOST_NAMES], ngettext("{n} other", "{n} others", more))
