"""`/status`: the incident on one screen, for who comes late."""

from __future__ import annotations

from handlers.cards import incident as cards
from handlers.context import Context
from handlers.document import Document
from handlers.families.incident import THIS
from handlers.registry import Family, Name, command
from handlers.values import Args
from workflows.text import _

FAMILY = Family(Name("status", "态势"), _("The incident on one screen"))


@command(
    FAMILY,
    None,
    THIS,
    allow="reader",
    summary=_("The incident on one screen: where it stands and what happened"),
    examples=("/status", "/态势"),
)
async def show(context: Context, args: Args) -> Document:
    """Every line with its place in the timeline and in the ledger."""
    context.narrow()
    return await cards.status(context.uow, await context.incident(), context.now)
