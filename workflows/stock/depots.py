"""Depots: where stock lies, whose it is, who may move it."""

from __future__ import annotations

import re
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Depot
from workflows import agencies
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.rules import one_line
from workflows.stock import rules
from workflows.stock.rules import Place, Sort
from workflows.stock.units import fold
from workflows.text import Json, _

KEEPERS = ("logistics", "supply", "support-branch")
"""Roles that may move everybody's stock."""
LONGEST_CONTACT = 80
_NUMBER = re.compile(r"[dD](\d{1,9})")


async def make(
    uow: UnitOfWork,
    typed: str,
    *,
    lat: float | None,
    lon: float | None,
    place: str | None,
    agency: str | None,
    contact: str | None,
    standing: Standing,
    by: By,
    now: datetime,
) -> Depot:
    """A new depot of an agency. Raises `Refusal`."""
    name = rules.name(typed)
    if _NUMBER.fullmatch(fold(name)):
        raise Refusal("depot-name", _("D and a number is how depots are numbered. Give a name."))
    owner = by.agency if agency is None else (await agencies.named(uow, agency)).short
    require_owner(standing, owner)
    await uow.stock.turn()
    other = await uow.stock.depot_named(fold(name))
    if other is not None:
        raise Refusal(
            "depot-exists",
            _("There is a depot of that name already: {reference}.", reference=f"D{other.id}"),
        )
    made = Depot(
        id=await uow.incidents.next_number(0, "D"),
        name=name,
        ident=fold(name),
        lat=lat,
        lon=lon,
        place=place,
        agency=owner,
        contact=None if contact is None else one_line(contact)[:LONGEST_CONTACT],
        room=by.room,
        made_at=now,
        made_by=by.person_id,
    )
    await uow.stock.save(made)
    await _record(uow, "stock.depot", made, by, now)
    return made


async def change(
    uow: UnitOfWork,
    depot: Depot,
    *,
    lat: float | None,
    lon: float | None,
    place: str | None,
    agency: str | None,
    contact: str | None,
    standing: Standing,
    by: By,
    now: datetime,
) -> Depot:
    """Where it is, whose it is, whom to call; None leaves it as it was. Raises `Refusal`."""
    require_keeper(standing, depot)
    if (lat, place, agency, contact) == (None, None, None, None):
        raise Refusal("depot-nothing", _("Say what is to be changed: place=, agency= or contact=."))
    owner = depot.agency if agency is None else (await agencies.named(uow, agency)).short
    require_owner(standing, owner)
    await uow.stock.turn()
    if lat is not None:
        depot.lat, depot.lon, depot.place = lat, lon, place
    elif place is not None:
        depot.place = place
    depot.agency = owner
    if contact is not None:
        depot.contact = one_line(contact)[:LONGEST_CONTACT]
    await uow.stock.save(depot)
    await _record(uow, "stock.depot", depot, by, now)
    return depot


async def close(
    uow: UnitOfWork, depot: Depot, *, standing: Standing, by: By, now: datetime
) -> Depot:
    """Close an empty depot. Raises `Refusal` (`depot-full`)."""
    require_keeper(standing, depot)
    await uow.stock.turn()
    kinds = await uow.stock.kinds()
    left = [
        each
        for sort in (Sort.DEPOT, Sort.PROMISED)
        for each in await uow.stock.held(sort=sort, number=depot.id)
    ]
    if left:
        raise Refusal(
            "depot-full",
            _(
                "{depot} still holds {names}. Move it first: /stock move",
                depot=shown(depot),
                names=tuple(sorted({kinds[each.kind_id].name for each in left})[:5]),
            ),
        )
    depot.state = "closed"
    await uow.stock.save(depot)
    await _record(uow, "stock.depot", depot, by, now)
    return depot


async def _record(uow: UnitOfWork, code: str, depot: Depot, by: By, now: datetime) -> None:
    changes: dict[str, Json] = {
        each: getattr(depot, each)
        for each in ("name", "lat", "lon", "place", "agency", "contact", "state")
    }
    await uow.ledger.append(
        code, now, actor=by.account, room=by.room, thing=f"D{depot.id}", changes=changes
    )


async def named(uow: UnitOfWork, typed: str) -> Depot:
    """The open depot of that number or name. Raises `Refusal` (`depot-unknown`)."""
    word = fold(typed)
    number = _NUMBER.fullmatch(word)
    found = await uow.stock.depot(int(number[1])) if number else await uow.stock.depot_named(word)
    if found is not None and found.state == "open":
        return found
    there = await uow.stock.depots()
    if number is None:
        near = [each for each in there if word and word in each.ident]
        if len(near) == 1:
            return near[0]
    names = tuple(shown(each) for each in there[:8])
    raise Refusal(
        "depot-unknown",
        _("There is no depot “{name}”. There are: {names}.", name=typed[:40], names=names)
        if names
        else _("There is no depot yet. /stock depot new NAME makes one."),
    )


def require_keeper(standing: Standing, depot: Depot) -> None:
    """Raise `Refusal` (`not-allowed`) unless the person may move what lies there."""
    require_owner(standing, depot.agency)


def require_owner(standing: Standing, owner: str | None) -> None:
    """As `require_keeper`, for what that agency owns."""
    if standing.admin or standing.holds(*KEEPERS):
        return
    if standing.member and (owner is None or owner in standing.agencies):
        return
    raise Refusal(
        "not-allowed",
        _(
            "That is {agency}'s stock. Its own people may move it, the Logistics Section of the "
            "incident, and command.",
            agency=owner or "?",
        ),
    )


def shown(depot: Depot) -> str:
    """`D2 North depot`."""
    return f"D{depot.id} {depot.name}"


def place(depot: Depot) -> Place:
    """The depot as a side of a movement."""
    return Place(Sort.DEPOT, depot.id)
