"""Which messages show which things."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, update
from sqlmodel import col, select

from storage.prepared import Prepared
from storage.queries.base import Queries, table
from storage.tables import Card

_ADD = Prepared(
    lambda _dialect: insert(table(Card)),
    ("message_id", "room", "incident_id", "letter", "number", "live"),
)


class Cards(Queries):
    """In each room the newest card of a thing is the live one."""

    async def shown(
        self, message_id: int, rooms: Sequence[str], incident_id: int, letter: str, number: int
    ) -> None:
        """That message shows the thing in these rooms from now on."""
        thing = (
            col(Card.incident_id) == incident_id,
            col(Card.letter) == letter,
            col(Card.number) == number,
        )
        await self.settle()
        older = update(Card).where(*thing, col(Card.room).in_(rooms), col(Card.live))
        await self.run(older.values(live=False))
        made = [
            {
                "message_id": message_id,
                "room": room,
                "incident_id": incident_id,
                "letter": letter,
                "number": number,
                "live": True,
            }
            for room in dict.fromkeys(rooms)
        ]
        await self.hot_all(_ADD, made)

    async def live(self, incident_id: int, letter: str, number: int) -> dict[int, list[str]]:
        """The live cards of a thing: message id to the rooms in which it is the newest."""
        found = select(Card.message_id, Card.room).where(
            Card.incident_id == incident_id,
            Card.letter == letter,
            Card.number == number,
            col(Card.live),
        )
        cards: dict[int, list[str]] = {}
        for message_id, room in (await self.session.exec(found.order_by(col(Card.id)))).all():
            cards.setdefault(message_id, []).append(room)
        return cards

    async def carry(
        self, incident_id: int, letter: str, number: int, to_incident: int, to_number: int
    ) -> None:
        """The cards of a thing show it as a thing of another incident from now on."""
        await self.settle()
        of = (
            col(Card.incident_id) == incident_id,
            col(Card.letter) == letter,
            col(Card.number) == number,
        )
        moved = update(Card).where(*of).values(incident_id=to_incident, number=to_number)
        await self.session.exec(moved)

    async def of_message(self, message_id: int) -> Card | None:
        """The thing that a message shows, if it shows one."""
        found = select(Card).where(Card.message_id == message_id)
        return (await self.session.exec(found.order_by(col(Card.id)).limit(1))).first()
