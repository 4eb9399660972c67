"""`/brief`: what is known, at the times that people set, acknowledged by name."""

from __future__ import annotations

from datetime import timedelta

from handlers import issuing
from handlers.cards import briefing as cards, incident as incidents
from handlers.context import Context
from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Para, say
from handlers.families.incident import WHICH
from handlers.grammar.durations import duration_at
from handlers.marking import Mark, Marks
from handlers.meant import somebody
from handlers.permission import require
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.ringing import Rings
from handlers.values import Args, Kind, Named, Person
from storage.tables import Briefing, Incident
from workflows.briefings import moments, recipients, service
from workflows.briefings.composed import Composed, Part
from workflows.briefings.recipients import EVERYBODY, To
from workflows.errors import Refusal
from workflows.incidents.scene import rooms_of, to_act_in
from workflows.organisation.positions import ROLES
from workflows.text import Json, _

FAMILY = Family(Name("brief", "简报"), _("Briefings: now, by schedule, acknowledged by name"))

RECENT = 8

_HERE, _ROOMS = "here", "rooms"

TO = Arg(
    "to",
    "对象",
    Kind.PERSON,
    positional=False,
    many=True,
    aliases=("发给", "接收"),
    choices=(
        Choice(
            _ROOMS, _("every room of the incident"), ("rooms", "全部频道", "all", "全体", "所有")
        ),
        Choice(_HERE, _("this room"), ("here", "本频道", "这里", "本群")),
        *(Choice(each.code, each.title, each.names) for each in ROLES.values()),
    ),
    example=("commander,safety", "总指挥,安全官"),
)
REF = Arg(
    "briefing",
    "简报",
    Kind.REFERENCE,
    letters="B",
    example=("B7", "B7"),
)
WHOSE = Arg(
    "briefing",
    "简报",
    Kind.REFERENCE,
    required=True,
    letters="B",
    question=_("Which schedule?"),
    example=("B7", "B7"),
)


@command(
    FAMILY,
    None,
    WHICH,
    allow="reader",
    summary=_("Show the briefings and when the next ones are due"),
    examples=("/brief", "/简报"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """As `list`."""
    return await list_all.run(context, args)


@command(
    FAMILY,
    Name("now", "立即", ("make", "生成", "现在")),
    TO,
    WHICH,
    allow="staff",
    summary=_("Make a briefing from the record now, in each room's language"),
    examples=("/brief now", "/简报 立即"),
)
async def now(context: Context, args: Args) -> Document:
    """It is said where it goes; a new weather forecast is waited for a few seconds."""
    incident = await to_act_in(context.uow, (await context.incident()).id)
    to = await _recipients(context, incident, args)
    forecast, coming = issuing.forecast(context.means, incident, context.now)
    if coming:
        await context.uow.timers.set(
            issuing.NOW,
            f"{incident.id}.{context.message or context.actor.person_id}",
            context.now + issuing.FETCH,
            {"incident": incident.id, "to": [each.to_json() for each in to], "by": _by(context)},
        )
        context.narrow()
        return say(_("The weather is being asked for; the briefing follows in a moment."))
    issued = await service.issue(
        context.uow, incident, to, by=context.by(), now=context.now, weather=forecast
    )
    await issuing.send(context.uow, context.actions, issued)
    context.narrow()
    reference = f"B{issued.row.number}"
    return say(_("Briefing {reference} is on its way.", reference=reference))


@command(
    FAMILY,
    Name("schedule", "定时", ("plan", "安排", "计划")),
    Arg("every", "每", Kind.TEXT, positional=False, leads=("every",), aliases=("每隔", "间隔"),
        example=("12h", "12小时")),
    Arg("at", "时间", Kind.TIME, positional=False, many=True, leads=("at",), aliases=("时刻",),
        example=("07:30,19:30", "07:30,19:30")),
    Arg("before", "提前", Kind.TEXT, positional=False, leads=("before",), aliases=("之前",),
        example=("period", "周期")),
    TO,
    WHICH,
    allow="staff",
    summary=_("Set when briefings are sent: again and again, at times of day, before each period"),
    examples=(
        "/brief schedule at=07:30,19:30 to=rooms,safety",
        "/简报 定时 时间=07:30,19:30 对象=全部频道,安全官",
    ),
)  # fmt: skip
async def schedule(context: Context, args: Args) -> Document:
    """The reply tells when the first one is due."""
    incident = await context.incident()
    to = await _recipients(context, incident, args)
    wanted = service.Wanted(
        every=_length(args.optional_text("every")),
        at=tuple(each.at for each in args.times("at")),
        before=_ahead(args.optional_text("before")),
    )
    made = await service.plan(
        context.uow, incident.id, wanted, to, by=context.by(), now=context.now
    )
    stop = Button(_("Stop it"), f"/brief stop I{incident.id}-B{made.number}")
    heading = Heading(_("Briefings are set: {incident}", incident=incidents.name(incident)))
    return Document((heading, Para(await cards.schedule(context.uow, made))), (stop,))


@command(
    FAMILY,
    Name("stop", "停止", ("停发", "取消", "cancel")),
    WHOSE,
    allow="staff",
    summary=_("Stop the briefings of a schedule"),
    examples=("/brief stop B7", "/简报 停止 B7"),
)
async def stop(context: Context, args: Args) -> Document:
    """None comes any more."""
    incident = await context.incident()
    number = args.reference("briefing").number
    ended = await service.stop(context.uow, incident.id, number, by=context.by(), now=context.now)
    text = _(
        "{name} stopped briefings {reference}",
        name=context.actor.name,
        reference=f"B{ended.number}",
    )
    return say(text)


@command(
    FAMILY,
    Name("ack", "收到", ("acknowledge", "已阅")),
    REF,
    WHICH,
    allow="reader",
    summary=_("Acknowledge a briefing, the last one if none is named; ✅ on it does the same"),
    examples=("/brief ack B7", "/简报 收到 B7"),
)
async def ack(context: Context, args: Args) -> Document:
    """The card names who has taken note."""
    context.narrow()
    given = args.optional_reference("briefing")
    incident = await context.incident()
    row, new = await _acknowledged(context, incident, None if given is None else given.number)
    reference = f"B{row.number}"
    if not new:
        return say(_("You have acknowledged {reference} already.", reference=reference))
    name = context.actor.name
    return say(_("{name} acknowledged briefing {reference}", name=name, reference=reference))


@command(
    FAMILY,
    Name("show", "查看"),
    REF,
    Arg(
        "part",
        "部分",
        Kind.CHOICE,
        positional=False,
        choices=(
            Choice("all", _("all parts"), ("all", "全部")),
            *(Choice(str(each), cards.PARTS[each], cards.PART_NAMES[each]) for each in Part),
        ),
    ),
    WHICH,
    allow="reader",
    summary=_("Show a briefing again, or one part of it in detail"),
    examples=("/brief show B7 part=orders", "/简报 查看 B7 部分=指令"),
)
async def show(context: Context, args: Args) -> Document:
    """As it was composed; the last one if none is named."""
    context.narrow()
    given = args.optional_reference("briefing")
    incident = await context.incident()
    row = await service.named(context.uow, incident.id, None if given is None else given.number)
    composed = Composed.from_json(row.content)
    part = args.optional_text("part")
    if part is None:
        return cards.card(row, composed, await service.noted(context.uow, row))
    return cards.details(row, composed, None if part == "all" else Part(part))


@command(
    FAMILY,
    Name("list", "列表"),
    WHICH,
    allow="reader",
    summary=_("List the schedules, and the last briefings with who has acknowledged them"),
    examples=("/brief list", "/简报 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """What is due and what was sent."""
    context.narrow()
    incident = await context.incident()
    uow = context.uow
    blocks: list[Block] = [Heading(_("Briefings: {incident}", incident=incidents.name(incident)))]
    running = await uow.briefings.schedules(incident.id, running=True)
    if running:
        blocks.append(Bullets(tuple([await cards.schedule(uow, each) for each in running])))
    else:
        blocks.append(Para(_("No schedule is set. /brief schedule at=07:30,19:30 sets one.")))
    sent = await uow.briefings.latest(incident.id, limit=RECENT)
    if sent:
        blocks.append(Para(Bold(_("Sent last:"))))
        blocks.append(Bullets(tuple([await cards.listed(uow, each) for each in sent])))
    buttons = [Button(_("Briefing now"), f"/brief now incident=I{incident.id}")]
    buttons += [
        Button(f"B{each.number}", f"/brief show I{incident.id}-B{each.number}") for each in sent[:3]
    ]
    return Document(tuple(blocks), tuple(buttons))


async def marked(mark: Mark) -> Document | None:
    """✅ or 👀 on the card; taking it off does not take the acknowledgement back."""
    if mark.put and mark.thing is not None:
        await require(mark.context, "reader")
        await _acknowledged(mark.context, await mark.context.incident(), mark.thing)
    return None


MARKS: Marks = {(emoji, "B"): marked for emoji in ("✅", "👀", "👍", "👌")}
"""Telegram offers no ✅ as a reaction."""


RINGS: Rings = {
    service.DUE: issuing.rung,
    issuing.NOW: issuing.asked,
    service.UNREAD: issuing.unread,
}


async def _acknowledged(
    context: Context, incident: Incident, number: int | None
) -> tuple[Briefing, bool]:
    row, new = await service.acknowledge(
        context.uow, incident, number, by=context.by(), now=context.now
    )
    if new:
        await cards.refresh(context.uow, context.actions, row)
    return row, new


def _by(context: Context) -> list[Json]:
    by = context.by()
    return [by.person_id, by.account, by.name, by.agency, by.room]


async def _recipients(context: Context, incident: Incident, args: Args) -> tuple[To, ...]:
    found = [await _recipient(context, incident, each) for each in args.people("to")]
    return tuple(dict.fromkeys(found)) or EVERYBODY


async def _recipient(context: Context, incident: Incident, named: Person) -> To:
    """One recipient. Raises `Refusal` for who is unknown, and for a role that nobody knows."""
    if named.named is Named.ROLE:
        if named.value == _ROOMS:
            return EVERYBODY[0]
        if named.value == _HERE:
            if context.place.private:
                return To(recipients.Kind.PERSON, str(context.actor.person_id))
            return To(recipients.Kind.ROOM, context.place.id)
        return To(recipients.Kind.ROLE, f"{named.value}/")
    if named.named is Named.NAME:
        agency = await context.uow.agencies.named(named.value)
        if agency is not None:
            return To(recipients.Kind.AGENCY, agency.short)
        for room in await rooms_of(context.uow, incident.id):
            known = await context.uow.rooms.get(room)
            if known is not None and known.title == named.value:
                return To(recipients.Kind.ROOM, room)
    return To(recipients.Kind.PERSON, str((await somebody(context, named)).id))


def _length(typed: str | None) -> timedelta | None:
    """A time between two briefings as typed. Raises `Refusal` (`briefing-every`)."""
    if typed is None:
        return None
    plain = typed.strip().casefold().removeprefix("每").removeprefix("隔")
    found = duration_at(plain, 0, len(plain))
    if found is None or found[1] != len(plain):
        return moments.step(timedelta(0))
    return moments.step(found[0])


_PERIOD = frozenset({"period", "periods", "周期", "行动周期", "每个周期", "each period"})


def _ahead(typed: str | None) -> timedelta | None:
    """How long before each operational period. Raises `Refusal` (`briefing-before`)."""
    if typed is None:
        return None
    plain = typed.strip().casefold()
    if plain in _PERIOD:
        return moments.BEFORE
    found = duration_at(plain, 0, len(plain))
    if found is None or found[1] != len(plain):
        raise Refusal(
            "briefing-before",
            _("“{text}” is no time before a period: before=period or before=30m.",
              text=typed[:40]),
        )  # fmt: skip
    return found[0]
