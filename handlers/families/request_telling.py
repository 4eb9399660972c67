"""What the families of requests share: their arguments, and who is told what."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.cards import request as cards
from handlers.context import Actions, Context, Scope
from handlers.document import Block, Document, Para, Span, say
from handlers.escalating import tell_all
from handlers.registry import Arg
from handlers.values import Args, Kind
from storage import UnitOfWork
from storage.tables import Incident, Person, RequestLimit
from workflows.incidents.record import record
from workflows.incidents.scene import rooms_of
from workflows.organisation.chart import Seat
from workflows.organisation.scene import scene
from workflows.requests import amounts, keeping, limits
from workflows.requests.reminding import reminders
from workflows.requests.steps import Acting
from workflows.requests.supply import Much
from workflows.requests.waiting import holders, officer, people_of, waits
from workflows.requests.whole import Whole
from workflows.shelf import in_any_case
from workflows.stock.units import units
from workflows.text import Msg, _

REF = Arg(
    "request",
    "需求",
    Kind.REFERENCE,
    required=True,
    letters="R",
    question=_("Which request?"),
    example=("R1", "R1"),
)
REASON = Arg("reason", "原因", Kind.TEXT, example=("no longer needed", "不再需要"))
NOTE = Arg(
    "note", "备注", Kind.TEXT, positional=False, aliases=("说明",),
    example=("with driver", "带司机"),
)  # fmt: skip
AMOUNT = Arg("amount", "数量", Kind.QUANTITY, aliases=("qty",), example=("2", "2辆"))
LINE = Arg("line", "项", Kind.INTEGER, positional=False, aliases=("第几项",), minimum=1,
           maximum=99, example=("2", "2"))  # fmt: skip
PART = Arg("part", "批", Kind.INTEGER, positional=False, aliases=("批次",), minimum=1,
           maximum=999, example=("1", "1"))  # fmt: skip


async def acting(context: Context) -> Acting:
    """Who asks, with which authority."""
    shelf = context.means.shelf
    return Acting(
        context.by(),
        await context.standing(),
        context.now,
        units(shelf),
        context.zone,
        in_any_case(reminders, shelf),
    )


def much(args: Args, name: str = "amount") -> Much | None:
    """A quantity, if it was given."""
    given = args.optional_quantity(name)
    return None if given is None else Much(given.amount, given.unit)


async def told(context: Context, whole: Whole, text: Msg, *more: Msg) -> Document:
    """The card is brought up to date in every room of the incident, which hear of the change; those
    on whom it waits from now on get it in private, whoever asked hears of it."""
    context.scope = Scope.INCIDENT
    uow, now = context.uow, context.now
    await cards.refresh(uow, context.actions, whole, now)
    there = await scene(uow, whole.incident, now)
    waiting = await waits(uow, whole, there)
    if whole.request.state_at == now:
        others = [each for each in people_of(waiting[:1]) if each.id != context.actor.person_id]
        await _hand_over(context, whole, others, text)
    asker = await uow.people.person(whole.request.by_id)
    named = {each.id for each in people_of(waiting[:1])}
    if asker is not None and asker.id not in (context.actor.person_id, *named):
        await tell_all(uow, context.actions, (asker,), say(text))
    blocks: list[Block] = [Para(each) for each in (text, *more)]
    if waiting:
        blocks.append(Para(waits_on(whole, waiting[0].what, waiting[0].people)))
    await over_limit(context, whole.incident)
    return Document(tuple(blocks))


def waits_on(whole: Whole, what: Msg, people: Sequence[Person]) -> Msg:
    """What it waits for now, in a sentence for the rooms."""
    names = tuple(each.name for each in people[:5])
    if not names:
        return _("{reference} waits for {what}", reference=whole.reference, what=what)
    return _(
        "{reference} waits for {what}: {names}",
        reference=whole.reference,
        what=what,
        names=names,
    )


async def _hand_over(context: Context, whole: Whole, people: Sequence[Person], text: Msg) -> None:
    if not people:
        return
    card = await cards.card(context.uow, whole, context.now)
    document = Document((Para(text), *card.blocks), card.buttons, card.card)
    await tell_all(context.uow, context.actions, people, document)


async def over_limit(context: Context, incident: Incident) -> None:
    """Finance, command and whoever was named hear once when most or all of a total is reached."""
    for limit, percent, spent in await limits.reached(context.uow, incident):
        text = _(
            "{percent} % of the limit are reached: {spent} of {total}",
            percent=percent,
            spent=amounts.yuan(spent.counted),
            total=amounts.yuan(limit.total or 0),
        )
        if limit.agency:
            text = _("{agency}: {text}", agency=limit.agency, text=text)
        await record(
            context.uow,
            incident,
            "request.limit-reached",
            text,
            by=keeping.LIANZHI,
            now=context.now,
            thing=f"limit {limit.agency}".strip(),
            changes={"told": limit.told},
        )
        rooms = await rooms_of(context.uow, incident.id)
        document = say(Span(("💰 ", text)))
        people = await _of_money(context, incident, limit)
        await tell_all(context.uow, context.actions, people, document, rooms)


async def over_approval(context: Context, whole: Whole) -> None:
    """Finance and command hear that a request is estimated above a limit, too late to hold it."""
    uow, incident = context.uow, whole.incident
    cost = limits.estimate(whole)
    text = _(
        "⚠️ {reference} is now estimated to cost {amount}. That is above the limit, Finance has "
        "not approved that sum, and suppliers have committed already.",
        reference=whole.reference,
        amount="?" if cost is None else amounts.yuan(cost),
    )
    await record(
        uow,
        incident,
        "request.above-limit",
        text,
        by=keeping.LIANZHI,
        now=context.now,
        thing=whole.reference,
    )
    rooms = await rooms_of(uow, incident.id)
    people = await _of_money(context, incident)
    await tell_all(uow, context.actions, people, say(text), rooms)


async def _of_money(
    context: Context, incident: Incident, limit: RequestLimit | None = None
) -> tuple[Person, ...]:
    uow = context.uow
    there = await scene(uow, incident, context.now)
    found = [*holders(there, Seat("finance"))[1], *holders(there, Seat("commander"))[1]]
    if limit is None:
        return tuple({each.id: each for each in found}.values())
    if limit.agency:
        found += await officer(uow, limit.agency)
    for account in limit.tell:
        known = await uow.people.account(account)
        person = None if known is None else await uow.people.person(known.person_id)
        found += [] if person is None else [person]
    return tuple({each.id: each for each in found}.values())


async def remind(
    uow: UnitOfWork, actions: Actions, whole: Whole, people: Sequence[Person], document: Document
) -> None:
    """People hear of it in private, or by a mention in the incident's rooms."""
    rooms = await rooms_of(uow, whole.incident.id)
    await tell_all(uow, actions, people, document, rooms)
