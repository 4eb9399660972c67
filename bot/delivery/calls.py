"""What a row asks of its network, put into a call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.delivery.joining import Call, Relined, bare
from bot.delivery.lines import Lines
from bot.delivery.threads import in_main, in_thread
from bot.transports.base import Albums, HasTopics, KnownIds, OpenMedia, Sending, Transport
from storage import Store
from storage.tables import OutboxRow

NEW_ROOM = timedelta(hours=1)
"""For so long a room is one in which nothing was said by us before."""

Shown = str | tuple[str, ...]
"""The network's id of a message, or those of an album's files."""


class Calls:
    """Calls to one room."""

    def __init__(
        self,
        room: str,
        transport: Transport,
        store: Store,
        open_media: OpenMedia,
        lines: Lines,
    ) -> None:
        self.arrived: dict[tuple[int, int], str] = {}
        """By message and part: ids that the network has given and that may not be stored yet."""
        self.relined: Relined | None = None
        """What a joined message reads by the call that was made last, also where it failed."""
        self._room = room
        self._transport = transport
        self._store = store
        self._open_media = open_media
        self._lines = lines
        self._main = transport.main(room) if isinstance(transport, HasTopics) else None

    @property
    def in_topic(self) -> bool:
        """Whether the room is a topic of another."""
        return self._main is not None

    async def find(self, row: OutboxRow, call: Call) -> Shown | bool:
        """Where a call that may have been made is shown; False if it surely was not, True if that
        cannot be told. Raises what the network raises."""
        if call.album and isinstance(self._transport, Albums):
            return await self._transport.find_album(
                await self._files(call), partial(self._known, row)
            )
        sending = await self._sending(row, call)
        return await self._transport.find_sent(sending, partial(self._known, row))

    async def _known(self, row: OutboxRow) -> KnownIds:
        async with self._store.read() as uow:
            remotes, whole, before = await uow.messages.highest(row)
            others = await uow.outbox.sending_beside(row)
            strays = await uow.outbox.strays(row)
            room = await uow.rooms.get(row.room.partition("/")[0])
        new = room is not None and row.made_at - room.seen_at < NEW_ROOM
        return KnownIds(remotes, whole, before, others, strays, new)

    async def make(self, row: OutboxRow, call: Call) -> Shown | None:
        """Make the call; what it shows."""
        self.relined = None
        if call.album and isinstance(self._transport, Albums):
            return await self._transport.send_album(await self._files(call))
        sending = await self._sending(row, call)
        match row.action:
            case "send":
                return await self._transport.send(sending)
            case _ if sending.target is None:
                return None
            case "edit" | "delete" if relined := await self._lines.relined(row, sending.target):
                self.relined = relined
                if relined.payload is not None:
                    await self._transport.edit(replace(sending, payload=relined.payload))
                else:
                    await self._transport.delete(sending)
            case "edit":
                await self._transport.edit(sending)
            case "delete":
                await self._transport.delete(sending)
            case "react":
                await self._transport.react(sending)
            case "pin" | "unpin":
                await self._transport.pin(sending, pinned=row.action == "pin")
        return None

    async def _files(self, call: Call) -> list[Sending]:
        """The album, file by file."""
        return [
            replace(await self._sending(each, call), payload=bare(each.payload))
            for each in call.rows
        ]

    async def _sending(self, row: OutboxRow, call: Call) -> Sending:
        reply_to = target = None
        if row.reply_to is not None:
            reply_to = await self._remote(row.reply_to, 0)
        if row.action != "send" and row.message_id is not None:
            target = await self._remote(row.message_id, row.part)
        mark = row.payload.get("mark")
        sending = Sending(
            room=self._room,
            payload=call.payload,
            txn=row.txn,
            reply_to=reply_to,
            target=target,
            open_media=self._open_media,
            mark=mark if isinstance(mark, str) else None,
        )
        placed = await in_thread(sending, row, self._store, self._remote)
        return placed if self._main is None else await in_main(placed, self._main, self._store)

    async def _remote(self, message_id: int, part: int) -> str | None:
        if (remote := self.arrived.get((message_id, part))) is not None:
            return remote
        async with self._store.read() as uow:
            return await uow.messages.remote(message_id, self._room, part)
