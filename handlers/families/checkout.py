"""`/checkout`: somebody leaves."""

from __future__ import annotations

from handlers.context import Context
from handlers.document import Document, say
from handlers.families.incident import WHICH
from handlers.registry import Family, Name, command
from handlers.values import Args
from workflows.incidents import roster
from workflows.text import _, ngettext

FAMILY = Family(Name("checkout", "签退"), _("Check out of the incident"))


@command(
    FAMILY,
    None,
    WHICH,
    allow="reader",
    summary=_("Say that you, and who came with you, have left"),
    examples=("/checkout", "/签退"),
)
async def checkout(context: Context, args: Args) -> Document:
    """Nobody waits to hear of them any more."""
    row = await roster.check_out(
        context.uow, await context.incident(), by=context.by(), now=context.now
    )
    return say(
        ngettext(
            "{name} checked out with {n} person",
            "{name} checked out with {n} people",
            row.people,
            name=context.actor.name,
        )
    )
