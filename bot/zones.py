"""In which time zone a room reads times, and whether the zone has to be named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage import UnitOfWork


@dataclass(frozen=True, slots=True)
class Local:
    """The zone of a room; `named` where people of its incident are in several."""

    zone: ZoneInfo
    named: bool = False


async def zone_of(uow: UnitOfWork, room: str, *, about: int | None, home: ZoneInfo) -> ZoneInfo:
    """The zone in which what is typed in a room is read: the one in which it is shown times."""
    key = (await _own(uow, (room,))).get(room)
    if key is None and about is not None:
        key = await uow.zones.of_incident(about)
    elif key is None and (incident := (await uow.zones.of_incidents((room,))).get(room)):
        key = incident[1]
    return home if key is None else zone_named(key, home)


async def zones_of(
    uow: UnitOfWork,
    rooms: Sequence[str],
    *,
    about: int | None,
    home: ZoneInfo,
    now: datetime,
) -> dict[str, Local]:
    """The zone of each room: in a private chat the person's own; else that of the incident that
    it is `about`, or that the room is about; else the installation's (`home`)."""
    own = await _own(uow, rooms)
    incidents = await uow.zones.of_incidents(rooms) if about is None else {}
    if about is not None and (zone := await uow.zones.of_incident(about)) is not None:
        incidents = dict.fromkeys(rooms, (about, zone))
    spread = {
        number: {zone, *await uow.zones.of_people(number)}
        for number, zone in set(incidents.values())
    }
    found: dict[str, Local] = {}
    for room in rooms:
        incident = incidents.get(room)
        key = own.get(room) or (home.key if incident is None else incident[1])
        others = set() if incident is None else spread[incident[0]]
        zone_ = zone_named(key, home)
        found[room] = Local(zone_, _several({home.key, key, *others}, home, now))
    return found


async def _own(uow: UnitOfWork, rooms: Sequence[str]) -> dict[str, str]:
    """The zones of people in their private chats; nothing is asked where there is none."""
    known = await uow.rooms.many(rooms)
    private = [room for room, each in known.items() if each.private]
    return await uow.zones.of_private(private) if private else {}


def zone_named(key: str, home: ZoneInfo) -> ZoneInfo:
    """The zone of that name; the installation's if this machine does not know it."""
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError):
        return home


def _several(keys: Iterable[str], home: ZoneInfo, now: datetime) -> bool:
    """Whether clocks show different hours in these zones; two names of one hour are one."""
    return len({zone_named(each, home).utcoffset(now) for each in keys}) > 1
