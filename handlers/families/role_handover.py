"""`/role handover`, `accept` and `decline`: how a position passes to another person."""

from __future__ import annotations

from handlers.cards import incident as cards
from handlers.cards.organisation import duties
from handlers.context import Context
from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Para
from handlers.families.incident import WHICH
from handlers.families.role import FAMILY, LABEL, ROLE, WHO, announced, tell_role
from handlers.meant import somebody
from handlers.registry import Arg, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind
from storage import UnitOfWork
from storage.tables import Handover, Incident, Person
from workflows.incidents.rules import OVER, reason as checked
from workflows.incidents.scene import rooms_of
from workflows.organisation import handover as handovers
from workflows.organisation.briefing import kept
from workflows.organisation.positions import COMMANDER
from workflows.text import Msg, _

OFFER = Arg("offer", "移交", Kind.REFERENCE, letters="H", example=("H3", "H3"))


@command(
    FAMILY,
    Name("handover", "移交", ("交接",)),
    ROLE,
    WHO,
    LABEL,
    Arg("at", "生效", Kind.TIME, positional=False, example=("18:00", "18:00")),
    WHICH,
    allow="staff",
    summary=_("Hand a position over: briefing, then the other accepts"),
    examples=("/role handover commander @anna at=18:00", "/角色 移交 总指挥 @anna 生效=18:00"),
)
async def handover(context: Context, args: Args) -> Document:
    """Until it is accepted nothing changes."""
    person = await somebody(context, args.person("person"))
    incident = await context.incident()
    effective = args.optional_time("at")
    who = await context.standing()
    offer, position = await handovers.offer(
        context.uow,
        incident.id,
        args.text("role"),
        person,
        label=args.optional_text("label"),
        effective=None if effective is None else effective.at,
        may_for_others=who.commands,
        admin=who.admin,
        by=context.by(),
        now=context.now,
    )
    await _tell_offer(context, incident, person, offer)
    holder = await context.uow.people.person(position.person_id)
    return await announced(
        context,
        incident,
        _(
            "{by} offers {name}: {title} [{reference}]",
            by=context.actor.name,
            name=person.name,
            title=handovers.seat_of(offer).title,
            reference=f"H{offer.id}",
        ),
        _(
            "Until it is accepted, {holder} goes on. The offer ends at {time}.",
            holder="?" if holder is None else holder.name,
            time=offer.expires_at,
        ),
    )


@command(
    FAMILY,
    Name("accept", "接受"),
    OFFER,
    WHICH,
    allow="incident-member",
    summary=_("Take over a position that is offered to you"),
    examples=("/role accept H3", "/角色 接受 H3"),
)
async def accept(context: Context, args: Args) -> Document:
    """It passes on in one step: at no moment does nobody hold it, or do two."""
    incident = await context.incident()
    found = await handovers.accept(
        context.uow, incident.id, _number(args), by=context.by(), now=context.now
    )
    person = await context.uow.people.person(found.to_id)
    assert person is not None
    await tell_role(context, incident, person, handovers.seat_of(found), deputy=False)
    assert found.effective_at is not None
    holder = await context.uow.people.person(found.from_id)
    if found.effective_at > context.now:
        return await announced(
            context,
            incident,
            _(
                "{name} takes over at {time}: {title}. Until then {holder} goes on.",
                name=person.name,
                time=found.effective_at,
                title=handovers.seat_of(found).title,
                holder="?" if holder is None else holder.name,
            ),
        )
    return await announced(context, incident, _in_effect(found, person, holder))


@command(
    FAMILY,
    Name("decline", "谢绝"),
    OFFER,
    Arg("reason", "原因", Kind.TEXT, example=("I leave at six", "六点换班")),
    WHICH,
    allow="incident-member",
    summary=_("Decline a position that is offered to you"),
    examples=("/role decline H3 I leave at six", "/角色 谢绝 H3 六点换班"),
)
async def decline(context: Context, args: Args) -> Document:
    """It stays where it is, and whoever offered it is told."""
    incident = await context.incident()
    typed = args.optional_text("reason")
    why = None if typed is None else checked(typed)
    found = await handovers.decline(
        context.uow, incident.id, _number(args), why, by=context.by(), now=context.now
    )
    holder = await context.uow.people.person(found.from_id)
    text = _(
        "{name} declined: {title}. {holder} goes on.",
        name=context.actor.name,
        title=handovers.seat_of(found).title,
        holder="?" if holder is None else holder.name,
    )
    more = () if why is None else (_("Reason: {reason}", reason=why),)
    return await announced(context, incident, text, *more)


async def _tell_offer(
    context: Context, incident: Incident, person: Person, offer: Handover
) -> None:
    assert person.id is not None
    seat = handovers.seat_of(offer)
    blocks: list[Block] = [
        Heading(
            _(
                "{incident}: {by} offers you {title}",
                incident=cards.name(incident),
                by=context.actor.name,
                title=seat.title,
            )
        ),
        Para(Bold(_("Briefing:"))),
        Bullets(kept(offer.briefing)),
        *duties(seat, deputy=False),
    ]
    if offer.effective_at is not None:
        blocks.append(Para(_("It is to take effect at {time}.", time=offer.effective_at)))
    blocks.append(Para(_("Answer until {time}.", time=offer.expires_at)))
    only = tuple(each.id for each in await context.uow.people.accounts(person.id))
    which = f"H{offer.id} incident=I{incident.id}"
    buttons = (
        Button(_("Accept"), f"/role accept {which}", only=only),
        Button(_("Decline"), f"/role decline {which}", only=only),
    )
    await context.actions.tell_person(
        context.uow,
        person.id,
        Document(tuple(blocks), buttons),
        otherwise=await rooms_of(context.uow, incident.id),
    )


def _number(args: Args) -> int | None:
    offer = args.optional_reference("offer")
    return None if offer is None else offer.number


def _in_effect(found: Handover, person: Person, holder: Person | None) -> Msg:
    if found.role == COMMANDER:
        return _(
            "Transfer of command: {name} commands from {time} on; {holder} no longer does.",
            name=person.name,
            time=found.effective_at or found.offered_at,
            holder="?" if holder is None else holder.name,
        )
    return _(
        "Hand-over: {name} is {title} from {time} on; {holder} no longer is.",
        name=person.name,
        title=handovers.seat_of(found).title,
        time=found.effective_at or found.offered_at,
        holder="?" if holder is None else holder.name,
    )


async def _told(uow: UnitOfWork, wake: Wake, incident: Incident, text: Msg) -> None:
    await cards.refresh(uow, wake.actions, incident, wake.now)
    rooms = await rooms_of(uow, incident.id)
    if rooms:
        document = Document((Heading(cards.name(incident)), Para(text)))
        await wake.actions.tell(uow, rooms, document)


async def expired(wake: Wake) -> None:
    """An offer was not answered: it ends, and everybody learns who goes on."""
    number = int(wake.timer.data["incident"])
    ended = await handovers.expire(wake.uow, number, int(wake.timer.subject), now=wake.now)
    if ended is None:
        return
    incident, found = ended
    if incident.state in OVER:
        return
    person = await wake.uow.people.person(found.to_id)
    holder = await wake.uow.people.person(found.from_id)
    text = _(
        "{name} did not answer in time: {title}. {holder} goes on.",
        name="?" if person is None else person.name,
        title=handovers.seat_of(found).title,
        holder="?" if holder is None else holder.name,
    )
    await _told(wake.uow, wake, incident, text)


async def effective(wake: Wake) -> None:
    """What was accepted for later has come: everybody is told."""
    found = await wake.uow.handovers.get(int(wake.timer.subject))
    incident = None if found is None else await wake.uow.incidents.get(found.incident_id)
    if found is None or incident is None or incident.state in OVER:
        return
    person = await wake.uow.people.person(found.to_id)
    if person is not None:
        holder = await wake.uow.people.person(found.from_id)
        await _told(wake.uow, wake, incident, _in_effect(found, person, holder))


RINGS: Rings = {handovers.EXPIRES: expired, handovers.TAKES_EFFECT: effective}
