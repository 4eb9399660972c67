"""`/status`: the incident on one screen, for who comes late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers.cards import incident as cards
from handlers.context import Context
from handlers.document import Document, Inline, Mention, Para, Span
from handlers.families.incident import THIS
from handlers.registry import Family, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args
from workflows.incidents.rules import OVER
from workflows.text import _

FAMILY = Family(Name("status", "态势"), _("The incident on one screen"))

LATECOMERS = "status.latecomers"
"""Kind of the timer by which who joins a room of an incident is told; its subject is the room, its
data name the accounts."""

GATHERED = timedelta(seconds=20)
"""Who joins within it is told at once."""


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


async def catch_up(wake: Wake) -> None:
    """Who has come late reads where things stand: in private, else in the room, once for all."""
    room = wake.timer.subject
    incident = await wake.uow.incidents.current(room)
    if incident is None or incident.state in OVER:
        return
    status = await cards.status(wake.uow, incident, wake.now)
    here: list[Inline] = []
    for name in dict.fromkeys(map(str, wake.timer.data.get("accounts", ()))):
        account = await wake.uow.people.account(name)
        person = None if account is None else account.person_id
        alone = person is not None and await wake.actions.tell_person(wake.uow, person, status)
        if not alone:
            shown = account.name if account is not None else name.partition(":")[2]
            here += [Mention(name, shown), " "]
    if here:
        first = Para(Span((*here, _("Where things stand, for who has just come:"))))
        document = replace(status, blocks=(first, *status.blocks))
        await wake.actions.tell(wake.uow, (room,), document)


RINGS: Rings = {LATECOMERS: catch_up}
