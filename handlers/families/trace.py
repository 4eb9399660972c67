"""`/trace`: every hop of a message, with times, as a reply to it."""

from __future__ import annotations

from datetime import datetime

from handlers.context import Context
from handlers.document import Document, Heading, Inline, Para, Table
from handlers.registry import Family, Name, command
from handlers.values import Args
from storage.tables import OutboxRow
from workflows.delivery import reason
from workflows.errors import Refusal
from workflows.text import Msg, _

FAMILY = Family(Name("trace", "追踪"), _("Every hop of a message, with times"))

ACTIONS: dict[str, Msg] = {"send": _("message"), "edit": _("edit"), "delete": _("deletion")}

STATES: dict[str, Msg] = {
    "queued": _("waiting"),
    "sending": _("being sent"),
    "sent": _("delivered"),
    "dead": _("given up"),
    "dropped": _("dropped"),
}


@command(
    FAMILY,
    None,
    allow="anyone",
    summary=_("As a reply: every hop of that message, with times"),
    examples=("/trace", "/追踪"),
    needs_reply=True,
)
async def trace(context: Context, args: Args) -> Document:
    """When a message was written, taken, queued, tried and delivered, room by room."""
    context.narrow()
    message = None if context.reply_to is None else await context.uow.messages.get(context.reply_to)
    if message is None or message.id is None:
        raise Refusal(
            "trace-what",
            _("I do not know that message. Reply to the message itself with /trace."),
        )
    calls = await context.uow.outbox.of_message(message.id)
    rooms = await context.uow.rooms.many([message.room, *(call.room for call in calls)])

    def title(room: str) -> str:
        known = rooms.get(room)
        return known.title if known is not None and known.title else room

    head = (_("Room"), _("What"), _("State"), _("Queued"), _("Delivered"), _("Tries"))
    rows = [_row(call, title(call.room), context) for call in calls]
    first: Msg = _(
        "Written {written} in {room}, taken {taken}",
        written=_clock(context, message.at),
        taken=_clock(context, message.taken_at),
        room=title(message.room),
    )
    none = () if rows else (Para(_("It goes to no other room.")),)
    table = (Table(head, tuple(rows)),) if rows else ()
    return Document((Heading(_("Trace")), Para(first), *none, *table))


def _row(call: OutboxRow, room: str, context: Context) -> tuple[Inline, ...]:
    delivered = "–" if call.sent_at is None else _clock(context, call.sent_at)
    state: Inline = STATES.get(call.state, call.state)
    if call.error and call.state != "sent":
        state = _("{state}: {reason}", state=STATES[call.state], reason=reason(call.error))
    return (
        room,
        ACTIONS.get(call.action, call.action),
        state,
        _clock(context, call.made_at),
        delivered,
        str(call.attempts),
    )


def _clock(context: Context, at: datetime) -> str:
    """Hours to milliseconds: what a trace is compared by, the same in every language."""
    return at.astimezone(context.zone).strftime("%m-%d %H:%M:%S.%f")[:-3]
