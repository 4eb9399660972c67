"""`/custody deliver` and `void`: the way under a waybill is over."""

from __future__ import annotations

from handlers.cards import custody as cards
from handlers.context import Context, Scope
from handlers.document import Document
from handlers.families.custody import FAMILY, REF
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from workflows.custody import closing, service
from workflows.custody.rules import Event
from workflows.text import _


@command(
    FAMILY,
    Name("deliver", "签收", ("送达", "delivered")),
    REF,
    Arg("note", "备注", Kind.TEXT, example=("complete", "完好无缺")),
    allow="reporter",
    summary=_("Goods are where they were to go; whoever has them says so"),
    examples=("/custody deliver C3 complete", "/交接 签收 C3 完好无缺"),
)
async def deliver(context: Context, args: Args) -> Document:
    """The way under this waybill is over."""
    return await _finished(context, args, Event.DELIVER, args.optional_text("note"))


@command(
    FAMILY,
    Name("void", "作废"),
    REF,
    Arg("reason", "原因", Kind.TEXT, required=True, question=_("Why is it void?"),
        example=("never loaded", "未装车")),
    allow="incident-member",
    summary=_("A waybill counts no longer"),
    examples=("/custody void C3 never loaded", "/交接 作废 C3 未装车"),
)  # fmt: skip
async def void(context: Context, args: Args) -> Document:
    """Its code is worthless from then on."""
    return await _finished(context, args, Event.VOID, args.text("reason"))


async def _finished(context: Context, args: Args, event: Event, reason: str | None) -> Document:
    incident = await context.incident()
    consignment = await service.named(context.uow, incident.id, args.reference("waybill").number)
    holder = consignment.holder_id
    await closing.finish(
        context.uow, consignment, event, reason,
        by=context.by(), standing=await context.standing(), now=context.now,
    )  # fmt: skip
    context.scope = Scope.INCIDENT
    card = await cards.card(context.uow, incident, consignment)
    concerned = {holder, consignment.holder_id, consignment.made_by} - {context.actor.person_id}
    for each in sorted(each for each in concerned if each is not None):
        await context.actions.tell_person(context.uow, each, Document(card.blocks))
    return card
