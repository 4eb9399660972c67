"""What people mean: somebody named in a command, the place in the message they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.context import Context
from handlers.values import Args, Named, Person, Reference, Value
from storage import UnitOfWork, tables
from storage.tables import Incident
from workflows.carrying import goes_on
from workflows.errors import Refusal
from workflows.geo import doubt
from workflows.geo.places import Place
from workflows.geo.points import Point
from workflows.incidents.rules import State
from workflows.text import Msg, _

SHOWN = 5
"""Of people who could be meant."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in degrees of WGS 84, with words if it has any."""

    lat: float
    lon: float
    words: str | None


async def somebody(context: Context, named: Person) -> tables.Person:
    """The person who is named. Raises `Refusal` if there is none, or more than one.

    A role has to be looked up by whoever offers roles as choices.
    """
    found = await _candidates(context, named)
    if len(found) == 1:
        return found[0]
    shown = named.value
    if not found:
        raise Refusal(
            "person-unknown",
            _(
                "I know nobody called “{name}”. People are known once they have written where I "
                "am; mention them with @.",
                name=shown[:60],
            ),
        )
    described = [await _told_apart(context, each) for each in found[:SHOWN]]
    raise Refusal(
        "person-which",
        _(
            "“{name}” could be several people: {people}. Mention the one you mean with @.",
            name=shown[:60],
            people=tuple(described),
        ),
    )


async def _told_apart(context: Context, person: tables.Person) -> Msg | str:
    """Somebody among others of the same name: with agency and account, which can be typed."""
    assert person.id is not None
    accounts = await context.uow.people.accounts(person.id)
    marks = [each for each in (person.agency, accounts[0].id if accounts else None) if each]
    name = person.name
    return _("{name} ({agency})", name=name, agency=" · ".join(marks)) if marks else name


async def _candidates(context: Context, named: Person) -> Sequence[tables.Person]:
    people = context.uow.people
    match named.named:
        case Named.ME:
            ids = {context.actor.person_id}
        case Named.ACCOUNT:
            account = await people.account(named.value)
            ids = {account.person_id} if account is not None else set()
        case Named.HANDLE:
            whole = f"matrix:{named.value}"
            account = await people.account(whole) if named.value.startswith("@") else None
            known = [account] if account is not None else await people.by_handle(named.value)
            ids = {each.person_id for each in known}
            if not ids:
                return await people.named(named.value)
        case _:
            return await people.named(named.value)
    found = [await people.person(each) for each in sorted(ids)]
    return [each for each in found if each is not None]


async def replied_spot(context: Context) -> Spot | None:
    """The place on the map that the message has in whose reply the command was typed."""
    if context.reply_to is None:
        return None
    message = await context.uow.messages.get(context.reply_to)
    location = None if message is None else message.content.get("location")
    if not isinstance(location, dict):
        return None
    words = str(location.get("title") or location.get("address") or "")
    return Spot(float(location["latitude"]), float(location["longitude"]), words or None)


async def place_meant(
    context: Context, typed: Place | None, *, incident: Incident | None = None
) -> Place | None:
    """Where was meant: what was typed, with the degrees of the location in the message that is
    answered where none were.

    Every family asks here for a place. Raises `Refusal` (`place-far`) for one on the wrong side
    of the world, seen from the incident's place or else from its time zone.
    """
    place = typed
    spot = await replied_spot(context) if place is None or place.point is None else None
    if spot is not None:
        words = spot.words if place is None else place.words
        sure = place is not None and place.sure
        place = Place(words, Point(spot.lat, spot.lon), sure=sure)
    if place is None:
        return None
    near = None
    if incident is not None and incident.lat is not None and incident.lon is not None:
        near = Point(incident.lat, incident.lon)
    zone = context.zone.key if incident is None else incident.zone
    doubt.check(place, near, zone)
    return place


async def carried_on(uow: UnitOfWork, args: Args) -> Args:
    """The arguments, with what went over to another incident by a merge named as it is there:
    `I2-R1` of a button or of somebody's memory is `I1-R7` now."""
    values: dict[str, Value] = dict(args.values)
    for name, value in args.values.items():
        while isinstance(value, Reference) and value.incident is not None and value.letter != "I":
            gone = await uow.incidents.get(value.incident)
            if gone is None or gone.state != State.MERGED:
                break
            new = await goes_on(uow, gone, f"{value.letter}{value.number}")
            if new is None:
                break
            incident, _sign, thing = new.partition("-")
            value = Reference(thing[0], int(thing[1:]), int(incident[1:]))
        values[name] = value
    return replace(args, values=values)
