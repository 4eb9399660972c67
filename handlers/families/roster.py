"""`/roster`: who is on scene, and who of them is not heard of."""

from __future__ import annotations

from datetime import timedelta

from handlers.cards import incident as incident_cards, roster as cards
from handlers.context import Context, Scope
from handlers.document import Document, say
from handlers.families.incident import THIS, WHICH
from handlers.registry import Arg, Family, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind
from storage.tables import Timer
from workflows.incidents import roster
from workflows.incidents.rules import OVER
from workflows.incidents.scene import rooms_of
from workflows.text import _

FAMILY = Family(Name("roster", "人员"), _("Who is on scene, by agency and team"))

SILENT = roster.SILENT
"""Kind of the timer; its subject is the incident."""


@command(
    FAMILY,
    None,
    THIS,
    allow="reader",
    summary=_("Show who is on scene, by agency and team, and who is not heard of"),
    examples=("/roster", "/人员"),
)
async def show(context: Context, args: Args) -> Document:
    """Everybody who has checked in and not out."""
    context.narrow()
    incident = await context.incident()
    timer = await context.uow.timers.get(SILENT, str(incident.id))
    return cards.roster(
        incident_cards.name(incident),
        await roster.present(context.uow, incident, context.now),
        silence(timer),
        context.now,
    )


@command(
    FAMILY,
    Name("watch", "守望"),
    Arg(
        "after",
        "时长",
        Kind.DURATION,
        required=True,
        question=_("After how long a silence is it announced?"),
        example=("20min", "20分钟"),
    ),
    WHICH,
    allow="staff",
    summary=_("Set how long people on scene may be silent before it is announced"),
    examples=("/roster watch 20min", "/人员 守望 20分钟"),
)
async def watch(context: Context, args: Args) -> Document:
    """From 5 minutes to a day; 30 minutes unless it is set."""
    after = args.duration("after")
    await roster.watch(
        context.uow, (await context.incident()).id, after, by=context.by(), now=context.now
    )
    context.scope = Scope.INCIDENT
    return say(_("Who is silent for {time} on scene is announced here.", time=after))


async def look(wake: Wake) -> None:
    """Announce those of whom it has not been said yet, and come again for the next."""
    incident = await wake.uow.incidents.get(int(wake.timer.subject))
    if incident is None or incident.state in OVER:
        return
    limit = silence(wake.timer)
    everybody = await roster.present(wake.uow, incident, wake.now)
    quiet = roster.silent(everybody, limit, wake.now)
    known = {int(each) for each in wake.timer.data.get("told", ())}
    new = [each for each in quiet if each.row.id not in known]
    if new:
        rooms = await rooms_of(wake.uow, incident.id)
        document = cards.missing(incident_cards.name(incident), new, limit)
        if rooms:
            await wake.actions.tell(wake.uow, rooms, document)
    told = frozenset(each.row.id for each in quiet if each.row.id is not None)
    await wake.uow.timers.set(
        SILENT,
        wake.timer.subject,
        roster.next_look(everybody, told, limit, wake.now),
        {"seconds": int(limit.total_seconds()), "told": sorted(told)},
    )


RINGS: Rings = {SILENT: look}


def silence(timer: Timer | None) -> timedelta:
    """How long people may be silent."""
    seconds = None if timer is None else timer.data.get("seconds")
    return roster.SILENCE if seconds is None else timedelta(seconds=int(seconds))
