"""A room of an incident's own: wished for, opened beside the room where that was, bridged at once.

Where its network cannot open one, the room itself takes part in the incident's bridge.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, RoomWish
from workflows.errors import Refusal
from workflows.incidents.record import By, record
from workflows.incidents.rules import designation
from workflows.incidents.scene import to_act_in
from workflows.text import Msg, _

TIMER = "incident.room"
"""Kind of the timer that has a wish carried out; its subject is the wish."""

LONGEST_TITLE = 100


async def wish(
    uow: UnitOfWork, number: int, rooms: Sequence[str], *, by: By, now: datetime
) -> list[RoomWish]:
    """A room of the incident's own beside each of these. Raises `Refusal` (`room-there`) if they
    were wished for before, (`room-none`) for no rooms."""
    incident = await to_act_in(uow, number)
    if not rooms:
        raise Refusal(
            "room-none",
            _("A room is opened beside the one where you ask for it: ask in a group."),
        )
    if any(each.failed is None for each in await uow.wishes.of_incident(incident.id)):
        raise Refusal(
            "room-there",
            _("{reference} has rooms of its own already.", reference=f"I{incident.id}"),
        )
    people = {held.person_id for held, _person in await uow.organisation.held(incident.id, now)}
    people |= {row.person_id for row in await uow.roster.all(incident.id) if row.person_id}
    if by.person_id is not None:
        people.add(by.person_id)
    accounts = [each.id for one in sorted(people) for each in await uow.people.accounts(one)]
    made = []
    for room in rooms:
        network = room.partition(":")[0] + ":"
        each = await uow.wishes.add(
            incident_id=incident.id,
            beside=room,
            title=title(incident),
            invited=[account for account in accounts if account.startswith(network)],
            asked_at=now,
            asked_by=by.person_id,
        )
        await uow.timers.set(TIMER, str(each.id), now)
        made.append(each)
    await record(
        uow,
        incident,
        "room.wished",
        _("{name} asked for rooms of the incident's own", name=by.name),
        by=by,
        now=now,
        params={"beside": list(rooms)},
    )
    return made


async def opened(uow: UnitOfWork, found: RoomWish, room: str, now: datetime) -> Incident:
    """The room is there: it hears of the incident, is about it, and is in the incident's bridge."""
    beside = await uow.rooms.get(found.beside)
    await uow.rooms.see(
        room,
        now,
        title=found.title,
        private=False,
        language=beside.language if beside is not None else "both",
    )
    found.room = room
    await uow.wishes.save(found)
    return await _joined(uow, found, room, now, _("A room of the incident's own is open"))


async def refused(uow: UnitOfWork, found: RoomWish, why: str, now: datetime) -> Incident:
    """There can be no such room: the one beside which it was to be takes its place."""
    found.failed = {"reason": why}
    await uow.wishes.save(found)
    text = _("No room could be opened beside one; that one takes part itself")
    return await _joined(uow, found, found.beside, now, text)


async def _joined(
    uow: UnitOfWork, found: RoomWish, room: str, now: datetime, text: Msg
) -> Incident:
    incident = await uow.incidents.locked(found.incident_id)
    assert incident is not None
    name = title(incident)
    bridge = await uow.bridges.by_name(name) or await uow.bridges.add(name, now)
    await uow.bridges.join(bridge, room, now, None)
    await uow.seals.seal(room)
    await uow.incidents.link(incident.id, [room], now, found.asked_by)
    await uow.incidents.choose([room], incident.id, now)
    await record(
        uow,
        incident,
        "room.opened" if found.room is not None else "room.refused",
        text,
        by=By(None, None, "", room=room),
        now=now,
        params={"beside": found.beside, "bridge": name},
    )
    return incident


def key(incident: Incident, found: RoomWish) -> str:
    """What tells the room from all others, for ever."""
    serial = designation(incident.year, incident.serial)
    return f"{serial}-{found.id}-{int(found.asked_at.timestamp())}"


def title(incident: Incident) -> str:
    """What the room and the bridge are called."""
    whole = f"I{incident.id} {incident.title}"
    return whole if len(whole) <= LONGEST_TITLE else whole[: LONGEST_TITLE - 1] + "…"
