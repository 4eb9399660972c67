"""`/retry`: messages that were given up, sent again or let be."""

from __future__ import annotations

from handlers.context import Context
from handlers.document import Block, Bullets, Button, Document, Heading, Inline, say
from handlers.registry import Family, Name, command
from handlers.values import Args
from storage.tables import OutboxRow
from workflows.delivery import reason
from workflows.text import Msg, _, ngettext

FAMILY = Family(Name("retry", "重发"), _("Messages that did not arrive"))


@command(
    FAMILY,
    None,
    allow="anyone",
    summary=_("List the messages of these rooms that did not arrive"),
    examples=("/retry", "/重发"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """What was given up, with buttons to send it again or drop it."""
    context.narrow()
    return await _listed(context)


@command(
    FAMILY,
    Name("list", "列表"),
    allow="anyone",
    summary=_("List the messages of these rooms that did not arrive"),
    examples=("/retry list", "/重发 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """As the card."""
    context.narrow()
    return await _listed(context)


@command(
    FAMILY,
    Name("send", "再发"),
    allow="anyone",
    summary=_("Send them again"),
    examples=("/retry send", "/重发 再发"),
)
async def send(context: Context, args: Args) -> Document:
    """Queue again what was given up."""
    context.narrow()
    rows = await _dead(context)
    await context.uow.outbox.revive([row.id for row in rows if row.id is not None])
    rooms = await context.uow.rooms.many([row.room for row in rows])
    for room in rooms.values():
        room.lost = None
    await context.actions.wake(context.uow, tuple(rooms))
    return say(
        ngettext(
            "{n} message is being sent again.", "{n} messages are being sent again.", len(rows)
        )
    )


@command(
    FAMILY,
    Name("drop", "放弃"),
    allow="admin",
    summary=_("Let them be: they will not be sent any more"),
    examples=("/retry drop", "/重发 放弃"),
)
async def drop(context: Context, args: Args) -> Document:
    """Take what was given up off the list; the ledger keeps that it was dropped."""
    context.narrow()
    rows = await _dead(context)
    await context.uow.outbox.give_up([row.id for row in rows if row.id is not None])
    if rows:
        await context.uow.ledger.append(
            "delivery.dropped",
            context.now,
            actor=context.actor.account,
            room=context.place.id,
            rows=[row.id for row in rows],
        )
    return say(ngettext("{n} message dropped.", "{n} messages dropped.", len(rows)))


async def _dead(context: Context) -> list[OutboxRow]:
    rooms = [context.place.id, *await context.uow.bridges.linked(context.place.id)]
    return list(await context.uow.outbox.dead(rooms))


async def _listed(context: Context) -> Document:
    rows = await _dead(context)
    if not rows:
        return say(_("Everything has arrived; nothing is waiting to be sent again."))
    rooms = await context.uow.rooms.many([row.room for row in rows])
    items: list[Inline] = []
    for row in rows:
        room = rooms.get(row.room)
        line: Msg = _(
            "to {room}, written {time}: {reason}",
            room=room.title if room and room.title else row.room,
            time=row.received_at or row.made_at,
            reason=reason(row.error),
        )
        items.append(line)
    blocks: tuple[Block, ...] = (Heading(_("Not delivered")), Bullets(tuple(items)))
    buttons = [Button(_("Send again"), "/retry send")]
    if context.actor.admin:
        buttons.append(Button(_("Let it be"), "/retry drop", only=(context.actor.account,)))
    return Document(blocks, tuple(buttons))
