"""`/incident`: from its declaration to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers.cards import incident as cards
from handlers.cards.labels import (
    COLOUR_NAMES,
    COLOURS,
    EVENT_LEVELS,
    RESPONSE_LEVELS,
    TYPE_NAMES,
    TYPES,
)
from handlers.cards.ledger import post_head
from handlers.context import Context, Scope
from handlers.document import Block, Button, Document, Heading, Para, say
from handlers.meant import place_meant
from handlers.permission import may, require
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind
from storage.tables import Incident
from workflows.errors import Refusal
from workflows.incidents import opening, roster, rules, service, zones
from workflows.incidents.scene import OFFERED, choice, meant
from workflows.sitreps import running
from workflows.text import Json, Msg, _, ngettext

FAMILY = Family(Name("incident", "事件"), _("Incidents: declare, show, change, close"))

WHICH = Arg("incident", "事件", Kind.REFERENCE, letters="I", positional=False, example=("I3", "I3"))
THIS = Arg("incident", "事件", Kind.REFERENCE, letters="I", example=("I3", "I3"))
REASON = Arg("reason", "原因", Kind.TEXT, example=("valve shut", "阀门已关"))


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
    card = await cards.card(context.uow, made, context.now)
    if where is None or where.given is None:
        return card
    told = _("The coordinates were converted from {datum} to WGS 84.", datum=where.datum.value)
    return replace(card, blocks=(*card.blocks, Para(told)))


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
    if (code := args.optional_text("level")) is not None:
        values["event_level"] = code
        told.append(_("event level {level}", level=EVENT_LEVELS[code]))
    if (code := args.optional_text("response")) is not None:
        values["response_level"] = code
        told.append(RESPONSE_LEVELS[code])
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
    return await _announced(context, changed, text)


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
    return await _announced(context, changed, text)


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
    return await _announced(context, changed, text)


@command(
    FAMILY,
    Name("activate", "启动"),
    WHICH,
    allow="command",
    summary=_("The incident is being worked on"),
    examples=("/incident activate", "/事件 启动"),
)
async def activate(context: Context, args: Args) -> Document:
    """Declared or contained: now active."""
    return await _moved(context, rules.Event.ACTIVATE, None)


@command(
    FAMILY,
    Name("contain", "受控"),
    REASON,
    WHICH,
    allow="command",
    summary=_("The incident is contained: it grows no further"),
    examples=("/incident contain valve shut", "/事件 受控 阀门已关"),
)
async def contain(context: Context, args: Args) -> Document:
    """Declared or active: now contained."""
    return await _moved(context, rules.Event.CONTAIN, args.optional_text("reason"))


@command(
    FAMILY,
    Name("close", "关闭", ("结束",)),
    REASON,
    WHICH,
    allow="command",
    summary=_("Close the incident; it can be reopened"),
    examples=("/incident close all units returned", "/事件 关闭 人员已全部撤回"),
)
async def close(context: Context, args: Args) -> Document:
    """It is over."""
    return await _moved(context, rules.Event.CLOSE, args.optional_text("reason"))


@command(
    FAMILY,
    Name("reopen", "重开", ("重启",)),
    Arg(
        "reason",
        "原因",
        Kind.TEXT,
        required=True,
        question=_("Why is it reopened?"),
        example=("leaking again", "再次泄漏"),
    ),
    WHICH,
    allow="command",
    summary=_("Go on with a closed incident"),
    examples=("/incident reopen leaking again", "/事件 重开 再次泄漏"),
)
async def reopen(context: Context, args: Args) -> Document:
    """Closed: active again."""
    return await _moved(context, rules.Event.REOPEN, args.text("reason"))


@command(
    FAMILY,
    Name("merge", "合并"),
    Arg(
        "other",
        "重复",
        Kind.REFERENCE,
        letters="I",
        required=True,
        question=_("Which incident is the duplicate that this one takes over?"),
        example=("I4", "I4"),
    ),
    WHICH,
    allow="command",
    summary=_("Let this incident take over a duplicate, history and rooms"),
    examples=("/incident merge I4", "/事件 合并 I4"),
)
async def merge(context: Context, args: Args) -> Document:
    """The duplicate's rooms are about this one from now on."""
    kept = await context.incident()
    other = await meant(context.uow, context.place.id, args.reference("other").number)
    await require(context.about(other), "command-anywhere")
    kept, gone = await service.merge(
        context.uow, kept.id, other.id, by=context.by(), now=context.now
    )
    await cards.refresh(context.uow, context.actions, gone, context.now)
    return await _announced(
        context,
        kept,
        _(
            "{other} “{title}” is now part of {incident}.",
            other=f"I{gone.id}",
            title=gone.title,
            incident=cards.name(kept),
        ),
    )


async def _moved(context: Context, event: rules.Event, reason: str | None) -> Document:
    number = (await context.incident()).id
    changed = await service.move(
        context.uow, number, event, reason, by=context.by(), now=context.now
    )
    if reason is None:
        text = _(
            "{name}: the incident is {state}",
            name=context.actor.name,
            state=rules.STATES[rules.State(changed.state)],
        )
    else:
        text = _(
            "{name}: the incident is {state}. Reason: {reason}",
            name=context.actor.name,
            state=rules.STATES[rules.State(changed.state)],
            reason=rules.one_line(reason),
        )
    if event in (rules.Event.CLOSE, rules.Event.REOPEN):
        rooms = await context.rooms()
        await post_head(context.uow, context.actions, rooms)
        if event is rules.Event.CLOSE and rooms:
            await _still_there(context, changed, rooms)
    return await _announced(context, changed, text)


async def _still_there(context: Context, incident: Incident, rooms: tuple[str, ...]) -> None:
    """Nobody and nothing is forgotten on scene when an incident is closed."""
    open_ = await context.uow.requests.all(incident.id, open_only=True)
    if open_:
        text = _(
            "Closed, and not settled: {requests}. To say what became of them: /incident reopen.",
            requests=tuple(f"R{each.number}" for each in open_),
        )
        await context.actions.tell(context.uow, rooms, say(text))
    there = await roster.present(context.uow, incident, context.now)
    if there:
        names = tuple(each.name for each in there)
        text = _("Closed, and still checked in: {names}. Who has left: /checkout.", names=names)
        await context.actions.tell(context.uow, rooms, say(text))


async def _announced(context: Context, incident: Incident, text: Msg) -> Document:
    """The card is brought up to date, and the change is told in every room of the incident."""
    context.scope = Scope.INCIDENT
    await running.review(context.uow, incident, context.means.shelf, now=context.now)
    await cards.refresh(context.uow, context.actions, incident, context.now)
    return Document((Heading(cards.name(incident)), Para(text)))


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
        return Document(_lines(shown))
    open_ = await context.uow.incidents.open(OFFERED)
    shown = await context.uow.incidents.latest()
    return Document(_lines(shown), (*_choices(context, open_), _declare(context)))


def _lines(shown: Sequence[Incident]) -> tuple[Block, ...]:
    if not shown:
        return (Para(_("There is no incident here yet. /incident new TITLE declares one.")),)
    return (Heading(_("Incidents:")), cards.listed(shown))


def _choices(context: Context, shown: Sequence[Incident]) -> list[Button]:
    mine = (context.actor.account,)
    return [Button(name, line, only=mine) for name, line in map(choice, shown)]


def _declare(context: Context) -> Button:
    return Button(_("New incident"), "/incident new", only=(context.actor.account,))
