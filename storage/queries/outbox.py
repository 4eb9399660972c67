"""Calls to be made: written with what caused them, made in order, settled once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    Update,
    bindparam,
    case,
    cast,
    func,
    insert,
    text,
    update,
)
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.prepared import Prepared
from storage.queries.base import Queries, built, table
from storage.tables import OutboxRow

OPEN = ("queued", "sending")

_COLUMNS = tuple(column.name for column in table(OutboxRow).columns if column.name != "id")
_ADD = Prepared(
    lambda _dialect: insert(table(OutboxRow)).returning(table(OutboxRow).c.id), _COLUMNS
)
_IS_OPEN = text("outbox.state IN ('queued', 'sending')")
"""As in the partial index, in so many words: SQLite does not see through parameters."""
_IS_DEAD = text("outbox.state = 'dead'")
_LOST = or_(
    col(OutboxRow.error).startswith("AnswerLost:"), col(OutboxRow.error).startswith("SendFault:")
)
"""The last fault tells nothing of whether the call was carried out."""
_NEXT = (
    select(OutboxRow)
    .where(col(OutboxRow.room) == bindparam("of"), _IS_OPEN)
    .where(col(OutboxRow.id).not_in(bindparam("but", expanding=True)))
    .order_by(col(OutboxRow.priority), col(OutboxRow.id))
    .limit(bindparam("most", type_=Integer))
)
_BLANK: dict[str, Any] = {
    **dict.fromkeys(_COLUMNS),
    **{"state": "queued", "attempts": 0, "part": 0},
}


def _beside(row: OutboxRow) -> tuple[ColumnElement[bool], ...]:
    """Other sends to the row's chat, its topics included."""
    whole = row.room.partition("/")[0]
    topic = col(OutboxRow.room).startswith(whole + "/", autoescape=True)
    return (
        col(OutboxRow.action) == "send",
        col(OutboxRow.id) != row.id,
        or_(col(OutboxRow.room) == whole, topic),
    )


def _superseded(message_id: int) -> tuple[ColumnElement[bool], ...]:
    """The edits of a message that a newer one makes idle."""
    untried = and_(col(OutboxRow.state) == "queued", col(OutboxRow.attempts) == 0)
    return (
        col(OutboxRow.message_id) == message_id,
        col(OutboxRow.action) == "edit",
        or_(untried, col(OutboxRow.state) == "dead"),
    )


class Outbox(Queries):
    """Rows of one room are one lane: by priority, then in the order they were written."""

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session)
        self.added: list[OutboxRow] = []
        """Calls queued in this transaction, belonging to no session."""
        self._amended = self._moved = False

    async def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Queue calls; each needs room, priority, action, payload, txn and made_at."""
        for row in rows:
            values = {**_BLANK, **row}
            ((row_id,),) = await self.hot(_ADD, values)
            self.added.append(built(OutboxRow, {"id": row_id, **values}))

    def may_claim(self, room: str, most: int) -> bool:
        """Whether nothing was queued for the room in this transaction, and fewer than `most` calls
        are stored as tried."""
        tried = sum(row.state == "sending" for row in self.added)
        return tried < most and all(row.room != room for row in self.added)

    def fresh(self, rooms: Collection[str]) -> list[OutboxRow]:
        """Calls to these rooms that this transaction has queued and that still read so."""
        if self._moved:
            return []
        return [
            row
            for row in self.added
            if row.room in rooms and (row.state == "sending" or not self._amended)
        ]

    def forget(self) -> None:
        """Nothing that this transaction has queued, or will, is `fresh`: rooms have moved."""
        self._moved = True

    async def supersede(
        self, room: str, message_id: int, actions: Sequence[str]
    ) -> tuple[datetime | None, datetime | None]:
        """Drop such calls that wait, since a newer one takes their place.

        When the newest of those that do not wait was made, and until when a dropped one waited.
        One that is being made at this moment is made: the newer one follows it.
        """
        here = (
            col(OutboxRow.room) == room,
            col(OutboxRow.message_id) == message_id,
            col(OutboxRow.action).in_(actions),
        )
        self._amended = True
        queued = (
            await self.session.exec(select(OutboxRow).where(*here, OutboxRow.state == "queued"))
        ).all()
        waits = [row.not_before for row in queued if row.not_before is not None]
        await self.run(
            update(OutboxRow).where(*here, col(OutboxRow.state) == "queued").values(state="dropped")
        )
        made = select(func.max(OutboxRow.made_at)).where(*here, OutboxRow.state != "dropped")
        return (await self.session.exec(made)).one(), max(waits, default=None)

    async def open_rooms(self) -> Sequence[str]:
        """Rooms with unfinished calls."""
        found = select(OutboxRow.room).where(_IS_OPEN).distinct()
        return (await self.session.exec(found)).all()

    async def next(self, room: str, limit: int, *, but: Sequence[int] = ()) -> Sequence[OutboxRow]:
        """The head of the lane, leaving out the rows `but`."""
        values = {"of": room, "but": list(but), "most": limit}
        return (await self.session.exec(_NEXT, params=values)).all()

    async def behind(self, row: OutboxRow, limit: int) -> Sequence[OutboxRow]:
        """The row and those of the same room and priority that follow it, as they are now; they
        stay so until the transaction ends."""
        found = select(OutboxRow).where(
            OutboxRow.room == row.room,
            OutboxRow.priority == row.priority,
            _IS_OPEN,
            col(OutboxRow.id) >= row.id,
        )
        locked = found.order_by(col(OutboxRow.id)).limit(limit).with_for_update()
        fresh = locked.execution_options(populate_existing=True)
        return (await self.session.exec(fresh)).all()

    async def joined(self, first: int) -> Sequence[OutboxRow]:
        """Rows under way as one message, of which `first` is the first."""
        found = select(OutboxRow).where(OutboxRow.joined == first, OutboxRow.state == "sending")
        return (await self.session.exec(found.order_by(col(OutboxRow.id)))).all()

    async def sending_beside(self, row: OutboxRow) -> frozenset[str]:
        """The `txn` of other sends under way, or in doubt, to the row's chat, its topics included.

        What is sent as one message with the row is no other; nor is what was tried after it in the
        same room, since a lane goes in order: that lies above the row's own place.
        """
        found = select(OutboxRow.txn).where(_IS_OPEN, OutboxRow.state == "sending", *_beside(row))
        if row.joined is not None:
            found = found.where(func.coalesce(OutboxRow.joined, 0) != row.joined)
        if row.tried_at is not None:
            earlier = col(OutboxRow.tried_at) < row.tried_at
            found = found.where(or_(col(OutboxRow.room) != row.room, earlier))
        return frozenset((await self.session.exec(found)).all())

    async def strays(self, row: OutboxRow) -> bool:
        """Whether another send to the row's chat may stand there under an id that nobody knows: it
        was repeated since the row was tried, or is to be, or was given up within a day."""
        marked = cast(col(OutboxRow.payload), String).contains('"mark":')
        open_ = select(OutboxRow.id).where(_IS_OPEN, marked, *_beside(row)).limit(1)
        if (await self.session.exec(open_)).first() is not None:
            return True
        if row.tried_at is None:
            return False
        since = select(OutboxRow.id).where(col(OutboxRow.sent_at) >= row.tried_at, marked)
        if (await self.session.exec(since.where(*_beside(row)).limit(1))).first() is not None:
            return True
        late = col(OutboxRow.tried_at) >= row.tried_at - timedelta(days=1)
        dead = select(OutboxRow.id).where(_IS_DEAD, _LOST, late, *_beside(row)).limit(1)
        return (await self.session.exec(dead)).first() is not None

    async def sending_on(self, network: str) -> frozenset[str]:
        """The `txn` of sends to a network that are under way or in doubt."""
        found = select(OutboxRow.txn).where(
            _IS_OPEN,
            OutboxRow.state == "sending",
            OutboxRow.action == "send",
            col(OutboxRow.room).startswith(f"{network}:", autoescape=True),
        )
        return frozenset((await self.session.exec(found)).all())

    async def fold_edit(
        self, message_id: int, room: str, part: int, payload: dict[str, Any]
    ) -> bool:
        """Make a queued send of that part that was never tried show `payload` instead; whether
        there was one."""
        self._amended = True
        untried = self._untried(message_id, room, part, ("send",))
        return (await self.run(untried.values(payload=payload))).rowcount > 0

    async def fold_delete(self, message_id: int, room: str, part: int) -> bool:
        """Drop calls that show that part and were never tried; whether it never arrived."""
        self._amended = True
        edits = self._untried(message_id, room, part, ("edit",))
        await self.run(edits.values(state="dropped"))
        sends = self._untried(message_id, room, part, ("send",))
        return (await self.run(sends.values(state="dropped"))).rowcount > 0

    def _untried(self, message_id: int, room: str, part: int, actions: Sequence[str]) -> Update:
        return update(OutboxRow).where(
            col(OutboxRow.message_id) == message_id,
            col(OutboxRow.room) == room,
            col(OutboxRow.part) == part,
            col(OutboxRow.action).in_(actions),
            col(OutboxRow.state) == "queued",
            col(OutboxRow.attempts) == 0,
        )

    async def get(self, row_id: int) -> OutboxRow | None:
        """One call."""
        return await self.session.get(OutboxRow, row_id)

    async def mark(self, row_id: int, **values: Any) -> None:
        """Change columns of a call."""
        self._amended = True
        await self.hot(_mark(tuple(values)), {"row": row_id, **values})

    async def supersede_edits(self, message_id: int) -> None:
        """Drop edits of the message that were not begun, or were given up: newer ones are about
        to be queued."""
        self._amended = True
        await self.run(update(OutboxRow).where(*_superseded(message_id)).values(state="dropped"))

    async def renews(self, message_id: int, mark: str) -> bool:
        """Whether an edit that `supersede_edits` would drop has `mark` in its payload."""
        found = select(OutboxRow.payload).where(*_superseded(message_id))
        return any(mark in payload for payload in await self.session.exec(found))

    async def was_refused(self, row: OutboxRow) -> bool:
        """Whether an earlier edit of the same message in the same room was given up."""
        found = select(OutboxRow.id).where(
            OutboxRow.message_id == row.message_id,
            OutboxRow.room == row.room,
            OutboxRow.action == "edit",
            col(OutboxRow.state).in_(("dead", "dropped")),
            col(OutboxRow.error).is_not(None),
            col(OutboxRow.id) < row.id,
        )
        return (await self.session.exec(found.limit(1))).first() is not None

    async def of_message(self, message_id: int) -> Sequence[OutboxRow]:
        """Every call that the message caused, in order."""
        found = select(OutboxRow).where(OutboxRow.message_id == message_id)
        return (await self.session.exec(found.order_by(col(OutboxRow.id)))).all()

    async def dead(
        self, origin_rooms: Sequence[str] | None = None, limit: int = 50
    ) -> Sequence[OutboxRow]:
        """Calls that were given up, oldest first; of messages from, or for, these rooms."""
        found = select(OutboxRow).where(_IS_DEAD)
        if origin_rooms is not None:
            found = found.where(
                col(OutboxRow.origin_room).in_(origin_rooms) | col(OutboxRow.room).in_(origin_rooms)
            )
        return (await self.session.exec(found.order_by(col(OutboxRow.id)).limit(limit))).all()

    async def amend_dead(
        self, message_id: int, room: str, part: int, payload: dict[str, Any]
    ) -> bool:
        """A given-up send now reads `payload`, should it be sent again; False if there is none."""
        mine = (col(OutboxRow.message_id) == message_id, col(OutboxRow.room) == room)
        dead = (col(OutboxRow.state) == "dead", col(OutboxRow.action) == "send")
        changed = update(OutboxRow).where(*mine, *dead, col(OutboxRow.part) == part)
        return (await self.run(changed.values(payload=payload))).rowcount > 0

    async def forget_dead(self, message_id: int) -> None:
        """Given-up sends of a message that was taken back are not to be sent any more."""
        mine = (col(OutboxRow.message_id) == message_id, col(OutboxRow.state) == "dead")
        await self.run(update(OutboxRow).where(*mine).values(state="dropped"))

    async def count_dead(self) -> int:
        """How many calls stand given up."""
        found = select(func.count()).select_from(OutboxRow).where(_IS_DEAD)
        return (await self.session.exec(found)).one()

    async def revive(self, rows: Sequence[int]) -> None:
        """Queue given-up calls again, at the end of what they waited behind; a send of which the
        answer was lost is in doubt as before."""
        lost = and_(col(OutboxRow.action) == "send", _LOST)
        await self.run(
            update(OutboxRow)
            .where(col(OutboxRow.id).in_(rows), col(OutboxRow.state) == "dead")
            .values(
                state=case((lost, "sending"), else_="queued"),
                attempts=0,
                not_before=None,
                error=None,
                joined=None,
            )
        )

    async def give_up(self, rows: Sequence[int]) -> None:
        """Drop given-up calls for good."""
        await self.run(
            update(OutboxRow)
            .where(col(OutboxRow.id).in_(rows), col(OutboxRow.state) == "dead")
            .values(state="dropped")
        )

    async def sent_since(self, room: str, since: datetime) -> Sequence[datetime]:
        """When calls to the room and its topics succeeded, for the windows of a quota.

        A joined message was one call.
        """
        topics = col(OutboxRow.room).startswith(room + "/", autoescape=True)
        found = select(OutboxRow.sent_at).where(
            or_(OutboxRow.room == room, topics),
            col(OutboxRow.sent_at) > since,
            OutboxRow.action != "delete",
            or_(col(OutboxRow.joined).is_(None), OutboxRow.joined == OutboxRow.id),
        )
        times = (await self.session.exec(found.order_by(col(OutboxRow.sent_at)))).all()
        return [time for time in times if time is not None]


@cache
def _mark(columns: tuple[str, ...]) -> Prepared:
    found = table(OutboxRow)
    new = {name: bindparam(name, type_=found.c[name].type) for name in columns}
    changed = update(found).where(found.c.id == bindparam("row")).values(new)
    return Prepared(lambda _dialect: changed)
