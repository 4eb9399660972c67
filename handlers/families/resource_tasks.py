"""`/resource`: what units are promised for, sent to, and when they rest."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.cards import resource as cards
from handlers.context import Context, Scope
from handlers.document import Document
from handlers.escalating import tell_all
from handlers.families.resource import FAMILY, REF, own, told
from handlers.forms import Lacks
from handlers.meant import place_meant
from handlers.promised import refused
from handlers.registry import Arg, Choice, Name, command
from handlers.values import Args, Kind
from storage.tables import Person, Resource, ResourceBooking
from workflows.resources import booking, journey, places, resting, rules, service
from workflows.resources.booking import Booked, Clash, Task
from workflows.resources.rules import Status
from workflows.resources.service import called
from workflows.text import Msg, _


@command(
    FAMILY,
    Name("assign", "分派", ("派",)),
    REF,
    Arg(
        "task",
        "任务",
        Kind.TEXT,
        required=True,
        question=_("What is it to do?"),
        example=("Evacuate the school", "转移学校师生"),
    ),
    Arg("place", "地点", Kind.PLACE, positional=False, aliases=("位置",),
        example=("School", "中心小学")),
    Arg("start", "开始", Kind.TIME, positional=False, aliases=("自",), example=("14:00", "14:00")),
    Arg("until", "截止", Kind.TIME, positional=False, leads=("until",), aliases=("至", "结束"),
        example=("18:00", "18:00")),
    Arg("order", "指令", Kind.REFERENCE, positional=False, letters="T", example=("T4", "T4")),
    Arg("request", "需求", Kind.REFERENCE, positional=False, letters="R", example=("R12", "R12")),
    allow="resources",
    summary=_("Promise a unit for a task; never twice at the same time"),
    examples=(
        "/resource assign U5 Evacuate the school until 18:00",
        "/资源 分派 U5 转移学校师生 截止=18:00",
    ),
)  # fmt: skip
async def assign(context: Context, args: Args) -> Document:
    """The unit's card; if it is promised already, both sides are told."""
    incident = await context.incident()
    starts, ends = args.optional_time("start"), args.optional_time("until")
    order, request = args.optional_reference("order"), args.optional_reference("request")
    where = await place_meant(context, args.optional_place("place"), incident=incident)
    task = Task(
        args.text("task"),
        None if starts is None else starts.at,
        None if ends is None else ends.at,
        None if where is None else str(where),
        None if order is None else order.number,
        None if request is None else request.number,
    )
    made = await booking.assign(
        context.uow, incident.id, args.reference("unit").number, task,
        by=context.by(), now=context.now,
    )  # fmt: skip
    if isinstance(made, Clash):
        wanted = await service.named(context.uow, incident.id, args.reference("unit").number)
        return await refused(context, wanted, task, made)
    context.scope = Scope.INCIDENT
    await _tell_leader(context, made)
    return await cards.card(context.uow, incident, made.unit, context.now)


async def _tell_leader(context: Context, made: Booked) -> None:
    leader = made.unit.leader_id
    if leader is None or leader == context.actor.person_id:
        return
    incident = await context.incident()
    document = await cards.card(context.uow, incident, made.unit, context.now)
    await context.actions.tell_person(context.uow, leader, document)


@command(
    FAMILY,
    Name("free", "收回", ("空出", "结束任务")),
    REF,
    Arg("all", "全部", Kind.YES, positional=False, example=("yes", "是")),
    allow="incident-member",
    summary=_("A unit is done with its task and available; all=yes also cancels what is to come"),
    examples=("/resource free U5", "/资源 收回 U5"),
)
async def free(context: Context, args: Args) -> Document:
    """Whoever it was promised to is told."""
    resource = await own(context, args.reference("unit").number)
    whole = "all" in args and args.yes("all")
    over = await booking.free(context.uow, resource, by=context.by(), now=context.now, whole=whole)
    text = _("{unit} is available again, says {name}", unit=called(resource),
             name=context.actor.name)  # fmt: skip
    await _tell_holders(context, over, told(resource, text))
    return await _changed(context, resource, text)


@command(
    FAMILY,
    Name("status", "状态"),
    REF,
    Arg(
        "status",
        "状态",
        Kind.CHOICE,
        required=True,
        question=_("How is it?"),
        choices=tuple(
            Choice(code, rules.STATUSES[Status(code)], names)
            for code, names in cards.STATUS_NAMES.items()
        ),
    ),
    Arg("reason", "原因", Kind.TEXT, question=_("Why is it out of service?"),
        example=("engine failure", "发动机故障")),
    Arg("until", "截止", Kind.TIME, positional=False, aliases=("至", "预计修复"),
        example=("16:00", "16:00")),
    allow="incident-member",
    summary=_("Say that a unit is out of service, and why, or available again"),
    examples=(
        "/resource status U5 out reason=engine failure until=16:00",
        "/资源 状态 U5 停用 原因=发动机故障",
    ),
)  # fmt: skip
async def status(context: Context, args: Args) -> Document:
    """A breakdown tells those to whom the unit was promised, and what could take its place."""
    uow, now = context.uow, context.now
    resource = await own(context, args.reference("unit").number)
    reason, until = args.optional_text("reason"), args.optional_time("until")
    if args.text("status") == "available":
        if resource.rest_until is not None and resource.status == Status.AVAILABLE:
            await resting.end_rest(uow, resource, by=context.by(), now=now)
        elif resource.status == Status.ASSIGNED:
            await booking.free(uow, resource, by=context.by(), now=now, whole=False)
        else:
            await service.mend(uow, resource, by=context.by(), now=now)
        text = _("{unit} is in service again, says {name}", unit=called(resource),
                 name=context.actor.name)  # fmt: skip
        return await _changed(context, resource, text)
    if reason is None:
        raise Lacks("reason", _("Why is it out of service?"), args, needed=True)
    left = await service.fail(
        uow, resource, reason, None if until is None else until.at, by=context.by(), now=now
    )
    text = _(
        "{unit} is out of service, says {name}. Reason: {reason}",
        unit=called(resource),
        name=context.actor.name,
        reason=resource.reason or "",
    )
    document = await cards.failed(uow, resource, left, text, now)
    await _tell_holders(context, left, document)
    await cards.refresh(uow, context.actions, await context.incident(), resource, now)
    context.scope = Scope.INCIDENT
    return document


@command(
    FAMILY,
    Name("send", "派往", ("出发", "前往", "dispatch")),
    REF,
    Arg(
        "to",
        "目的地",
        Kind.PLACE,
        required=True,
        leads=("to",),
        aliases=("送到", "前往"),
        question=_("Where to? Words, coordinates, or “scene”."),
        example=("North depot", "北库"),
    ),
    Arg("by", "截止", Kind.TIME, positional=False, leads=("by",), aliases=("到达", "预计到达"),
        example=("14:30", "14:30")),
    allow="incident-member",
    summary=_("A unit is bound for a place, to be there by a time; who is late is announced"),
    examples=("/resource send U5 to scene by 14:30", "/资源 派往 U5 现场 截止=14:30"),
)  # fmt: skip
async def send(context: Context, args: Args) -> Document:
    """Its card says where it goes; a unit that is at nothing yet is assigned by that."""
    uow, now = context.uow, context.now
    incident = await context.incident()
    resource = await own(context, args.reference("unit").number)
    due = args.optional_time("by")
    goal = await places.goal(uow, incident, args.place("to"))
    assert resource.id is not None
    running = [
        each for each in await uow.resources.bookings([resource.id]) if each.starts_at <= now
    ]
    if not running and resource.status == Status.AVAILABLE:
        task = Task(f"→ {goal.words}", place=goal.words)
        made = await booking.assign(
            uow, incident.id, resource.number, task, by=context.by(), now=now
        )
        if isinstance(made, Clash):
            return await refused(context, resource, task, made)
    await journey.send(
        uow, resource, goal, None if due is None else due.at, by=context.by(), now=now
    )
    context.scope = Scope.INCIDENT
    return await cards.card(uow, incident, resource, now)


@command(
    FAMILY,
    Name("arrive", "到达", ("arrived", "抵达")),
    REF,
    allow="incident-member",
    summary=_("A unit is where it was bound for"),
    examples=("/resource arrive U5", "/资源 到达 U5"),
)
async def arrive(context: Context, args: Args) -> Document:
    """Nobody waits for it any longer."""
    resource = await own(context, args.reference("unit").number)
    await journey.arrive(context.uow, resource, by=context.by(), now=context.now)
    text = _("{unit} has arrived at {place}", unit=called(resource),
             place=resource.bound_for or "")  # fmt: skip
    return await _changed(context, resource, text)


@command(
    FAMILY,
    Name("rest", "轮休", ("休整", "休息")),
    REF,
    Arg("for", "时长", Kind.DURATION, leads=("for",), example=("6h", "6小时")),
    Arg("relief", "接替", Kind.REFERENCE, positional=False, letters="U", example=("U6", "U6")),
    Arg("end", "结束", Kind.YES, positional=False, example=("yes", "是")),
    allow="incident-member",
    summary=_("A unit rests, and another takes over what it is at; end=yes ends the rest early"),
    examples=("/resource rest U5 6h relief=U6", "/资源 轮休 U5 6小时 接替=U6"),
)
async def rest(context: Context, args: Args) -> Document:
    """While it rests it is promised to nobody."""
    uow, now = context.uow, context.now
    incident = await context.incident()
    resource = await own(context, args.reference("unit").number)
    if "end" in args and args.yes("end"):
        await resting.end_rest(uow, resource, by=context.by(), now=now)
        text = _("{unit} is available again, says {name}", unit=called(resource),
                 name=context.actor.name)  # fmt: skip
        return await _changed(context, resource, text)
    relief = args.optional_reference("relief")
    if relief is not None:
        other = await own(context, relief.number)
        taken = await booking.relieve(uow, resource, other, by=context.by(), now=now)
        if isinstance(taken, Clash):
            return await refused(context, other, Task(taken.wanted), taken)
        await cards.refresh(uow, context.actions, incident, other, now)
        for each in taken:
            await _tell_leader(context, each)
    await resting.rest(uow, resource, args.optional_duration("for"), by=context.by(), now=now)
    assert resource.rest_until is not None
    text = _(
        "{unit} rests until {time}, says {name}",
        unit=called(resource),
        time=resource.rest_until,
        name=context.actor.name,
    )
    return await _changed(context, resource, text)


@command(
    FAMILY,
    Name("relieve", "接替", ("替换", "顶替")),
    REF,
    Arg(
        "by",
        "由",
        Kind.REFERENCE,
        required=True,
        letters="U",
        leads=("by", "由"),
        question=_("Which unit takes over?"),
        example=("U6", "U6"),
    ),
    allow="resources",
    summary=_("Another unit takes over the tasks and the way of one that broke down or is tired"),
    examples=("/resource relieve U5 by U6", "/资源 接替 U5 由 U6"),
)
async def relieve(context: Context, args: Args) -> Document:
    """The relief has what the other was at; both cards say so."""
    uow, now = context.uow, context.now
    incident = await context.incident()
    resource = await service.named(uow, incident.id, args.reference("unit").number)
    other = await service.named(uow, incident.id, args.reference("by").number)
    taken = await booking.relieve(uow, resource, other, by=context.by(), now=now)
    if isinstance(taken, Clash):
        return await refused(context, other, Task(taken.wanted), taken)
    for each in taken:
        await _tell_leader(context, each)
    await _tell_holders(
        context, [each.booking for each in taken], await cards.card(uow, incident, other, now)
    )
    await cards.refresh(uow, context.actions, incident, other, now)
    text = _(
        "{other} relieves {unit}, says {name}",
        other=called(other),
        unit=called(resource),
        name=context.actor.name,
    )
    return await _changed(context, resource, text)


async def _tell_holders(
    context: Context, bookings: Iterable[ResourceBooking], document: Document
) -> None:
    """Those to whom a unit was promised hear of it in private."""
    people: dict[int, Person] = {}
    for each in bookings:
        person = await context.uow.people.person(each.by_id)
        if person is not None and each.by_id != context.actor.person_id:
            people[each.by_id] = person
    await tell_all(context.uow, context.actions, tuple(people.values()), document)


async def _changed(context: Context, resource: Resource, text: Msg) -> Document:
    """The card is brought up to date; every room of the incident hears of it."""
    incident = await context.incident()
    context.scope = Scope.INCIDENT
    await cards.refresh(context.uow, context.actions, incident, resource, context.now)
    return told(resource, text)
