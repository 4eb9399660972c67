"""Messages and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Integer,
    String,
    bindparam,
    case,
    cast,
    func,
    insert,
    select as core_select,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.prepared import Prepared
from storage.queries.base import Queries, table
from storage.tables import Copy, Message, OutboxRow, Room
from storage.types import JsonColumn

LONGEST_POLL = 200
"""Characters of a poll's id; Telegram's have twenty. SQLite searches for no more than 50 kB."""

LOOKED_BACK = 20_000
"""Messages, of all rooms together, among which the one with a poll is looked for."""

KNOWN_IDS = 5000
"""Ids of a chat that are read where a lost answer is looked for."""
_AT_ONCE = 500

_ADD = Prepared(
    lambda _dialect: insert(table(Message)).returning(table(Message).c.id),
    ("room", "content", "at", "taken_at", "account", "author", "agency", "reply_to", "edits"),
)
_PLACE = Prepared(
    lambda _dialect: insert(table(Copy)),
    ("message_id", "room", "part", "remote", "origin", "gone", "slot"),
)
_BLANK = {"remote": None, "part": 0, "origin": False, "gone": False, "slot": 0}
_ARRIVED = Prepared(
    lambda _dialect: (
        update(table(Copy))
        .where(
            table(Copy).c.message_id == bindparam("of"),
            table(Copy).c.room == bindparam("here"),
            table(Copy).c.part == bindparam("number"),
        )
        .values(
            remote=bindparam("arrived"),
            slot=bindparam("number_in"),
            line=bindparam("line", type_=JsonColumn),
        )
    )
)
_RECENT = (
    core_select(table(Message).c.account, table(Message).c.author, table(Message).c.content)
    .where(table(Message).c.room.in_(bindparam("in", expanding=True)))
    .where(table(Message).c.account.is_not(None), table(Message).c.taken_at > bindparam("since"))
    .order_by(table(Message).c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_KNOWN = Prepared(
    lambda _dialect: core_select(table(Copy).c.id).where(
        table(Copy).c.room == bindparam("here"), table(Copy).c.remote == bindparam("shown")
    )
)


class Messages(Queries):
    """The durable map between what was said and what each room shows."""

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session)
        self.unknown: set[tuple[str, str]] = set()
        """(room, remote) of which it is known that the map has no message."""
        self._added: list[Message] = []

    async def add(
        self,
        *,
        room: str,
        content: dict[str, Any],
        at: datetime,
        taken_at: datetime,
        account: str | None = None,
        author: str | None = None,
        agency: str | None = None,
        reply_to: int | None = None,
    ) -> int:
        """A new message; its id."""
        values: dict[str, Any] = {
            "room": room,
            "content": content,
            "at": at,
            "taken_at": taken_at,
            "account": account,
            "author": author,
            "agency": agency,
            "reply_to": reply_to,
            "edits": 0,
        }
        message_id = int((await self.hot(_ADD, values))[0][0])
        # Whoever writes a message reads it next: it is known without being asked for.
        self._added.append(self.adopt_new(Message, {"id": message_id, **values}))
        return message_id

    async def get(self, message_id: int) -> Message | None:
        """The message."""
        return await self.by_key(Message, message_id)

    async def place(
        self,
        message_id: int,
        room: str,
        *,
        remote: str | None = None,
        part: int = 0,
        origin: bool = False,
    ) -> None:
        """Note that the message stands, or will stand, in `room`."""
        place = {"message_id": message_id, "room": room, "remote": remote, "part": part}
        await self.hot(_PLACE, {**_BLANK, **place, "origin": origin})

    async def place_all(self, copies: Sequence[dict[str, Any]]) -> None:
        """`place` for many at once: rows of message_id, room and part."""
        await self.hot_all(_PLACE, [{**_BLANK, **each} for each in copies])

    async def find(self, room: str, remote: str) -> Message | None:
        """The message of which `remote` in `room` is the original or a copy; of joined ones the
        last."""
        found = select(Message).join(Copy, col(Copy.message_id) == col(Message.id))
        here = found.where(Copy.room == room, Copy.remote == remote)
        return (await self.session.exec(here.order_by(col(Copy.slot).desc()))).first()

    async def joined(self, room: str, remote: str) -> Sequence[Copy]:
        """The places of all that `remote` in `room` shows, line by line."""
        found = select(Copy).where(Copy.room == room, Copy.remote == remote)
        return (await self.session.exec(found.order_by(col(Copy.slot)))).all()

    async def is_known(self, room: str, remote: str) -> bool:
        """Whether `remote` in `room` shows a message of the map."""
        if (room, remote) in self.unknown:
            self.unknown.discard((room, remote))
            return False
        return bool(await self.hot(_KNOWN, {"here": room, "shown": remote}))

    async def find_copy(self, room: str, remote: str) -> Copy | None:
        """The place in which `remote` shows a message; of joined ones the last."""
        found = select(Copy).where(Copy.room == room, Copy.remote == remote)
        return (await self.session.exec(found.order_by(col(Copy.slot).desc()))).first()

    async def find_anywhere(self, room: str, remote: str) -> Copy | None:
        """As `find_copy`, in the room or in one of its topics, which share their ids."""
        topics = col(Copy.room).startswith(room + "/", autoescape=True)
        found = select(Copy).where(or_(Copy.room == room, topics), Copy.remote == remote)
        return (await self.session.exec(found.order_by(col(Copy.slot).desc()))).first()

    async def copies(self, message_id: int, room: str | None = None) -> Sequence[Copy]:
        """Every place where the message stands or will stand, by room and part."""
        found = select(Copy).where(Copy.message_id == message_id, col(Copy.gone).is_(False))
        if room is not None:
            found = found.where(Copy.room == room)
        return (await self.session.exec(found.order_by(Copy.room, col(Copy.part)))).all()

    async def remote(self, message_id: int, room: str, part: int = 0) -> str | None:
        """The network's id of that part in `room`, None where it is not (yet) there."""
        found = select(Copy.remote).where(
            Copy.message_id == message_id, Copy.room == room, Copy.part == part
        )
        return (await self.session.exec(found)).first()

    async def edited_by(self, message_id: int, room: str, edit: str) -> None:
        """Note that `edit` in `room`, where the message was written, is an edit of it."""
        if not await self.is_known(room, edit):
            part = await self.next_part(message_id, room)
            place = {"message_id": message_id, "room": room, "part": part}
            await self.place_all([{**place, "remote": edit, "gone": True}])

    async def edit_of(self, room: str, edit: str) -> str | None:
        """The id in `room` of the message written there of which `edit` is an edit."""
        written = aliased(Copy)
        found = (
            select(written.remote)
            .join(Copy, col(Copy.message_id) == col(written.message_id))
            .where(Copy.room == room, Copy.remote == edit, col(Copy.origin).is_(False))
            .where(written.room == room, col(written.origin))
        )
        return (await self.session.exec(found)).first()

    async def arrived(
        self,
        message_id: int,
        room: str,
        part: int,
        remote: str | None,
        *,
        slot: int = 0,
        line: dict[str, Any] | None = None,
    ) -> None:
        """The network has given that part its id, or None: it stands nowhere any more.

        Of a joined message it is the line number `slot`, which reads `line`.
        """
        place = {"of": message_id, "here": room, "number": part}
        shown = {"arrived": remote, "number_in": slot, "line": line}
        await self.hot(_ARRIVED, {**place, **shown})

    async def withdraw(self, message_id: int, room: str, parts: Iterable[int]) -> None:
        """These parts are being taken back; their ids stay known until that is done."""
        here = (col(Copy.message_id) == message_id, col(Copy.room) == room)
        await self.run(update(Copy).where(*here, col(Copy.part).in_(list(parts))).values(gone=True))

    async def renew(self, message_id: int, room: str, part: int) -> int | None:
        """That part is shown anew: what stands there now is being taken back under a number of
        its own, which is returned. None if it is not known to stand there."""
        new = await self.next_part(message_id, room)
        here = (col(Copy.message_id) == message_id, col(Copy.room) == room)
        stands = (col(Copy.part) == part, col(Copy.gone).is_(False), col(Copy.remote).is_not(None))
        changed = update(Copy).where(*here, *stands).values(part=new, gone=True)
        if not (await self.run(changed)).rowcount:
            return None
        await self.place(message_id, room, part=part)
        return new

    async def next_part(self, message_id: int, room: str) -> int:
        """The number for one more part of the message in `room`."""
        here = (Copy.message_id == message_id, Copy.room == room)
        highest = select(func.coalesce(func.max(Copy.part), -1)).where(*here)
        return int((await self.session.exec(highest)).one()) + 1

    async def changed(self, message: Message, content: dict[str, Any]) -> None:
        """The message now says `content`."""
        message.content = content
        message.edits += 1
        self.session.add(message)
        await self.session.flush()

    async def deleted(self, message: Message, now: datetime) -> None:
        """The message was taken back."""
        message.deleted_at = now
        self.session.add(message)
        await self.session.flush()

    async def highest(
        self, row: OutboxRow, limit: int = KNOWN_IDS
    ) -> tuple[tuple[str, ...], bool, str | None]:
        """The highest remote ids, as numbers, in the row's chat, its topics included, the highest
        first; whether these are all; and the highest that was given before the row was last tried.

        What was given before is told by the order of storing as well as by the clock, which may
        have been set back.
        """
        rooms, place = await self._chat(row.room), table(Copy).c
        here = (place.room.in_(rooms), place.remote.is_not(None))
        newest_first = (func.length(place.remote).desc(), place.remote.desc())
        # Only what the index holds: a chat may have a million.
        found = core_select(place.remote).where(*here).order_by(*newest_first).limit(limit)
        every = (await self.run(found)).scalars().all()
        remotes = tuple(dict.fromkeys(every))
        for start in range(0, len(remotes), _AT_ONCE):
            some = remotes[start : start + _AT_ONCE]
            if (before := await self._before(row, rooms, some)) is not None:
                return remotes, len(every) < limit, before
        return remotes, len(every) < limit, None

    async def _before(
        self, row: OutboxRow, rooms: Sequence[str], remotes: Sequence[str]
    ) -> str | None:
        """The highest of these that was given before the row was last tried."""
        place = table(Copy).c
        shown = and_(
            col(OutboxRow.message_id) == place.message_id,
            col(OutboxRow.room) == place.room,
            col(OutboxRow.part) == place.part,
            col(OutboxRow.action) == "send",
        )
        times = case(
            (place.origin, col(Message.taken_at)), (place.room == row.room, col(OutboxRow.sent_at))
        )
        found = (
            core_select(place.remote)
            .join(Message, col(Message.id) == place.message_id)
            .outerjoin(OutboxRow, shown)
            .where(place.room.in_(rooms), place.remote.in_(remotes), times <= row.tried_at)
            .order_by(func.length(place.remote).desc(), place.remote.desc())
            .limit(1)
        )
        if row.message_id is not None:
            found = found.where(place.message_id < row.message_id)
        return (await self.run(found)).scalars().first()

    async def _chat(self, room: str) -> Sequence[str]:
        """The room with the topics of its chat."""
        whole = room.partition("/")[0]
        beside = col(Room.id).startswith(whole + "/", autoescape=True)
        found = select(Room.id).where(or_(Room.id == whole, beside))
        return sorted({room, whole, *(await self.session.exec(found)).all()})

    async def with_poll(self, network: str, poll: str) -> tuple[Message, str] | None:
        """The message of `network` that asked this poll, and its id there; of the latest ones."""
        if len(poll) > LONGEST_POLL:
            return None
        newest_id = (await self.session.exec(select(func.max(Message.id)))).one() or 0
        found = (
            select(Message, Copy.remote)
            .join(Copy, col(Copy.message_id) == col(Message.id))
            .where(col(Message.id) > newest_id - LOOKED_BACK, col(Copy.origin))
            .where(col(Message.room).startswith(f"{network}:", autoescape=True))
            .where(cast(col(Message.content), String).contains(f'"{poll}"', autoescape=True))
            .order_by(col(Message.id).desc())
        )
        for message, remote in (await self.session.exec(found)).all():
            if message.content.get("poll") == poll and remote is not None:
                return message, remote
        return None

    async def recent(
        self, rooms: Sequence[str], since: datetime, limit: int
    ) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
        """What people last wrote in these rooms since then, newest first: account, author and
        content."""
        values = {"in": list(rooms), "since": since, "most": limit}
        rows = await self.run(_RECENT, values)
        return [(row.account or "", row.author or "", row.content) for row in rows]
