"""Time zones as people call them: an IANA name, a city, 北京时间, UTC+8."""

from __future__ import annotations

import difflib
import re
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from storage import UnitOfWork
from storage.tables import Incident
from workflows.errors import Refusal
from workflows.incidents.record import By, record
from workflows.incidents.rules import one_line
from workflows.incidents.scene import to_act_in
from workflows.shelf import NotUsable, Shelf
from workflows.text import _

OFFERED = 3

_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+\-−])\s*(\d{1,2})(?:[:：]?(00|15|30|45))?", re.IGNORECASE)
FIXED = "Etc/"
"""Before the names of zones that are nothing but a distance from UTC."""

_EAST_MOST, _WEST_MOST = 14, 12


def zone(shelf: Shelf, typed: str) -> ZoneInfo:
    """The zone that is meant. Raises `Refusal` (`zone-unknown`) with those that are near."""
    wanted = _bare(typed)
    names = called(shelf)
    if (known := names.get(wanted)) is not None:
        return ZoneInfo(known)
    found = _OFFSET.fullmatch(one_line(typed))
    if found is not None and found[3] in (None, "00"):
        hours = int(found[2])
        east = found[1] == "+"
        if hours <= (_EAST_MOST if east else _WEST_MOST):
            # In the names of the database the sign is the other way round.
            return ZoneInfo("UTC" if not hours else f"{FIXED}GMT{'-' if east else '+'}{hours}")
    near = [] if found else difflib.get_close_matches(wanted, names, n=OFFERED * 2, cutoff=0.7)
    offered = tuple(dict.fromkeys(names[each] for each in near))[:OFFERED]
    shown = one_line(typed)[:60]
    if offered:
        raise Refusal(
            "zone-unknown",
            _("I know no time zone “{name}”. Do you mean: {zones}?", name=shown, zones=offered),
        )
    raise Refusal(
        "zone-unknown",
        _(
            "I know no time zone “{name}”. Name a city such as Shanghai or Urumqi, or UTC+8.",
            name=shown,
        ),
    )


def called(shelf: Shelf) -> dict[str, str]:
    """What every zone is called, in one spelling; what stands in the file goes before. Raises
    `NotUsable`."""
    known = available_timezones()
    names: dict[str, str] = {}
    for key in sorted(known):
        names.setdefault(_bare(key.rpartition("/")[2]), key)
    names |= {_bare(key): key for key in known}
    read = shelf.read("workflows.incidents", "zones").get("zones", {})
    for key, aliases in read.items():
        if not isinstance(aliases, list):
            raise NotUsable(f"zones.toml: {key} is no list of names")
        if key not in known:
            raise NotUsable(f"zones.toml: there is no time zone {key}")
        names[_bare(key)] = names[_bare(key.rpartition("/")[2])] = key
        names |= {_bare(str(each)): key for each in aliases}
    return names


def _bare(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split()).removesuffix("时间")


def named(key: str, now: datetime) -> str:
    """A zone with its distance from UTC: `Asia/Urumqi, UTC+6`."""
    if key == "UTC":
        return key
    distance = now.astimezone(ZoneInfo(key)).strftime("%z")
    minutes = "" if distance[3:5] == "00" else f":{distance[3:5]}"
    offset = f"UTC{distance[0]}{int(distance[1:3])}{minutes}"
    return offset if key.startswith(FIXED) else f"{key}, {offset}"


async def set_zone(
    uow: UnitOfWork, number: int, wanted: ZoneInfo, *, by: By, now: datetime
) -> Incident:
    """The times of an incident are those of that zone from now on; moments that are planned stay
    the same moments. Raises `Refusal`."""
    incident = await to_act_in(uow, number)
    if incident.zone == wanted.key:
        raise Refusal(
            "zone-same",
            _(
                "{incident} has the time of {zone} already. Nothing was changed.",
                incident=f"I{number}",
                zone=named(wanted.key, now),
            ),
        )
    incident.zone = wanted.key
    await uow.incidents.save(incident)
    await record(
        uow,
        incident,
        "incident.zone",
        _("{name} set the time zone: {zone}", name=by.name, zone=named(wanted.key, now)),
        by=by,
        now=now,
        changes={"zone": incident.zone},
    )
    return incident


async def set_own(
    uow: UnitOfWork, person_id: int, wanted: ZoneInfo | None, *, by: By, now: datetime
) -> None:
    """What somebody is told in private has the times of that zone; None: the incident's again."""
    person = await uow.people.person(person_id)
    assert person is not None
    person.zone = None if wanted is None else wanted.key
    await uow.incidents.save(person)
    await uow.ledger.append(
        "person.zone", now, actor=by.account, room=None, person=person_id, zone=person.zone
    )
