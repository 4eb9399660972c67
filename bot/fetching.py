"""Fetches files that people posted, after the commit, and hands them to a family's timer.

How a family asks is said in `handlers.posted`. A timer stands for each file until it is handed
over, so that no crash and no outage loses one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.stored import load
from bot.transports.base import Media, MediaUnavailable, Rejected, SendFault, TargetGone, Transport
from bot.transports.web.files import FileStore, FileTooBig
from handlers.posted import FETCH, MEGABYTE
from storage import Store, StoreUnavailable, UnitOfWork
from storage.tables import Timer
from workflows.errors import Refusal
from workflows.stock import sheet
from workflows.text import Json, Msg, _

log = structlog.get_logger(__name__)

AGAIN = timedelta(seconds=30)
"""When a file is tried again that could not be had, or whose fetching a crash ended."""
ENOUGH = timedelta(hours=1)
"""After that long nobody waits for it any more."""
LONGEST = timedelta(minutes=10)
"""No fetching takes longer."""
READING = timedelta(minutes=2)
"""No reading of what was fetched takes longer: its thread cannot be ended, so it gets no second."""
TRIES = 3
"""So often a file is begun that ends the process or that nobody can make sense of; outages do not
count."""

Reader = Callable[[bytes], Mapping[str, Json]]
READERS: Mapping[str, Reader] = {"sheet": sheet.read}
"""What can be made of a content, in a thread. Each raises `Refusal` for what it cannot read."""


@dataclass
class Fetching:
    """Fetches; `files` is where contents lie from then on."""

    store: Store
    transports: Mapping[str, Transport]
    files: FileStore
    now: Callable[[], datetime]
    readers: Mapping[str, Reader] = field(default_factory=lambda: READERS)
    reading: timedelta = READING
    under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def ring(self, uow: UnitOfWork, timer: Timer) -> None:
        """Begin once this is committed, unless it is under way; ring again in case of a crash."""
        data = {"since": self.now().isoformat(), "tries": 0, **timer.data}
        begins = timer.subject not in self.under_way
        message = await uow.messages.get(int(data["message"]))
        media = () if message is None else load(message.content).media
        at = int(data["at"])
        file = media[at] if message and message.deleted_at is None and at < len(media) else None
        if begins and data["tries"] >= TRIES:
            log.error("a file is given up", subject=timer.subject, tries=data["tries"])
            name = "?" if file is None else file.name
            await self._hand_over(uow, data, _fault(_unread(name)))
            return
        # Counted before it begins: what ends the process cannot count itself.
        data["tries"] += begins
        await uow.timers.set(FETCH, timer.subject, self.now() + AGAIN, data)
        uow.committed.append(lambda: self._begin(timer.subject, data, file))

    def _begin(self, subject: str, data: Mapping[str, Any], file: Media | None) -> None:
        if subject not in self.under_way:
            task = asyncio.create_task(self._carry_out(subject, data, file), name="fetch a file")
            self.under_way[subject] = task
            task.add_done_callback(lambda _task: self.under_way.pop(subject, None))

    async def _carry_out(self, subject: str, data: Mapping[str, Any], file: Media | None) -> None:
        try:
            async with asyncio.timeout(LONGEST.total_seconds()):
                found = await self._fetched(data, file)
            async with self.store.write() as uow:
                # Handed over at most once, whichever process does it.
                if await uow.timers.drop(FETCH, subject):
                    await self._hand_over(uow, data, found)
        except SendFault as fault:
            log.warning("a file waits for its network", subject=subject, reason=fault.reason)
            await self._excuse(subject, data)
        except Exception:
            log.exception("a file was not fetched; it is tried again", subject=subject)

    async def _hand_over(
        self, uow: UnitOfWork, data: Mapping[str, Any], found: Mapping[str, Json]
    ) -> None:
        handed = {**data["data"], **found}
        await uow.timers.set(data["then"], data["subject"], self.now(), handed)

    async def _excuse(self, subject: str, data: Mapping[str, Any]) -> None:
        """An outage is no fault of the file."""
        try:
            async with self.store.write() as uow:
                if (timer := await uow.timers.get(FETCH, subject)) is not None:
                    await uow.timers.set(FETCH, subject, timer.due_at, {**data, "tries": 0})
        except StoreUnavailable as error:
            log.warning("an outage was counted as a try", subject=subject, error=str(error))

    async def _fetched(self, data: Mapping[str, Any], file: Media | None) -> dict[str, Json]:
        """What the family's timer is given."""
        if file is None:
            return _fault(_("The file is not there any more. Post it again."))
        limit = int(data["limit"])
        if not file.fits(limit):
            return _fault(_too_big(limit))
        try:
            stored = await self.files.keep(self._bytes(file), limit)
        except FileTooBig:
            return _fault(_too_big(limit))
        except SendFault as fault:
            forever = isinstance(fault, (Rejected, TargetGone)) or (
                isinstance(fault, MediaUnavailable) and fault.forever
            )
            waited = self.now() - datetime.fromisoformat(data["since"])
            if not forever and waited < ENOUGH:
                raise
            log.warning("a file cannot be had", reason=fault.reason)
            return _fault(_("The file {name} cannot be fetched. Post it again.", name=file.name))
        made = None
        if data["reader"] is not None:
            try:
                made = await self._made(self.readers[data["reader"]], stored.sha256)
            except Refusal as refusal:
                return _fault(refusal.text)
            except _TooSlow:
                log.error("a file takes too long to be read", sha256=stored.sha256)
                return _fault(_unread(file.name))
        return {
            "file": {
                "sha256": stored.sha256,
                "name": file.name,
                "mime": file.mime,
                "size": stored.size,
                "made": made,
            }
        }

    async def _bytes(self, file: Media) -> AsyncIterator[bytes]:
        transport = self.transports.get(file.network)
        if transport is None:
            raise MediaUnavailable(f"the network {file.network} is not connected")
        async for chunk in transport.open_media(file):
            yield chunk

    async def _made(self, reader: Reader, sha256: str) -> str:
        path = self.files.path(sha256)

        def read() -> bytes:
            found = reader(path.read_bytes())
            return json.dumps(dict(found), ensure_ascii=False).encode()

        try:
            async with asyncio.timeout(self.reading.total_seconds()) as limit:
                made = await asyncio.to_thread(read)
        except TimeoutError as error:
            if limit.expired():
                raise _TooSlow from error
            raise
        stored = await self.files.keep(_whole(made), max(len(made), 1))
        return stored.sha256

    async def aclose(self) -> None:
        """Let go of what is under way: its timers bring it back."""
        tasks = list(self.under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _TooSlow(Exception):
    """The reader was not done in time."""


def _unread(name: str) -> Msg:
    return _("The file {name} cannot be read. Save it in another format and post it.", name=name)


def _fault(text: Msg) -> dict[str, Json]:
    return {"fault": text.to_json()}


def _too_big(limit: int) -> Msg:
    return _("The file is too big: {limit} MB at most.", limit=limit // MEGABYTE)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
