"""`/incident new` and what is known of an incident: its level, place, time zone, rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers.cards import incident as cards
from handlers.cards.labels import (
    COLOUR_NAMES,
    COLOURS,
    TYPE_NAMES,
    TYPES,
)
from handlers.context import Context, Scope
from handlers.document import Button, Document, Heading, Para, say
from handlers.meant import place_meant
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind
from storage.tables import Incident
from workflows.errors import Refusal
from workflows.incidents import opening, rules, service, zones
from workflows.sitreps import running
from workflows.text import Json, Msg, _, ngettext

FAMILY = Family(Name("incident", "事件"), _("Incidents: declare, show, change, close"))

WHICH = Arg("incident", "事件", Kind.REFERENCE, letters="I", positional=False, example=("I3", "I3"))
THIS = Arg("incident", "事件", Kind.REFERENCE, letters="I", example=("I3", "I3"))


@command(
    FAMILY,
    Name("new", "新建", ("declare", "上报")),
    Arg(
        "title",
        "标题",
        Kind.TEXT,
        required=True,
        question=_("What happened, and where?"),
        example=("Gas leak at valve 3", "3号阀室燃气泄漏"),
    ),
    Arg(
        "type",
        "类型",
        Kind.CHOICE,
        positional=False,
        ask=True,
        question=_("What kind of incident is it?"),
        choices=tuple(Choice(code, TYPES[code], TYPE_NAMES[code]) for code in rules.TYPES),
    ),
    Arg(
        "level",
        "等级",
        Kind.LEVEL,
        positional=False,
        ask=True,
        aliases=("级别",),
        question=_("Which event level?"),
        example=("III", "III"),
    ),
    Arg(
        "place",
        "地点",
        Kind.PLACE,
        positional=False,
        ask=True,
        aliases=("位置",),
        question=_("Where is it? Words or coordinates."),
        example=("North shore, valve 3", "北岸3号阀室"),
    ),
    Arg(
        "at",
        "时间",
        Kind.TIME,
        positional=False,
        when="past",
        aliases=("发生",),
        example=("13:40", "13:40"),
    ),
    Arg("room", "频道", Kind.YES, positional=False, example=("yes", "是")),
    Arg("zone", "时区", Kind.TEXT, positional=False, example=("Urumqi", "乌鲁木齐")),
    allow="member",
    summary=_("Declare an incident; whoever declares it commands it until it is handed over"),
    examples=(
        "/incident new Gas leak at valve 3 type=pipeline level=III place=north shore",
        "/事件 新建 3号阀室燃气泄漏 类型=管道泄漏 等级=III 地点=北岸",
    ),
)
async def new(context: Context, args: Args) -> Document:
    """A new incident with its card in this room and those linked to it."""
    where = await place_meant(context, args.optional_place("place"))
    began, zone = args.optional_time("at"), args.optional_text("zone")
    here = context.place
    rooms = [] if here.private else await context.uow.incidents.bridged([here.id])
    before = [(each, await context.uow.incidents.current(each)) for each in rooms or [here.id]]
    made = await service.declare(
        context.uow,
        service.Declaration(
            title=args.text("title"),
            type=args.optional_text("type"),
            event_level=args.optional_text("level"),
            place=None if where is None else where.words or str(where.point),
            lat=None if where is None else where.lat,
            lon=None if where is None else where.lon,
            started_at=None if began is None else began.at,
        ),
        rooms=rooms,
        by=context.by(),
        zone=context.zone if zone is None else zones.zone(context.means.shelf, zone),
        now=context.now,
    )
    shelf = context.means.shelf
    await running.begin(context.uow, made, shelf, by=context.by(), now=context.now)
    if here.private:
        await context.uow.incidents.choose([here.id], made.id, context.now)
    if "room" in args and args.yes("room"):
        await opening.wish(context.uow, made.id, rooms, by=context.by(), now=context.now)
    await _left(context, before, made)
    card = await cards.card(context.uow, made, context.now)
    if where is None or where.given is None:
        return card
    told = _("The coordinates were converted from {datum} to WGS 84.", datum=where.datum.value)
    return replace(card, blocks=(*card.blocks, Para(told)))


async def _left(
    context: Context, before: Sequence[tuple[str, Incident | None]], made: Incident
) -> None:
    """Rooms that were about an open incident hear that they no longer are, and how to go back."""
    left: dict[int, tuple[str, list[str]]] = {}
    for room, incident in before:
        if incident is not None and incident.state not in rules.OVER:
            left.setdefault(incident.id, (cards.name(incident), []))[1].append(room)
    for number, (name, rooms) in left.items():
        text = _(
            "⚠ Until now this room was about {before}. From now on what is typed here is about "
            "{after}.",
            before=name,
            after=f"I{made.id}",
        )
        hint = _("For the other one put incident={reference} into the line, or go back.",
                 reference=f"I{number}")  # fmt: skip
        back = Button(_("Back to {reference}", reference=f"I{number}"), f"/incident use I{number}")
        await context.actions.tell(
            context.uow, tuple(rooms), Document((Para(text), Para(hint)), (back,))
        )


@command(
    FAMILY,
    Name("room", "频道"),
    WHICH,
    allow="command",
    summary=_("Open rooms for this incident alone: a topic, a Matrix room, bridged at once"),
    examples=("/incident room", "/事件 频道"),
)
async def room(context: Context, args: Args) -> Document:
    """Beside this room and each that is linked to it; those whom it concerns are invited."""
    here = context.place
    rooms = [] if here.private else await context.uow.incidents.bridged([here.id])
    wishes = await opening.wish(
        context.uow, (await context.incident()).id, rooms, by=context.by(), now=context.now
    )
    return say(
        ngettext("{n} room is being opened.", "{n} rooms are being opened.", len(wishes)),
    )


@command(
    FAMILY,
    Name("level", "定级"),
    Arg("level", "等级", Kind.LEVEL, aliases=("级别", "event"), example=("II", "II")),
    Arg("response", "响应", Kind.LEVEL, positional=False, example=("II", "II")),
    Arg(
        "warning",
        "预警",
        Kind.CHOICE,
        positional=False,
        choices=tuple(Choice(code, COLOURS[code], COLOUR_NAMES[code]) for code in rules.COLOURS),
    ),
    Arg("reason", "原因", Kind.TEXT, positional=False, example=("two injured", "两人受伤")),
    WHICH,
    allow="command",
    summary=_("Set event level, response level or warning colour, each for itself"),
    examples=("/incident level II response=III", "/事件 定级 II 响应=III 预警=橙"),
)
async def level(context: Context, args: Args) -> Document:
    """The three scales are set each for itself."""
    values: dict[str, Json] = {}
    told: list[Msg] = []
    event, response = args.optional_text("level"), args.optional_text("response")
    if event is not None:
        values["event_level"] = event
    if response is not None:
        values["response_level"] = response
    told += rules.graded(event, response)
    if (code := args.optional_text("warning")) is not None:
        values["warning"] = code
        told.append(COLOURS[code])
    if not values:
        raise Refusal(
            "level-none",
            _(
                "Say the level: /incident level II for the event, response=II for the response, "
                "warning=orange for the warning."
            ),
        )
    reason = args.optional_text("reason")
    why = None if reason is None else rules.reason(reason)
    text = _("{name} set: {levels}", name=context.actor.name, levels=tuple(told))
    if why is not None:
        text = _("{text}. Reason: {reason}", text=text, reason=why)
    changed = await service.change(
        context.uow,
        (await context.incident()).id,
        values,
        "incident.level",
        text,
        by=context.by(),
        now=context.now,
        params={"reason": why},
    )
    return await announced(context, changed, text)


@command(
    FAMILY,
    Name("place", "地点"),
    Arg("place", "位置", Kind.PLACE, example=("North shore, valve 3", "北岸3号阀室")),
    WHICH,
    allow="staff",
    summary=_("Say where it is: words, coordinates, or as a reply to a location"),
    examples=("/incident place 31.2304, 121.4737", "/事件 地点 北岸3号阀室"),
)
async def place(context: Context, args: Args) -> Document:
    """Words, degrees, or both by way of a location that was sent."""
    incident = await context.incident()
    where = await place_meant(context, args.optional_place("place"))
    if where is None:
        raise Refusal(
            "place-none",
            _("Say where: /incident place and words or coordinates, or answer a location with it."),
        )
    values: dict[str, Json] = {}
    if where.words is not None:
        values["place"] = rules.place(where.words)
    if where.point is not None:
        values |= {"lat": where.point.lat, "lon": where.point.lon}
    text = _("{name} set the place: {place}", name=context.actor.name, place=where.shown)
    number = incident.id
    changed = await service.change(
        context.uow, number, values, "incident.place", text, by=context.by(), now=context.now
    )
    return await announced(context, changed, text)


@command(
    FAMILY,
    Name("zone", "时区", ("timezone",)),
    Arg("zone", "时区", Kind.TEXT, required=True, example=("Urumqi", "乌鲁木齐"),
        question=_("Whose time is it? A city such as Urumqi, or UTC+8.")),
    WHICH,
    allow="command",
    summary=_("Set the time zone in which the times of the incident are read and shown"),
    examples=("/incident zone Urumqi", "/事件 时区 乌鲁木齐"),
)  # fmt: skip
async def zone(context: Context, args: Args) -> Document:
    """Times are shown and typed in it from now on; what is planned stays at its moment."""
    wanted = zones.zone(context.means.shelf, args.text("zone"))
    number = (await context.incident()).id
    changed = await zones.set_zone(context.uow, number, wanted, by=context.by(), now=context.now)
    text = _("{name} set the time zone: {zone}. It is {time} there.", name=context.actor.name,
             zone=zones.named(wanted.key, context.now), time=context.now)  # fmt: skip
    return await announced(context, changed, text)


async def announced(context: Context, incident: Incident, text: Msg) -> Document:
    """The card is brought up to date, and the change is told in every room of the incident."""
    context.scope = Scope.INCIDENT
    await running.review(context.uow, incident, context.means.shelf, now=context.now)
    await cards.refresh(context.uow, context.actions, incident, context.now)
    return Document((Heading(cards.name(incident)), Para(text)))
