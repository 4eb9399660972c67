"""`/meeting`: the meetings of the planning cycle, from the reminder to the minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.cards import meeting as cards, period as periods, slipping
from handlers.context import Context, Scope
from handlers.document import Block, Bullets, Document, Heading, Para, Quote, Span, say
from handlers.families.incident import WHICH
from handlers.registry import Arg, Family, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind
from storage import UnitOfWork
from storage.tables import Incident, Meeting
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import OVER
from workflows.incidents.scene import rooms_of, to_act_in
from workflows.periods import meetings
from workflows.periods.cycle import KNOWN, Cycle, cycle
from workflows.periods.meetings import BEGIN, GRACE, REMIND, title
from workflows.periods.rules import Held, Step
from workflows.periods.service import LATE
from workflows.text import Msg, _

FAMILY = Family(Name("meeting", "会议"), _("Meetings of the planning cycle: when, who, minutes"))

LIANZHI = By(None, None, "Lianzhi")

LATER = timedelta(minutes=30)

NAME = Arg(
    "name",
    "名称",
    Kind.TEXT,
    required=True,
    question=_("Which meeting? Its name or number, such as tactics or M3."),
    example=("tactics", "战术会议"),
    known=KNOWN,
)
OF = Arg("meeting", "会议", Kind.WORD, positional=False, example=("M3", "M3"), known=KNOWN)


@command(
    FAMILY,
    None,
    allow="reader",
    summary=_("Show the meetings to come"),
    examples=("/meeting", "/会议"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """As `list`."""
    return await list_all.run(context, args)


@command(
    FAMILY,
    Name("list", "列表"),
    WHICH,
    allow="reader",
    summary=_("List the meetings of this period and the next, and those without minutes"),
    examples=("/meeting list", "/会议 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """By period, with buttons for the next ones."""
    context.narrow()
    incident = await context.incident()
    blocks: list[Block] = [Heading(_("Meetings:"))]
    known = await context.uow.periods.meetings(incident.id)
    shown = [each for each in known if _matters(each, context.now)]
    for period in await context.uow.periods.all(incident.id):
        mine = [each for each in shown if each.period_id == period.id]
        if mine:
            blocks.append(Para(_("For {reference}, {when}", reference=f"P{period.number}",
                                 when=periods.when(period))))  # fmt: skip
            blocks.append(Bullets(tuple(cards.line(each) for each in mine)))
    if not shown:
        none = _("No meeting is planned. /period start begins a period and plans them.")
        return Document((Para(none),))
    coming = [each for each in shown if each.state == Held.PLANNED][:5]
    buttons = tuple(cards.open_button(incident, each) for each in coming)
    return Document(tuple(blocks), (*buttons, cards.calendar_button(incident)))


def _matters(meeting: Meeting, now: datetime) -> bool:
    """Whether something is still to be done about a meeting, or was done a short time ago."""
    recent = meeting.at > now - timedelta(hours=12)
    return meeting.state == Held.PLANNED or (recent and meeting.state != Held.CANCELLED)


@command(
    FAMILY,
    Name("show", "查看"),
    NAME,
    WHICH,
    allow="reader",
    summary=_("Show a meeting: who must attend, the agenda, what is ready and what is missing"),
    examples=("/meeting show tactics", "/会议 查看 战术会议"),
)
async def show(context: Context, args: Args) -> Document:
    """The card; from now on this one is kept up to date."""
    incident, meeting, _cycle = await _meant(context, args.text("name"))
    return await cards.card(context.uow, incident, meeting, context.now)


async def _meant(
    context: Context, typed: str, *, to_change: bool = False
) -> tuple[Incident, Meeting, Cycle]:
    incident = await context.incident()
    if to_change:
        # Held before the meeting is read: what somebody else is changing is seen as it will be.
        await to_act_in(context.uow, incident.id)
    known = cycle(context.means.shelf)
    return incident, await meetings.named(context.uow, incident.id, typed, known), known


@command(
    FAMILY,
    Name("move", "改期", ("提前",)),
    NAME,
    Arg(
        "to",
        "改到",
        Kind.TIME,
        required=True,
        question=_("When is it to be held?"),
        when="any",
        leads=("to", "at"),
        aliases=("时间", "到"),
        example=("15:30", "15:30"),
    ),
    WHICH,
    allow="periods",
    summary=_("Hold a meeting at another time, before the period that it prepares"),
    examples=("/meeting move tactics 15:30", "/会议 改期 战术会议 15:30"),
)
async def move(context: Context, args: Args) -> Document:
    """Those who must attend are told, and reminded anew."""
    return await _moved(context, args.text("name"), args.time("to").at)


@command(
    FAMILY,
    Name("postpone", "推迟", ("later", "延后")),
    NAME,
    Arg("for", "时长", Kind.DURATION, leads=("for",), example=("30min", "30分钟")),
    WHICH,
    allow="periods",
    summary=_("Hold a meeting half an hour later, or by as much as is said"),
    examples=("/meeting postpone tactics 1h", "/会议 推迟 战术会议 1小时"),
)
async def postpone(context: Context, args: Args) -> Document:
    """From its time, or from now if that is over."""
    return await _moved(context, args.text("name"), args.optional_duration("for") or LATER)


async def _moved(context: Context, typed: str, to: datetime | timedelta) -> Document:
    incident, meeting, known = await _meant(context, typed, to_change=True)
    was = meeting.at
    at = max(was, context.now) + to if isinstance(to, timedelta) else to
    await meetings.move(
        context.uow, incident.id, meeting, at, cycle=known, by=context.by(), now=context.now
    )
    text = _(
        "{name} moved the {meeting} from {before} to {after}",
        name=context.actor.name,
        meeting=title(meeting),
        before=was,
        after=at,
    )
    return await _announced(context, incident, meeting, text)


@command(
    FAMILY,
    Name("skip", "跳过", ("取消", "cancel")),
    NAME,
    Arg(
        "reason",
        "原因",
        Kind.TEXT,
        required=True,
        question=_("Why is it not held?"),
        example=("all agreed on the spot", "现场已商定"),
    ),
    WHICH,
    allow="periods",
    summary=_("Hold no such meeting this time"),
    examples=("/meeting skip strategy reason=all agreed", "/会议 跳过 战略会议 原因=现场已商定"),
)
async def skip(context: Context, args: Args) -> Document:
    """It is not held; those who were to attend are told."""
    incident, meeting, _known = await _meant(context, args.text("name"), to_change=True)
    await meetings.skip(
        context.uow, incident.id, meeting, args.text("reason"), by=context.by(), now=context.now
    )
    text = _(
        "{name} skipped the {meeting}. Reason: {reason}",
        name=context.actor.name,
        meeting=title(meeting),
        reason=meeting.reason or "",
    )
    return await _announced(context, incident, meeting, text)


async def _announced(context: Context, incident: Incident, meeting: Meeting, text: Msg) -> Document:
    """The card is brought up to date; the rooms, and who must attend, hear of the change."""
    uow = context.uow
    context.scope = Scope.INCIDENT
    rooms = await context.rooms()
    await context.actions.show(uow, rooms, await cards.card(uow, incident, meeting, context.now))
    for each in await meetings.attendees(uow, incident, meeting, context.now):
        assert each.person.id is not None
        if each.person.id != context.actor.person_id:
            await context.actions.tell_person(uow, each.person.id, say(text))
    return Document((Para(text),))


@command(
    FAMILY,
    Name("minutes", "纪要", ("record", "记录")),
    Arg(
        "text",
        "内容",
        Kind.TEXT,
        required=True,
        question=_("What was decided, and who does what?"),
        example=("Valve 3 first; Han brings foam", "先关3号阀；韩调泡沫"),
    ),
    OF,
    WHICH,
    allow="staff",
    summary=_("Write down what a meeting decided; it stands in the timeline"),
    examples=(
        "/meeting minutes Valve 3 first; Han brings foam",
        "/会议 纪要 先关3号阀；韩调泡沫",
    ),
)
async def minutes(context: Context, args: Args) -> Document:
    """Of the meeting that is named, whose card is answered, or that was held last."""
    incident = await to_act_in(context.uow, (await context.incident()).id)
    known = cycle(context.means.shelf)
    typed = args.optional_text("meeting") or await _replied(context)
    if typed is None:
        meeting = await meetings.latest(context.uow, incident.id, context.now)
    else:
        meeting = await meetings.named(context.uow, incident.id, typed, known)
    words = await meetings.minute(
        context.uow, incident.id, meeting, args.text("text"), by=context.by(), now=context.now
    )
    context.scope = Scope.INCIDENT
    rooms = await context.rooms()
    document = await cards.card(context.uow, incident, meeting, context.now)
    await context.actions.show(context.uow, rooms, document)
    text = _("{name}: minutes of the {meeting}", name=context.actor.name, meeting=title(meeting))
    return Document((Para(text), *(Quote(line) for line in words.splitlines())))


async def _replied(context: Context) -> str | None:
    """The number of the meeting whose card the command was typed in reply to."""
    if context.reply_to is None:
        return None
    shown = await context.uow.cards.of_message(context.reply_to)
    return None if shown is None or shown.letter != "M" else f"M{shown.number}"


async def _due(wake: Wake) -> tuple[Incident, Meeting] | None:
    """The meeting of a timer, if it is still to be held in an incident that goes on."""
    number = await wake.uow.periods.incident_of(int(wake.timer.subject))
    if number is None:
        return None
    incident = await wake.uow.incidents.locked(number)
    meeting = await wake.uow.periods.meeting_by_id(int(wake.timer.subject))
    if incident is None or incident.state in OVER or meeting is None:
        return None
    return (incident, meeting) if meeting.state == Held.PLANNED else None


async def remind(wake: Wake) -> None:
    """A meeting is near: each who must attend is told, with what is ready and what is missing."""
    uow, now = wake.uow, wake.now
    found = await _due(wake)
    if found is None or found[1].at <= now or found[1].reminded_at is not None:
        return
    incident, meeting = found
    meeting.reminded_at = now
    await uow.periods.save(meeting)
    changes = {"reminded_at": iso(now)}
    await meetings.note(uow, incident, meeting, "meeting.reminded", {**changes}, now=now)
    soon = _("🔔 {meeting} at {time}", meeting=title(meeting), time=meeting.at)
    people = await meetings.attendees(uow, incident, meeting, now)
    document = await cards.card(uow, incident, meeting, now, first=soon, people=people)
    unreached = [
        each
        for each in people
        if each.person.id is not None
        and await wake.actions.tell_person(uow, each.person.id, document) is None
    ]
    if rooms := await rooms_of(uow, incident.id):
        if unreached:
            named = Para(await cards.mentions(uow, unreached))
            document = Document((named, *document.blocks), document.buttons, document.card)
        await wake.actions.tell(uow, rooms, document)


async def begin(wake: Wake) -> None:
    """The moment of a meeting: the rooms are told who is awaited; a tactics meeting gets what
    slips. What is long past, since nothing ran at the time, was missed."""
    uow, now = wake.uow, wake.now
    found = await _due(wake)
    if found is None or found[1].at > now:
        return
    incident, meeting = found
    rooms = await rooms_of(uow, incident.id)
    late: dict[str, float] = {"late": (now - meeting.at).total_seconds()}
    if now - meeting.at > GRACE:
        text = _("The {meeting} of {time} was missed: nothing ran at the time",
                 meeting=title(meeting), time=meeting.at)  # fmt: skip
        await meetings.step(
            uow, incident, meeting, Step.MISS, "meeting.missed", text, by=LIANZHI, now=now,
            params={**late},
        )  # fmt: skip
        if rooms:
            buttons = cards.steps(incident, meeting)
            await wake.actions.tell(uow, rooms, Document((Para(Span(("⚠️ ", text))),), buttons))
        return
    text = _("The {meeting} begins", meeting=title(meeting))
    await meetings.step(
        uow, incident, meeting, Step.BEGIN, "meeting.begun", text, by=LIANZHI, now=now,
        params={**late},
    )  # fmt: skip
    people = await meetings.attendees(uow, incident, meeting, now)
    first = Span(("🔔 ", text, " ", await cards.mentions(uow, people)))
    document = await cards.card(uow, incident, meeting, now, first=first, people=people)
    if now - meeting.at > LATE:
        due = Para(_("⏰ Late: this was due at {time}.", time=meeting.at))
        document = Document((due, *document.blocks), document.buttons, document.card)
    if rooms:
        await wake.actions.tell(uow, rooms, document)
    if meeting.plan.get("compares"):
        await compare(uow, incident, cycle(wake.means.shelf), wake, rooms)


async def compare(
    uow: UnitOfWork, incident: Incident, known: Cycle, wake: Wake, rooms: tuple[str, ...]
) -> None:
    """What slips is said in the rooms, and stands in the record."""
    document, slips = await slipping.compared(uow, incident, known, wake.now)
    named = tuple(f"O{each.objective.number}" for each in slips)
    text = _("Objectives against time: {references} slip", references=named)
    if not named:
        text = _("Objectives against time: none slips")
    await record(
        uow,
        incident,
        "objectives.compared",
        text,
        by=LIANZHI,
        now=wake.now,
        params={
            "slipping": [
                {"objective": f"O{each.objective.number}", "why": each.why,
                 "progress": each.objective.progress, "expected": each.expected}
                for each in slips
            ]
        },
    )  # fmt: skip
    if rooms:
        await wake.actions.tell(uow, rooms, document)


RINGS: Rings = {REMIND: remind, BEGIN: begin}
