"""`/incident merge`: a duplicate is taken over, with all that is open in it."""

from __future__ import annotations

from datetime import timedelta

from handlers.cards import (
    custody,
    incident as cards,
    objective as objectives,
    order as orders,
    request as requests,
    resource as resources,
)
from handlers.context import Context
from handlers.document import Block, Bullets, Button, Document, Heading, Para
from handlers.escalating import tell_all
from handlers.families import alert as alerts
from handlers.families.incident import FAMILY, WHICH, announced
from handlers.permission import may, require
from handlers.registry import Arg, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind
from storage.tables import Incident
from storage.tables.organisation import COMMANDER
from workflows import carrying
from workflows.carrying import Carried
from workflows.incidents import service
from workflows.incidents.rules import OVER
from workflows.incidents.scene import meant, rooms_of, to_act_in
from workflows.requests import keeping
from workflows.standing import standing
from workflows.text import Msg, _

ASKED = "incident.merge"
"""Timer: one side of a merge was asked to agree."""

PATIENCE = timedelta(minutes=30)
COMMANDS = "command-anywhere"


@command(
    FAMILY,
    Name("merge", "合并"),
    Arg(
        "other",
        "重复",
        Kind.REFERENCE,
        letters="I",
        required=True,
        question=_("Which incident is the duplicate that this one takes over?"),
        example=("I4", "I4"),
    ),
    WHICH,
    allow="member",
    summary=_("Let this incident take over a duplicate, with all that is open there"),
    examples=("/incident merge I4", "/事件 合并 I4"),
)
async def merge(context: Context, args: Args) -> Document:
    """Who commands both merges at once; who commands one of them asks the other."""
    kept = await context.incident()
    other = await meant(context.uow, context.place.id, args.reference("other").number)
    mine, theirs = await may(context, COMMANDS), await may(context.about(other), COMMANDS)
    if not mine and not theirs:
        await require(context, COMMANDS)
    if kept.id != other.id and not (mine and theirs):
        for number in sorted((kept.id, other.id)):
            await to_act_in(context.uow, number)
        if not await _agreed(context, kept, other, mine=mine):
            return await _ask(context, kept, other, mine=mine)
    by, now = context.by(), context.now
    kept, gone = await service.merge(context.uow, kept.id, other.id, by=by, now=now)
    for pair in (f"{kept.id}:{gone.id}", f"{gone.id}:{kept.id}"):
        await context.uow.timers.drop(ASKED, pair)
    carried = await carrying.carry(context.uow, gone, kept, by=by, now=now)
    await cards.refresh(context.uow, context.actions, gone, now)
    await _refresh(context, kept, carried)
    return await _told(context, kept, gone, carried)


async def _agreed(context: Context, kept: Incident, other: Incident, *, mine: bool) -> bool:
    """Whether who commands the other of the two has asked for this, and still commands it."""
    wish = await context.uow.timers.get(ASKED, f"{kept.id}:{other.id}")
    if wish is None or wish.data.get("mine") == mine or wish.due_at <= context.now:
        return False
    who = await standing(
        context.uow,
        person_id=int(wish.data["by"]),
        admin=False,
        incident=other if mine else kept,
        room=None,
        private=True,
        now=context.now,
    )
    return who.commands


async def _ask(context: Context, kept: Incident, other: Incident, *, mine: bool) -> Document:
    """Who commands the other of the two agrees with a tap."""
    uow, until = context.uow, context.now + PATIENCE
    asked = other if mine else kept
    data = {"mine": mine, "by": context.actor.person_id}
    await uow.timers.set(ASKED, f"{kept.id}:{other.id}", until, data)
    held = await uow.organisation.held(asked.id, context.now, role=COMMANDER)
    people = tuple(person for position, person in held if not position.deputy)
    text = _(
        "{name} asks that {kept} takes over {other} “{title}” as a duplicate. All that is open "
        "there goes on in {kept}. Whoever commands {asked} agrees here until {time}.",
        name=context.actor.name,
        kept=f"I{kept.id}",
        other=f"I{other.id}",
        title=other.title,
        asked=f"I{asked.id}",
        time=until,
    )
    agree = Button(_("Agree"), f"/incident merge I{other.id} incident=I{kept.id}")
    document = Document((Heading(cards.name(asked)), Para(text)), (agree,))
    rooms = await rooms_of(uow, asked.id)
    await tell_all(uow, context.actions, people, document, rooms)
    answer = _(
        "{names} commands {asked} and was asked to agree until {time}. Nothing is merged before.",
        names=tuple(person.name for person in people),
        asked=f"I{asked.id}",
        time=until,
    )
    return Document((Para(answer),))


async def _refresh(context: Context, kept: Incident, carried: Carried) -> None:
    """The cards of what went over say where it stands now."""
    uow, actions, now = context.uow, context.actions, context.now
    for thing in carried.things.values():
        letter, number = thing[0], int(thing[1:])
        if letter == "O" and (aim := await uow.objectives.get(kept.id, number)) is not None:
            await objectives.refresh(uow, actions, kept, aim, now)
        elif letter == "T" and (order := await uow.orders.get(kept.id, number)) is not None:
            await orders.refresh(uow, actions, kept, order, now)
        elif letter == "R" and (row := await uow.requests.get(kept.id, number)) is not None:
            await requests.refresh(uow, actions, await keeping.load(uow, kept, row), now)
        elif letter == "U" and (unit := await uow.resources.get(kept.id, number)) is not None:
            await resources.refresh(uow, actions, kept, unit, now)
        elif letter == "C" and (goods := await uow.custody.get(kept.id, number)) is not None:
            await custody.refresh(uow, actions, kept, goods)
        elif letter == "W" and (alert := await uow.alerts.get(kept.id, number)) is not None:
            document = await alerts.shown(uow, alert, kept, now)
            await actions.show(uow, await rooms_of(uow, kept.id), document)


async def _told(context: Context, kept: Incident, gone: Incident, carried: Carried) -> Document:
    text = _(
        "{other} “{title}” is now part of {incident}.",
        other=f"I{gone.id}",
        title=gone.title,
        incident=cards.name(kept),
    )
    told = await announced(context, kept, text)
    lines: list[Msg] = []
    if carried.things:
        pairs = tuple(f"{old} → {new}" for old, new in carried.things.items())
        lines.append(_("Goes on here: {things}.", things=pairs))
    if carried.people:
        lines.append(_("Checked in here now: {names}.", names=tuple(carried.people)))
    buttons: tuple[Button, ...] = ()
    if await context.uow.sitreps.all(gone.id):
        # Translators: not the glossary's situation report
        text = _(
            "What {other} reported stays there. Say here what still holds: /sitrep.",
            other=f"I{gone.id}",
        )
        lines.append(text)
        label = _("Reports of {other}", other=f"I{gone.id}")
        buttons = (Button(label, f"/sitrep list incident=I{gone.id}"),)
    more: tuple[Block, ...] = (Bullets(tuple(lines)),) if lines else ()
    return Document((*told.blocks, *more), (*told.buttons, *buttons))


async def unanswered(wake: Wake) -> None:
    """Nobody has agreed to a merge in time."""
    one, _colon, two = wake.timer.subject.partition(":")
    kept, other = await wake.uow.incidents.get(int(one)), await wake.uow.incidents.get(int(two))
    if kept is None or other is None or {kept.state, other.state} & OVER:
        return
    text = _(
        "Nobody agreed in time that {kept} takes over {other}. Nothing was merged.",
        kept=f"I{kept.id}",
        other=f"I{other.id}",
    )
    rooms = (*await rooms_of(wake.uow, kept.id), *await rooms_of(wake.uow, other.id))
    await wake.actions.tell(wake.uow, tuple(dict.fromkeys(rooms)), Document((Para(text),)))


RINGS: Rings = {ASKED: unanswered}
