"""`/period`: the operational periods of an incident, what slips in them, and its tier."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from handlers.cards import objective as objectives, period as cards, slipping
from handlers.cards.ledger import post_head
from handlers.context import Context, Scope
from handlers.document import Block, Bold, Bullets, Button, Document, Para, say
from handlers.families.incident import WHICH
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind
from storage.tables import Incident, Period
from workflows.briefings.service import follow
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.rules import OVER
from workflows.incidents.scene import rooms_of
from workflows.objectives.rules import TIERS
from workflows.periods import meetings, rules, service, tiers
from workflows.periods.cycle import cycle
from workflows.periods.rules import State
from workflows.text import Msg, _

FAMILY = Family(Name("period", "周期"), _("Operational periods: begin, go on, end"))

LIANZHI = By(None, None, "Lianzhi")

NEAR = timedelta(minutes=30)
"""So shortly before its end a period goes on to the next without being asked again."""

HOURS = Arg("hours", "小时", Kind.NUMBER, aliases=("小时数",), example=("12", "12"))
LENGTH = Arg("length", "时长", Kind.DURATION, example=("12h", "12小时"))
AT = Arg(
    "at",
    "开始",
    Kind.TIME,
    positional=False,
    when="any",
    leads=("at", "from"),
    aliases=("时间", "从"),
    example=("20:00", "20:00"),
)
REFERENCE = Arg("period", "周期", Kind.REFERENCE, letters="P", example=("P2", "P2"))


@command(
    FAMILY,
    None,
    allow="reader",
    summary=_("Show the period that runs and what comes next"),
    examples=("/period", "/周期"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """As `show`."""
    return await _shown(context, None)


@command(
    FAMILY,
    Name("start", "开始", ("begin", "启动")),
    HOURS,
    LENGTH,
    AT,
    WHICH,
    allow="periods",
    summary=_("Begin an operational period; the next follows by itself, with its meetings"),
    examples=("/period start hours=12", "/周期 开始 小时=12"),
)
async def start(context: Context, args: Args) -> Document:
    """It runs, and the next one of the same length is planned with its meetings."""
    incident = await context.incident()
    at = args.optional_time("at")
    made = await service.start(
        context.uow,
        incident.id,
        rules.length(_length(args)),
        None if at is None else at.at,
        cycle=cycle(context.means.shelf),
        by=context.by(),
        now=context.now,
    )
    await follow(context.uow, incident, context.now)
    context.scope = Scope.INCIDENT
    return await cards.card(context.uow, incident, made)


def _length(args: Args) -> timedelta | None:
    hours = args.optional_number("hours")
    if hours is not None:
        # A number of any size is told apart from a sensible one, not turned into a date.
        return timedelta(hours=float(min(hours, Decimal(1000))))
    return args.optional_duration("length")


@command(
    FAMILY,
    Name("show", "查看"),
    REFERENCE,
    WHICH,
    allow="reader",
    summary=_("Show a period: what it took over, its meetings, what follows"),
    examples=("/period show P2", "/周期 查看 P2"),
)
async def show(context: Context, args: Args) -> Document:
    """The card of that period, of the one that runs, or of the last."""
    reference = args.optional_reference("period")
    return await _shown(context, None if reference is None else reference.number)


async def _shown(context: Context, number: int | None) -> Document:
    incident = await context.incident()
    periods = context.uow.periods
    if number is None:
        found = await periods.current(incident.id) or await periods.planned(incident.id)
        if found is None:
            known = await periods.all(incident.id)
            found = known[-1] if known else None
    else:
        found = await periods.get(incident.id, number)
    if found is not None:
        return await cards.card(context.uow, incident, found)
    if number is None:
        text: Msg = _("No period runs, and none is planned. /period start begins one.")
        start_it = Button(_("Begin the first period"), f"/period start incident=I{incident.id}")
        return say(text, buttons=(start_it,))
    raise Refusal(
        "period-unknown",
        _(
            "There is no period {reference} in {incident}. /period list shows those there are.",
            reference=f"P{number}",
            incident=f"I{incident.id}",
        ),
    )


@command(
    FAMILY,
    Name("list", "列表"),
    WHICH,
    allow="reader",
    summary=_("List the periods of the incident"),
    examples=("/period list", "/周期 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Each on a line."""
    context.narrow()
    incident = await context.incident()
    if not await context.uow.periods.all(incident.id):
        return await _shown(context, None)
    return await cards.listed(context.uow, incident, context.now)


@command(
    FAMILY,
    Name("next", "下一个", ("下一周期", "转入")),
    Arg(
        "when",
        "何时",
        Kind.CHOICE,
        choices=(
            Choice("now", _("now"), ("now", "现在", "立即", "马上")),
            Choice("planned", _("as planned"), ("planned", "按计划")),
        ),
    ),
    HOURS,
    LENGTH,
    AT,
    WHICH,
    allow="periods",
    summary=_("Go on to the next period, or change when it begins and how long it lasts"),
    examples=("/period next at=20:00 hours=8", "/周期 下一个 开始=20:00 小时=8"),
)
async def go_on(context: Context, args: Args) -> Document:
    """Now, at a time, or of another length; with nothing said and time left, it asks which."""
    incident = await context.incident()
    at, length = args.optional_time("at"), _length(args)
    shelf = context.means.shelf
    if at is not None or length is not None:
        changed = await service.change_next(
            context.uow,
            incident.id,
            None if length is None else rules.length(length),
            None if at is None else at.at,
            cycle=cycle(shelf),
            by=context.by(),
            now=context.now,
        )
        await follow(context.uow, incident, context.now)
        context.scope = Scope.INCIDENT
        if args.optional_text("when") != "now":
            return await _told(context, incident, changed)
    said = args.optional_text("when")
    current = await context.uow.periods.current(incident.id)
    if current is not None and said is None and current.ends_at - context.now > NEAR:
        return await _asked(context, incident, current)
    if said == "planned":
        return await _shown(context, None)
    ended, begun = await service.go_on(
        context.uow, incident.id, cycle=cycle(shelf), by=context.by(), now=context.now
    )
    await follow(context.uow, incident, context.now)
    context.scope = Scope.INCIDENT
    if ended is not None:
        await cards.refresh(context.uow, context.actions, incident, ended)
        await post_head(context.uow, context.actions, await context.rooms())
    return await cards.card(context.uow, incident, begun)


async def _asked(context: Context, incident: Incident, current: Period) -> Document:
    planned = await context.uow.periods.planned(incident.id)
    if planned is None:
        return await _shown(context, None)
    context.narrow()
    which = f"incident=I{incident.id}"
    return say(
        _(
            "{current} runs until {time}. Is {following} to begin now, or as planned?",
            current=f"P{current.number}",
            time=current.ends_at,
            following=f"P{planned.number}",
        ),
        _("Another time or length: /period next at=20:00 hours=8"),
        buttons=(
            Button(_("Begin now"), f"/period next now {which}"),
            Button(_("As planned"), f"/period next planned {which}"),
        ),
    )


async def _told(context: Context, incident: Incident, changed: Period) -> Document:
    """The cards are brought up to date, and the change is told in every room."""
    shown = await context.uow.periods.current(incident.id) or changed
    await cards.refresh(context.uow, context.actions, incident, shown)
    text = _(
        "{name}: {reference} is now from {starts} to {ends}",
        name=context.actor.name,
        reference=f"P{changed.number}",
        starts=changed.starts_at,
        ends=changed.ends_at,
    )
    return Document((Para(text),))


@command(
    FAMILY,
    Name("end", "结束", ("stop",)),
    WHICH,
    allow="periods",
    summary=_("End the period without a next one: the operation pauses or is over"),
    examples=("/period end", "/周期 结束"),
)
async def end(context: Context, args: Args) -> Document:
    """It has ended, what was planned is cancelled, and the head of the ledger is posted."""
    incident = await context.incident()
    planned = await context.uow.periods.planned(incident.id)
    prepared = [] if planned is None else await meetings.ahead(context.uow, planned)
    over = await service.finish(context.uow, incident.id, by=context.by(), now=context.now)
    await follow(context.uow, incident, context.now)
    context.scope = Scope.INCIDENT
    await post_head(context.uow, context.actions, await context.rooms())
    document = await cards.card(context.uow, incident, over)
    rest: list[Block] = []
    if prepared:
        gone = tuple(_("{time} {meeting}", time=at, meeting=name) for at, name in prepared)
        rest += [Para(Bold(_("These meetings fall away:"))), Bullets(gone)]
    if still := cards.things(await service.open_things(context.uow, incident.id)):
        rest += [Para(Bold(_("Still open:"))), Bullets(still)]
    return Document((*document.blocks, *rest), document.buttons, document.card)


@command(
    FAMILY,
    Name("tier", "层级", ("阶段",)),
    Arg(
        "tier",
        "层级",
        Kind.CHOICE,
        required=True,
        question=_("What is the incident about from now on?"),
        choices=tuple(
            Choice(code, objectives.TIERS[code], objectives.TIER_NAMES[code]) for code in TIERS
        ),
    ),
    Arg(
        "reason",
        "原因",
        Kind.TEXT,
        required=True,
        question=_("Why now? The decision stands in the record."),
        example=("everybody is out", "被困人员已全部救出"),
    ),
    WHICH,
    allow="command",
    summary=_("Decide that the incident is about rescue, resettlement or reconstruction"),
    examples=(
        "/period tier resettlement everybody is out",
        "/周期 层级 安置 被困人员已全部救出",
    ),
)
async def tier(context: Context, args: Args) -> Document:
    """The decision with its reason, and what of the old tier is still open."""
    incident = await context.incident()
    made = await tiers.decide(
        context.uow,
        incident.id,
        args.text("tier"),
        args.text("reason"),
        by=context.by(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    current = await context.uow.periods.current(incident.id)
    if current is not None:
        await cards.refresh(context.uow, context.actions, incident, current)
    change = made.change
    text = _(
        "{name} decided: from {before} to {after}. Reason: {reason}",
        name=context.actor.name,
        before=objectives.TIERS[change.before],
        after=objectives.TIERS[change.tier],
        reason=change.reason,
    )
    lines: list[Msg] = [text]
    if made.left_open:
        lines.append(
            _(
                "Still open from {tier}: {references}. They go on.",
                tier=objectives.TIERS[change.before],
                references=tuple(f"O{each.number}" for each in made.left_open),
            )
        )
    return say(lines[0], *lines[1:])


@command(
    FAMILY,
    Name("compare", "对照", ("check", "检查")),
    WHICH,
    allow="reader",
    summary=_("Compare the objectives with the time that has passed, with proposals"),
    examples=("/period compare", "/周期 对照"),
)
async def compare(context: Context, args: Args) -> Document:
    """As it is said at each tactics meeting."""
    incident = await context.incident()
    document, _slips = await slipping.compared(
        context.uow, incident, cycle(context.means.shelf), context.now
    )
    return document


async def turned(wake: Wake) -> None:
    """The moment of a period has come: one ends and the next begins, also if that is late."""
    uow, now = wake.uow, wake.now
    known = await uow.periods.by_id(int(wake.timer.subject))
    if known is None:
        return
    incident = await uow.incidents.locked(known.incident_id)
    period = await uow.periods.by_id(int(wake.timer.subject))
    if incident is None or period is None:
        return
    if incident.state in OVER:
        await _wound_up(wake, incident, period)
        return
    before = await uow.periods.current(incident.id)
    runs = await service.turn(
        uow, period, incident, cycle=cycle(wake.means.shelf), by=LIANZHI, now=now
    )
    if runs is None:
        return
    await follow(uow, incident, now)
    rooms = await rooms_of(uow, incident.id)
    if before is not None:
        await cards.refresh(uow, wake.actions, incident, before)
        await post_head(uow, wake.actions, rooms)
    document = await cards.card(uow, incident, runs)
    moment = runs.starts_at if runs.state == State.RUNNING else runs.ends_at
    if now - moment > service.LATE:
        late = _("⏰ Late: this was due at {time}.", time=moment)
        document = Document((Para(late), *document.blocks), document.buttons, document.card)
    if rooms:
        await wake.actions.tell(uow, rooms, document)


async def _wound_up(wake: Wake, incident: Incident, period: Period) -> None:
    """The incident is over: its period ends where it was to end, and no other begins."""
    uow, now = wake.uow, wake.now
    if period.state == State.RUNNING:
        await service.end(uow, incident, period, period.ends_at, by=LIANZHI, now=now)
    planned = await uow.periods.planned(incident.id)
    if planned is not None:
        await service.cancel(uow, incident, planned, by=LIANZHI, now=now)


RINGS: Rings = {service.TURN: turned}
