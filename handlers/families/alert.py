"""`/alert`: told at once in every room of the incident, and acknowledged by name."""

from __future__ import annotations

from datetime import datetime

from handlers.addressing import KIND, everyone
from handlers.cards import alert as cards, incident as incident_cards
from handlers.cards.organisation import ROLE_CHOICES
from handlers.context import Context
from handlers.document import Bullets, Document, Heading, Inline, Mention, Para, say
from handlers.families.incident import WHICH
from handlers.marking import Mark, Marks
from handlers.permission import require
from handlers.registry import Arg, Family, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind
from storage import UnitOfWork
from storage.tables import Alert, Incident
from workflows import alerts
from workflows.incidents.rules import OVER
from workflows.incidents.scene import rooms_of
from workflows.orders.recipients import To
from workflows.text import _, ngettext

FAMILY = Family(Name("alert", "警报"), _("Alerts to everybody, acknowledged by name"))

SHOWN = 15


@command(
    FAMILY,
    None,
    WHICH,
    allow="reader",
    summary=_("Show the alerts and who has not acknowledged them"),
    examples=("/alert", "/警报"),
    card=True,
)
async def listed(context: Context, args: Args) -> Document:
    """The newest first."""
    context.narrow()
    incident = await context.incident()
    found = (await context.uow.alerts.all(incident.id))[:SHOWN]
    heading = Heading(_("Alerts: {incident}", incident=incident_cards.name(incident)))
    if not found:
        return Document((heading, Para(_("There was no alert. /alert and a text sends one."))))
    lines = [cards.line(each, await alerts.noted(context.uow, each)) for each in found]
    return Document((heading, Bullets(tuple(lines))))


@command(
    FAMILY,
    None,
    Arg(
        "text",
        "内容",
        Kind.TEXT,
        required=True,
        question=_("What threatens, and what is everybody to do?"),
        example=("Evacuate the north shore now", "北岸立即撤离"),
    ),
    Arg("level", "等级", Kind.LEVEL, positional=False, aliases=("级别",), example=("I", "I")),
    Arg(
        "to",
        "对象",
        Kind.PERSON,
        positional=False,
        many=True,
        aliases=("发给", "接收", "单位"),
        choices=ROLE_CHOICES,
        example=("safety,@anna", "安全官,@anna"),
    ),
    KIND,
    WHICH,
    allow="incident-member",
    summary=_("Tell every room of the incident at once; people acknowledge by name"),
    examples=(
        "/alert Evacuate the north shore now level=I to=commander,Fire",
        "/警报 北岸立即撤离 等级=I 对象=总指挥,消防",
    ),
)
async def alert(context: Context, args: Args) -> Document:
    """It overtakes all that waits; who has a role or is checked in is asked to acknowledge."""
    incident = await context.incident()
    made, told = await alerts.sound(
        context.uow,
        incident.id,
        args.text("text"),
        level=args.optional_text("level"),
        to=await everyone(context, incident, args),
        by=context.by(),
        now=context.now,
    )
    rooms = tuple(dict.fromkeys((*await context.rooms(), context.place.id)))
    document = await shown(context.uow, made, incident, context.now)
    await context.actions.tell(context.uow, rooms, document, urgent=True)
    for person in made.told:
        await context.actions.tell_person(context.uow, person, document, urgent=True)
    context.narrow()
    asked = ngettext(
        "{n} person is asked to acknowledge it.",
        "{n} people are asked to acknowledge it.",
        len(made.told),
    )
    sent = ngettext("Alert sent to {n} room.", "Alert sent to {n} rooms.", len(rooms))
    return say(sent, asked, *told.instead)


@command(
    FAMILY,
    Name("ack", "收到", ("acknowledge",)),
    Arg(
        "alert",
        "警报",
        Kind.REFERENCE,
        letters="W",
        required=True,
        question=_("Which alert?"),
        example=("W2", "W2"),
    ),
    WHICH,
    allow="reader",
    summary=_("Acknowledge an alert; 👀 or ✅ on it does the same"),
    examples=("/alert ack W2", "/警报 收到 W2"),
)
async def ack(context: Context, args: Args) -> Document:
    """The card names who has taken note."""
    context.narrow()
    number = args.reference("alert").number
    incident = await context.incident()
    if not await _acknowledged(context, incident, number):
        return say(_("You have acknowledged {reference} already.", reference=f"W{number}"))
    return say(
        _("{name} acknowledged alert {reference}", name=context.actor.name, reference=f"W{number}")
    )


async def marked(mark: Mark) -> Document | None:
    """👀 or ✅ on the card; taking it off does not take the acknowledgement back."""
    if mark.put and mark.thing is not None:
        await require(mark.context, "reader")
        await _acknowledged(mark.context, await mark.context.incident(), mark.thing)
    return None


MARKS: Marks = {(emoji, "W"): marked for emoji in ("👀", "✅", "👍", "👌")}
"""Telegram offers no ✅ as a reaction."""


async def remind(wake: Wake) -> None:
    """Who was asked and has not taken note is named in every room, once."""
    found = await wake.uow.alerts.by_id(int(wake.timer.subject))
    incident = None if found is None else await wake.uow.incidents.get(found.incident_id)
    if found is None or incident is None or incident.state in OVER:
        return
    receipts = (await alerts.noted(wake.uow, found)).receipts
    missing: list[Inline] = []
    for person_id in found.told:
        if person_id not in {each.person_id for each in receipts}:
            accounts = await wake.uow.people.accounts(person_id)
            missing += [Mention(each.id, each.name) for each in accounts[:1]]
    rooms = await rooms_of(wake.uow, incident.id)
    if missing and rooms:
        await wake.actions.tell(wake.uow, rooms, cards.reminder(found, missing), urgent=True)


RINGS: Rings = {alerts.UNANSWERED: remind}


async def _acknowledged(context: Context, incident: Incident, number: int) -> bool:
    found, new = await alerts.acknowledge(
        context.uow, incident, number, by=context.by(), now=context.now
    )
    if new:
        document = await shown(context.uow, found, incident, context.now)
        await context.actions.show(context.uow, (), document)
    return new


async def shown(uow: UnitOfWork, found: Alert, incident: Incident, now: datetime) -> Document:
    """The card of an alert as it stands."""
    maker = None if found.made_by is None else await uow.people.person(found.made_by)
    return cards.card(
        found,
        incident_cards.name(incident),
        "" if maker is None else maker.name,
        await alerts.noted(uow, found),
        concerns=await alerts.names(uow, found),
        instead=await alerts.unheld(uow, incident, map(To.read, found.recipients), now),
    )
