"""To whom briefings go: rooms, roles, agencies and persons, and who is to take note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage import UnitOfWork
from storage.tables import Incident, Person
from storage.tables.organisation import COMMANDER
from workflows.incidents.scene import rooms_of
from workflows.orders.conflicts import Target
from workflows.orders.recipients import To as Receiver, behind, called
from workflows.text import Msg, _


class Kind(StrEnum):
    """What a recipient is: every room of the incident, one room, or people."""

    ROOMS = "rooms"
    ROOM = "room"
    PERSON = "person"
    ROLE = "role"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class To:
    """A recipient: the room's id, the person's id, `role/label`, the agency's short name; nothing
    for every room."""

    kind: Kind
    key: str = ""

    def to_json(self) -> dict[str, str]:
        """A JSON object from which `of` makes an equal recipient."""
        return {"kind": str(self.kind), "key": self.key}

    @staticmethod
    def of(value: Mapping[str, Any]) -> To:
        """Read what `to_json` wrote."""
        return To(Kind(value["kind"]), str(value["key"]))

    @property
    def receiver(self) -> Receiver:
        """The same as the recipient of an order; ValueError for rooms."""
        return Receiver(Target(str(self.kind)), self.key)


EVERYBODY = (To(Kind.ROOMS),)
"""Where nothing else is said: every room of the incident."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Where a briefing is said, to whom in private, and who is to take note of it."""

    rooms: tuple[str, ...]
    people: tuple[Person, ...]
    asked: tuple[int, ...]


def read(stored: Sequence[Mapping[str, Any]]) -> tuple[To, ...]:
    """The recipients as a row has them."""
    return tuple(To.of(each) for each in stored)


async def audience(
    uow: UnitOfWork, incident: Incident, to: Iterable[To], now: datetime
) -> Audience:
    """Who is behind these recipients now.

    In rooms those are to take note who hold a role at `now`; besides them the people named. Where
    nobody is left, every room of the incident.
    """
    rooms: list[str] = []
    people: dict[int, Person] = {}
    asked: dict[int, None] = {}
    wanted = tuple(to)
    for each in wanted:
        if each.kind in (Kind.ROOMS, Kind.ROOM):
            rooms += await rooms_of(uow, incident.id) if each.kind is Kind.ROOMS else [each.key]
            held = await uow.organisation.held(incident.id, now)
            asked |= dict.fromkeys(position.person_id for position, _person in held)
            continue
        for person in (await behind(uow, incident, each.receiver, now)).people:
            assert person.id is not None
            people[person.id] = person
            asked[person.id] = None
    if not rooms and not people and wanted != EVERYBODY:
        # Nobody holds that role any more, or the agency has nobody here: better all than none.
        return await audience(uow, incident, EVERYBODY, now)
    return Audience(tuple(dict.fromkeys(rooms)), tuple(people.values()), tuple(asked))


async def commanders(uow: UnitOfWork, incident: Incident, now: datetime) -> tuple[Person, ...]:
    """Who commands the incident, without deputies."""
    held = await uow.organisation.held(incident.id, now, role=COMMANDER)
    return tuple(person for position, person in held if not position.deputy)


async def names(uow: UnitOfWork, to: Iterable[To]) -> tuple[Msg | str, ...]:
    """What recipients are called."""
    found: list[Msg | str] = []
    for each in to:
        match each.kind:
            case Kind.ROOMS:
                found.append(_("every room of the incident"))
            case Kind.ROOM:
                room = await uow.rooms.get(each.key)
                found.append(each.key if room is None or not room.title else room.title)
            case _:
                found.append(await called(uow, each.receiver))
    return tuple(found)
