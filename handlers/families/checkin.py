"""`/checkin`: somebody is on scene or on the way; a location that somebody shares says so too."""

from __future__ import annotations

from handlers.cards import roster as cards
from handlers.context import Context
from handlers.document import Document
from handlers.families.incident import WHICH
from handlers.marking import Located, Place
from handlers.meant import replied_spot
from handlers.permission import may
from handlers.registry import Arg, Family, Name, command
from handlers.values import Args, Kind
from workflows.incidents import roster
from workflows.text import _

FAMILY = Family(Name("checkin", "签到"), _("Check in at the incident"))


@command(
    FAMILY,
    None,
    Arg("people", "人数", Kind.INTEGER, minimum=1, maximum=roster.MOST_PEOPLE, example=("6", "6")),
    Arg(
        "team",
        "队伍",
        Kind.TEXT,
        positional=False,
        aliases=("班组",),
        example=("Rescue 1", "抢险一组"),
    ),
    Arg(
        "eta",
        "预计到达",
        Kind.TIME,
        positional=False,
        aliases=("到达",),
        example=("14:30", "14:30"),
    ),
    WHICH,
    allow="reporter",
    summary=_("Say that you are on scene, with how many people, or when you will be"),
    examples=("/checkin people=6 team=Rescue 1 eta=14:30", "/签到 人数=6 队伍=抢险一组"),
)
async def checkin(context: Context, args: Args) -> Document:
    """Typed again it says what changed; without `eta` the person has arrived."""
    spot, eta = await replied_spot(context), args.optional_time("eta")
    return await _checked_in(
        context,
        roster.Arrival(
            people=args.optional_integer("people"),
            team=args.optional_text("team"),
            eta=None if eta is None else eta.at,
            lat=None if spot is None else spot.lat,
            lon=None if spot is None else spot.lon,
        ),
    )


async def located(place: Place) -> Document | None:
    """Who shares where they are is on scene there; who is checked in has only moved.

    A named place that somebody sends, and one in a room without an incident, is just a place.
    """
    context = place.context
    if place.named or await context.incident_or_none() is None:
        return None
    incident = await context.incident()
    moved = await roster.move(
        context.uow, incident.id, place.lat, place.lon, by=context.by(), now=context.now
    )
    if moved or place.again or not await may(context, "incident-member"):
        return None
    if await context.uow.resources.carried_by(context.actor.person_id):
        # A driver who says where the convoy is has not arrived.
        return None
    return await _checked_in(context, roster.Arrival(lat=place.lat, lon=place.lon))


LOCATED: Located = (located,)


async def _checked_in(context: Context, told: roster.Arrival) -> Document:
    incident = await context.incident()
    row = await roster.check_in(context.uow, incident.id, told, by=context.by(), now=context.now)
    accounts = await context.uow.people.accounts(context.actor.person_id)
    mine = tuple(each.id for each in accounts)
    return cards.receipt(row, roster.told_of(context.actor.name, row), incident, mine)
