"""Rooms that are wished for are opened beside the transaction; no crash loses or doubles one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.post import Post
from bot.transports.base import AnswerLost, OpensRooms, RateLimited, SendFault, Unreachable
from handlers.cards.incident import card
from handlers.document import say
from storage import Store, UnitOfWork
from storage.tables import RoomWish, Timer
from workflows.incidents import opening
from workflows.text import Msg, _

log = structlog.get_logger(__name__)

AGAIN = timedelta(seconds=30)
"""When a network is asked again that was out of reach."""


@dataclass
class Opening:
    """Asks the networks for rooms. A timer stands for each wish until it is settled."""

    store: Store
    post: Post
    under_way: dict[int, asyncio.Task[None]] = field(default_factory=dict)

    async def ring(self, uow: UnitOfWork, timer: Timer) -> None:
        """Have a wish carried out once this is committed, unless that is under way."""
        number = int(timer.subject)
        found = await uow.wishes.get(number)
        if found is None or found.room is not None or found.failed is not None:
            return
        await uow.timers.set(opening.TIMER, timer.subject, self.post.now() + AGAIN)
        uow.committed.append(lambda: self._begin(number))

    def _begin(self, number: int) -> None:
        if number not in self.under_way:
            task = asyncio.create_task(self._carry_out(number), name=f"open room {number}")
            self.under_way[number] = task
            task.add_done_callback(lambda _task: self.under_way.pop(number, None))

    async def _carry_out(self, number: int) -> None:
        try:
            await self._open(number)
        except Exception:
            log.exception("a room was not opened; it is tried again", wish=number)

    async def _open(self, number: int) -> None:
        async with self.store.write() as uow:
            found = await uow.wishes.get(number)
            assert found is not None
            incident = await uow.incidents.get(found.incident_id)
            assert incident is not None
            beside = await uow.rooms.get(found.beside)
            transport = self.post.transport(found.beside)
            if not isinstance(transport, OpensRooms):
                await self._refuse(uow, found, "")
                return
            if found.tried_at is not None and not transport.reopens:
                # It may be there, and asking again could make a second one.
                await self._refuse(uow, found, "the answer was lost")
                return
            found.tried_at = self.post.now()
            await uow.wishes.save(found)
            key, title, invited = opening.key(incident, found), found.title, tuple(found.invited)
            place, language = found.beside, beside.language if beside is not None else "both"
        try:
            room = await transport.open_room(place, key, title, language, invited)
        except (Unreachable, RateLimited) as fault:
            log.warning("a room waits for its network", wish=number, reason=fault.reason)
            await self._not_tried(number)
            return
        except AnswerLost as fault:
            log.warning("whether a room was opened is unknown", wish=number, reason=fault.reason)
            return
        except SendFault as fault:
            async with self.store.write() as uow:
                refused = await uow.wishes.get(number)
                assert refused is not None
                await self._refuse(uow, refused, fault.reason)
            return
        async with self.store.write() as uow:
            done = await uow.wishes.get(number)
            assert done is not None
            await self._settled(uow, done, room)

    async def _not_tried(self, number: int) -> None:
        async with self.store.write() as uow:
            found = await uow.wishes.get(number)
            assert found is not None
            found.tried_at = None
            await uow.wishes.save(found)

    async def _settled(self, uow: UnitOfWork, found: RoomWish, room: str) -> None:
        now = self.post.now()
        incident = await opening.opened(uow, found, room, now)
        await uow.timers.drop(opening.TIMER, str(found.id))
        await self.post.tell(uow, (room,), await card(uow, incident, now))
        await self._tell(
            uow,
            found.beside,
            _("The incident has a room of its own here: {title}", title=found.title),
        )

    async def _refuse(self, uow: UnitOfWork, found: RoomWish, why: str) -> None:
        await opening.refused(uow, found, why, self.post.now())
        await uow.timers.drop(opening.TIMER, str(found.id))
        text = (
            _("No room can be opened here; this one takes part in the incident's own bridge.")
            if not why
            else _(
                "No room could be opened here ({reason}); this one takes part in the incident's "
                "own bridge.",
                reason=why,
            )
        )
        await self._tell(uow, found.beside, text)

    async def _tell(self, uow: UnitOfWork, room: str, text: Msg) -> None:
        await self.post.tell(uow, (room,), say(text))

    async def aclose(self) -> None:
        """Let go of what is under way: its timers bring it back."""
        tasks = list(self.under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
