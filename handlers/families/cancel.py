"""`/cancel`: leaves the open form."""

from __future__ import annotations

from handlers import forms
from handlers.context import Context
from handlers.document import Document, say
from handlers.registry import Family, Name, command
from handlers.values import Args
from workflows.text import _

FAMILY = Family(Name("cancel", "取消"), _("Leave the open form"))


@command(
    FAMILY,
    None,
    allow="anyone",
    summary=_("Leave the form that asks you something"),
    examples=("/cancel", "/取消"),
)
async def cancel(context: Context, args: Args) -> Document:
    """Close this person's open form in this room."""
    context.narrow()
    if await forms.close(context.uow, context.place.id, context.actor.account):
        return say(_("Left. Nothing was done."))
    return say(_("There is no open form of yours here."))
