"""`/incident`, `show`, `list`, `use`: which incidents there are, which one a room is about."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.cards import incident as cards
from handlers.context import Context
from handlers.document import Block, Button, Document, Heading, Para, say
from handlers.families.incident import FAMILY, THIS
from handlers.permission import may
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from storage.tables import Incident
from workflows.incidents import service
from workflows.incidents.scene import OFFERED, choice, meant
from workflows.text import _


@command(
    FAMILY,
    None,
    allow="anyone",
    summary=_("Show this room's incident, or those there are"),
    examples=("/incident", "/事件"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """The current incident's card; where there is none, the open ones to choose from."""
    current = await context.incident_or_none()
    if current is not None:
        return await cards.card(context.uow, current, context.now)
    context.narrow()
    return await _to_choose(context)


@command(
    FAMILY,
    Name("show", "查看"),
    THIS,
    allow="reader",
    summary=_("Show the card of an incident"),
    examples=("/incident show I3", "/事件 查看 I3"),
)
async def show(context: Context, args: Args) -> Document:
    """The card; from now on this one is kept up to date."""
    return await cards.card(context.uow, await context.incident(), context.now)


@command(
    FAMILY,
    Name("list", "列表"),
    allow="anyone",
    summary=_("List the incidents there are"),
    examples=("/incident list", "/事件 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Incidents, newest first; for people of no agency only this room's."""
    context.narrow()
    return await _listed(context)


@command(
    FAMILY,
    Name("use", "切换"),
    Arg(
        "incident",
        "事件",
        Kind.REFERENCE,
        letters="I",
        required=True,
        question=_("Which incident is this room to be about?"),
        example=("I3", "I3"),
    ),
    allow="member",
    summary=_("Make this room, and those linked to it, about an incident"),
    examples=("/incident use I3", "/事件 切换 I3"),
)
async def use(context: Context, args: Args) -> Document:
    """Commands in this room are about it from now on, and its card stands here."""
    found = await context.incident()
    if found.merged_into is not None:
        found = await meant(context.uow, context.place.id, found.merged_into)
    here = context.place
    if here.private:
        await context.uow.incidents.choose([here.id], found.id, context.now)
        return say(_("What you type here is now about {incident}.", incident=cards.name(found)))
    rooms = await context.uow.incidents.bridged([here.id])
    await service.bring(context.uow, found, rooms, by=context.by(), now=context.now)
    return await cards.card(context.uow, found, context.now)


async def _to_choose(context: Context) -> Document:
    """The open incidents, the newest first, a handful of them to be chosen by a tap."""
    if not await may(context, "member"):
        return say(
            _(
                "This room has no incident. People of an agency choose or declare one; join "
                "yours with /agency join NAME."
            )
        )
    open_ = await context.uow.incidents.open(OFFERED + 1)
    if not open_:
        text = _("No incident is open. /incident new TITLE declares one.")
        return Document((Para(text),), (_declare(context),))
    shown = open_[:OFFERED]
    title = Heading(_("This room has no incident. Which one is it to be about?"))
    more = [Para(_("There are more: /incident list."))] if len(open_) > OFFERED else []
    return Document(
        (title, cards.listed(shown), *more), (*_choices(context, shown), _declare(context))
    )


async def _listed(context: Context) -> Document:
    if not await may(context, "member"):
        current = await context.incident_or_none()
        shown: Sequence[Incident] = [] if current is None else [current]
        return Document(_lines(shown, None))
    open_ = await context.uow.incidents.open(OFFERED)
    shown = await context.uow.incidents.latest()
    current = await context.uow.incidents.current(context.place.id)
    here = None if current is None else current.id
    return Document(_lines(shown, here), (*_choices(context, open_), _declare(context)))


def _lines(shown: Sequence[Incident], here: int | None) -> tuple[Block, ...]:
    if not shown:
        return (Para(_("There is no incident here yet. /incident new TITLE declares one.")),)
    return (Heading(_("Incidents:")), cards.listed(shown, here))


def _choices(context: Context, shown: Sequence[Incident]) -> list[Button]:
    mine = (context.actor.account,)
    return [Button(name, line, only=mine) for name, line in map(choice, shown)]


def _declare(context: Context) -> Button:
    return Button(_("New incident"), "/incident new", only=(context.actor.account,))
