"""`/request pack`: what an incident of this type and level needs first, asked for by one tap."""

from __future__ import annotations

from decimal import Decimal

from handlers.cards import pack as cards, request
from handlers.cards.labels import TYPE_NAMES, TYPES
from handlers.context import Context, Scope
from handlers.document import Button, Document, say
from handlers.escalating import tell_all
from handlers.families.incident import WHICH
from handlers.families.request import FAMILY
from handlers.families.request_telling import acting
from handlers.registry import Arg, Choice, Language, Name, command
from handlers.values import Args, Kind
from storage import UnitOfWork
from storage.tables import Incident
from workflows.incidents import rules
from workflows.incidents.rules import LEVELS
from workflows.organisation.scene import scene
from workflows.requests import amounts, packing, service
from workflows.requests.packing import Pack
from workflows.requests.waiting import people_of, waits
from workflows.text import _


@command(
    FAMILY,
    Name("pack", "清单", ("标配", "物资清单")),
    Arg("level", "等级", Kind.LEVEL, aliases=("级别",), example=("III", "III")),
    Arg(
        "type",
        "类型",
        Kind.CHOICE,
        positional=False,
        choices=tuple(Choice(code, TYPES[code], TYPE_NAMES[code]) for code in rules.TYPES),
    ),
    Arg("change", "调整", Kind.WORD, positional=False, many=True, aliases=("改",),
        example=("3:250,5:0", "3:250,5:0")),
    Arg("edit", "逐项", Kind.INTEGER, positional=False, minimum=1, maximum=99,
        example=("3", "3")),
    Arg("accept", "确认", Kind.YES, positional=False, example=("yes", "是")),
    WHICH,
    allow="incident-member",
    summary=_("Propose what this type and level need first; one tap asks for it"),
    examples=("/request pack III", "/需求 清单 III 类型=洪涝"),
)  # fmt: skip
async def pack(context: Context, args: Args) -> Document:
    """The proposal, one line of it to be changed, or the request that it becomes."""
    incident = await context.incident()
    found = packing.packs(context.means.shelf)
    kind = args.optional_text("type") or incident.type
    if kind is None or kind not in found:
        return _choose(context, found, incident)
    level = args.optional_text("level") or incident.event_level
    if level is None:
        return _levels(context, kind, incident)
    chosen = found[kind]
    changed = packing.changes(args.texts("change"), chosen)
    lines = packing.proposal(chosen, level, await _asked(context.uow, incident), changed)
    if "accept" in args and args.yes("accept"):
        return await _made(context, incident, chosen, lines)
    context.narrow()
    draft = cards.Draft(incident.id, chosen, level, lines, changed)
    number = args.optional_integer("edit")
    return cards.document(draft) if number is None else cards.editing(draft, number)


def _choose(context: Context, found: dict[str, Pack], incident: Incident) -> Document:
    context.narrow()
    buttons = tuple(
        Button(each.title, f"/request pack type={each.type} incident=I{incident.id}")
        for each in found.values()
        if each.type in TYPES
    )
    if incident.type is None:
        return say(_("What kind of incident is it? There are lists for these:"), buttons=buttons)
    return say(
        _("There is no list for {type}. There are lists for these:", type=TYPES[incident.type]),
        buttons=buttons,
    )


def _levels(context: Context, kind: str, incident: Incident) -> Document:
    context.narrow()
    buttons = tuple(
        Button(each, f"/request pack {each} type={kind} incident=I{incident.id}") for each in LEVELS
    )
    return say(_("For which event level?"), buttons=buttons)


async def _asked(uow: UnitOfWork, incident: Incident) -> dict[str, Decimal]:
    """How much of each kind was asked for and is not over."""
    found: dict[str, Decimal] = {}
    for _request, line in await uow.requests.open(incident.id):
        name = packing.fold(line.kind)
        count = Decimal(line.quantity - line.dropped) / amounts.STEP
        found[name] = found.get(name, Decimal(0)) + count
    return found


async def _made(
    context: Context, incident: Incident, chosen: Pack, lines: tuple[packing.Line, ...]
) -> Document:
    room = context.place.language
    language: Language = "en" if room == "en" else "both" if room == "both" else "zh"
    made = await service.make(
        context.uow,
        incident.id,
        service.Draft(packing.wanted(lines, language), priority=chosen.priority),
        await acting(context),
    )
    context.scope = Scope.INCIDENT
    document = await request.card(context.uow, made, context.now)
    there = await scene(context.uow, incident, context.now)
    waiting = people_of(await waits(context.uow, made, there))
    others = [each for each in waiting if each.id != context.actor.person_id]
    await tell_all(context.uow, context.actions, others, document)
    return document
