"""`/redact`: takes a message back in every room, as a reply to it."""

from __future__ import annotations

from handlers.context import Context
from handlers.document import Document, say
from handlers.registry import Family, Name, command
from handlers.values import Args
from workflows import authority
from workflows.errors import Refusal
from workflows.incidents import log
from workflows.text import _, ngettext

FAMILY = Family(Name("redact", "撤回", ("delete",)), _("Take a message back in every room"))


@command(
    FAMILY,
    None,
    allow="anyone",
    summary=_("As a reply: take that message back in every room"),
    examples=("/redact", "/撤回"),
    needs_reply=True,
)
async def redact(context: Context, args: Args) -> Document:
    """Delete a message and its copies; its author and administrators may."""
    context.narrow()
    message = None if context.reply_to is None else await context.uow.messages.get(context.reply_to)
    if message is None or message.id is None:
        raise Refusal(
            "redact-what",
            _("I do not know that message. Reply to the message itself with /redact."),
        )
    mine = message.account is not None and await _same_person(context, message.account)
    authority.require("author", authority.Standing(admin=context.actor.admin, author=mine))
    if message.deleted_at is not None:
        raise Refusal("redact-done", _("That message was taken back already."))
    before = context.actions.plain(message.content)
    rooms = await context.actions.erase(context.uow, message.id)
    await log.note_change(
        context.uow,
        message,
        before=before,
        after="",
        gone=True,
        by=context.by(),
        now=context.now,
    )
    await context.uow.ledger.append(
        "message.redacted",
        context.now,
        actor=context.actor.account,
        room=context.place.id,
        message=message.id,
    )
    return say(ngettext("Taken back in {n} room.", "Taken back in {n} rooms.", len(rooms)))


async def _same_person(context: Context, account: str) -> bool:
    known = await context.uow.people.account(account)
    return known is not None and known.person_id == context.actor.person_id
