"""`/order`: who is told to do what, who has read it back, and which of two orders stands."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import escalating, promised
from handlers.addressing import KIND, recipient
from handlers.cards import conflict as conflict_cards, incident as incidents, order as cards
from handlers.cards.organisation import ROLE_CHOICES
from handlers.conflicting import tell_found
from handlers.context import Context, Scope
from handlers.document import Block, Button, Document, Heading, Para, say
from handlers.escalating import tell_all
from handlers.families.incident import WHICH
from handlers.marking import Mark, Marks
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.ringing import Rings
from handlers.values import Args, Kind
from storage.tables import Order, Person
from workflows.errors import Refusal
from workflows.orders import changing, deciding, finding, service
from workflows.orders.deciding import Keep
from workflows.orders.rules import OPEN, Event
from workflows.text import Msg, _

FAMILY = Family(Name("order", "指令"), _("Orders: give, acknowledge, carry out"))

KEEPS = {
    Keep.FIRST: (_("the earlier"), ("first", "前者", "earlier")),
    Keep.SECOND: (_("the later"), ("second", "后者", "later")),
    Keep.BOTH: (_("both"), ("both", "都保留", "两者")),
    Keep.STAND: (_("let it stand"), ("stand", "生效", "allow")),
    Keep.WITHDRAW: (_("withdraw it"), ("withdraw", "撤销", "refuse")),
}

REF = Arg(
    "order",
    "指令",
    Kind.REFERENCE,
    required=True,
    letters="T",
    question=_("Which order?"),
    example=("T4", "T4"),
)
AGAINST = Arg("against", "对", Kind.REFERENCE, positional=False, letters="T", example=("T2", "T2"))
REASON = Arg(
    "reason",
    "原因",
    Kind.TEXT,
    required=True,
    question=_("Why is it declined?"),
    example=("no foam left", "泡沫已用完"),
)


@command(
    FAMILY,
    None,
    allow="reader",
    summary=_("Show the orders that are still to be done"),
    examples=("/order", "/指令"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """Open orders with buttons for their cards."""
    return await _listed(context, whole=False)


@command(
    FAMILY,
    Name("new", "新建", ("give", "下达")),
    Arg(
        "to",
        "对象",
        Kind.PERSON,
        required=True,
        aliases=("接收",),
        question=_("To whom? Mention a person, or name a role, an agency or a team."),
        choices=ROLE_CHOICES,
        example=("@anna", "@anna"),
    ),
    Arg(
        "text",
        "内容",
        Kind.TEXT,
        required=True,
        question=_("What is to be done?"),
        example=("Close valve 3", "关闭3号阀"),
    ),
    Arg("by", "截止", Kind.TIME, positional=False, leads=("by",), aliases=("期限",),
        example=("14:00", "14:00")),
    Arg("start", "开始", Kind.TIME, positional=False, example=("13:00", "13:00")),
    Arg("objective", "目标", Kind.REFERENCE, positional=False, letters="O", example=("O2", "O2")),
    Arg("resource", "资源", Kind.TEXT, positional=False, example=("Engine 2", "2号消防车")),
    Arg("place", "地点", Kind.TEXT, positional=False, aliases=("位置",),
        example=("valve 3", "3号阀室")),
    KIND,
    Arg("label", "编号", Kind.TEXT, positional=False, example=("A", "A")),
    WHICH,
    allow="orders",
    summary=_("Tell a person, role, agency or team what to do; they read it back"),
    examples=(
        "/order new @anna Close valve 3 by=14:00 objective=O2 place=valve 3",
        "/指令 新建 @anna 关闭3号阀 截止=14:00 目标=O2 地点=3号阀室",
    ),
)  # fmt: skip
async def new(context: Context, args: Args) -> Document:
    """The order's card in every room of the incident and with those whom it goes to."""
    incident = await context.incident()
    to = await recipient(context, incident, args)
    starts, due = args.optional_time("start"), args.optional_time("by")
    aim = args.optional_reference("objective")
    unit = await promised.wanted(context, args)
    if isinstance(unit, Document):
        return unit
    given = await service.give(
        context.uow,
        incident.id,
        service.Draft(
            to=to,
            text=args.text("text"),
            starts=None if starts is None else starts.at,
            due=None if due is None else due.at,
            objective=None if aim is None else aim.number,
            resource=args.optional_text("resource"),
            place=args.optional_text("place"),
        ),
        by=context.by(),
        standing=await context.standing(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    await promised.taken(context, unit, given.order)
    document = await cards.card(context.uow, incident, given.order, context.now)
    await tell_all(context.uow, context.actions, given.behind.people, document)
    if not given.conflicts:
        return document
    rooms = tuple(dict.fromkeys((context.place.id, *await context.rooms())))
    await context.actions.show(context.uow, rooms, document)
    first, *more = await tell_found(context, incident, given.conflicts)
    for each in more:
        await context.actions.tell(context.uow, rooms, each)
    return first


@command(
    FAMILY,
    Name("seen", "已阅"),
    REF,
    allow="reader",
    summary=_("Say that you have read an order; 👀 on its card does the same"),
    examples=("/order seen T4", "/指令 已阅 T4"),
)
async def seen(context: Context, args: Args) -> Document:
    """Read, not yet acknowledged."""
    return await _answered(context, args.reference("order").number, Event.SEE)


@command(
    FAMILY,
    Name("ack", "收到", ("acknowledge", "明白")),
    REF,
    allow="reader",
    summary=_("Acknowledge an order that goes to you; ✅ on its card does the same"),
    examples=("/order ack T4", "/指令 收到 T4"),
)
async def ack(context: Context, args: Args) -> Document:
    """Understood, and it will be done."""
    return await _answered(context, args.reference("order").number, Event.ACKNOWLEDGE)


@command(
    FAMILY,
    Name("done", "完成", ("finished",)),
    REF,
    allow="reader",
    summary=_("Report that an order is carried out"),
    examples=("/order done T4", "/指令 完成 T4"),
)
async def done(context: Context, args: Args) -> Document:
    """It is over."""
    return await _answered(context, args.reference("order").number, Event.DONE)


@command(
    FAMILY,
    Name("decline", "拒绝", ("谢绝", "无法执行")),
    REF,
    REASON,
    allow="reader",
    summary=_("Say that an order cannot be carried out, and why"),
    examples=("/order decline T4 reason=no foam left", "/指令 拒绝 T4 原因=泡沫已用完"),
)
async def decline(context: Context, args: Args) -> Document:
    """Its giver is told why."""
    return await _answered(
        context, args.reference("order").number, Event.DECLINE, args.text("reason")
    )


@command(
    FAMILY,
    Name("withdraw", "撤销", ("撤回", "cancel", "取消")),
    REF,
    Arg("reason", "原因", Kind.TEXT, example=("no longer needed", "不再需要")),
    allow="reader",
    summary=_("Take back an order that you gave"),
    examples=("/order withdraw T4", "/指令 撤销 T4"),
)
async def withdraw(context: Context, args: Args) -> Document:
    """Those whom it went to are told that it is over."""
    incident = await context.incident()
    ended = await service.withdraw(
        context.uow,
        incident.id,
        args.reference("order").number,
        args.optional_text("reason"),
        by=context.by(),
        standing=await context.standing(),
        now=context.now,
    )
    text = _(
        "{name} withdrew {reference}",
        name=context.actor.name,
        reference=f"T{ended.order.number}",
    )
    await _changed(context, (ended.order,), ended.released, text)
    return say(text)


@command(
    FAMILY,
    Name("decide", "裁定"),
    REF,
    AGAINST,
    Arg(
        "keep",
        "保留",
        Kind.CHOICE,
        required=True,
        positional=False,
        question=_("Which one is to stand?"),
        choices=tuple(Choice(code, label, names) for code, (label, names) in KEEPS.items()),
    ),
    allow="conflicts",
    summary=_("Decide which of two orders in conflict stands"),
    examples=("/order decide T4 against=T2 keep=second", "/指令 裁定 T4 对=T2 保留=后者"),
)
async def decide(context: Context, args: Args) -> Document:
    """Everybody whom one of them concerns is told."""
    incident = await context.incident()
    against = args.optional_reference("against")
    decided = await deciding.decide(
        context.uow,
        incident.id,
        args.reference("order").number,
        None if against is None else against.number,
        Keep(args.text("keep")),
        by=context.by(),
        standing=await context.standing(),
        now=context.now,
    )
    text = deciding.said(context.actor.name, Keep(args.text("keep")), decided.orders)
    await _changed(context, decided.orders, decided.released, text)
    return say(text)


@command(
    FAMILY,
    Name("show", "查看"),
    REF,
    AGAINST,
    allow="reader",
    summary=_("Show the card of an order: who has acknowledged it and who has not"),
    examples=("/order show T4", "/指令 查看 T4"),
)
async def show(context: Context, args: Args) -> Document:
    """The card, from now on kept up to date; with another order their conflict and its choices."""
    incident = await context.incident()
    found = await changing.named(context.uow, incident.id, args.reference("order").number)
    against = args.optional_reference("against")
    if against is not None:
        other = await changing.named(context.uow, incident.id, against.number)
        conflict = await deciding.between(context.uow, incident, found, other)
        return await conflict_cards.single(context.uow, incident, conflict, context.now)
    return await cards.card(context.uow, incident, found, context.now)


@command(
    FAMILY,
    Name("list", "列表"),
    Arg(
        "which",
        "范围",
        Kind.CHOICE,
        choices=(Choice("conflicts", _("those in conflict"), ("conflicts", "冲突", "conflict")),),
        example=("conflicts", "冲突"),
    ),
    WHICH,
    allow="reader",
    summary=_("List all orders of the incident, or those in conflict"),
    examples=("/order list conflicts", "/指令 列表 冲突"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Those that are over, too; or what waits for a decision."""
    if args.optional_text("which") is not None:
        context.narrow()
        incident = await context.incident()
        title = _("Conflicts of orders in {incident}:", incident=incidents.name(incident))
        return await conflict_cards.listed(context.uow, incident, title)
    return await _listed(context, whole=True)


async def _listed(context: Context, *, whole: bool) -> Document:
    context.narrow()
    incident = await context.incident()
    title = _("Orders of {incident}:", incident=incidents.name(incident))
    found = await cards.listed(context.uow, incident, context.now, whole=whole)
    blocks: list[Block] = [Heading(title), *found]
    if not found:
        blocks.append(Para(_("There is no order to be done. /order new @person TEXT gives one.")))
    open_ = await context.uow.orders.all(incident.id, open_only=True)
    buttons = [
        Button(f"T{each.number}", f"/order show {cards.reference(each)}") for each in open_[-6:]
    ]
    return Document(tuple(blocks), tuple(buttons))


async def _answered(
    context: Context, number: int, event: Event, reason: str | None = None
) -> Document:
    incident = await context.incident()
    answered = await service.acknowledge(
        context.uow,
        incident.id,
        number,
        event,
        by=context.by(),
        now=context.now,
        reason=reason,
    )
    if not answered.new:
        context.narrow()
        return say(_("That was noted already. Nothing was changed."))
    order = answered.order
    why = order.reason if reason is None else reason
    text = service.said(event, context.actor.name, number, why)
    if event in (Event.SEE, Event.ACKNOWLEDGE):
        context.narrow()
        await cards.refresh(context.uow, context.actions, incident, order, context.now)
        if event is Event.ACKNOWLEDGE and order.by_id != context.actor.person_id:
            await context.actions.tell_person(context.uow, order.by_id, say(text))
        return say(text)
    await _changed(context, (order,), answered.released, text)
    return say(text)


async def _changed(
    context: Context, orders: Sequence[Order], released: Sequence[Order], text: Msg
) -> None:
    """Cards are brought up to date; givers, and those whom the orders went to, hear of it."""
    incident = await context.incident()
    uow, now = context.uow, context.now
    context.scope = Scope.INCIDENT
    people: dict[int | None, Person] = {}
    changed = {each.id: each for each in (*orders, *released)}
    ended = [each for each in orders if each.state not in OPEN]
    for order in ended:
        for rival in await deciding.rivals(uow, order):
            if rival.id not in changed:
                await cards.refresh(uow, context.actions, incident, rival, now)
    for order in changed.values():
        await cards.refresh(uow, context.actions, incident, order, now)
        await promised.given_back(context, order)
        giver = await uow.people.person(order.by_id)
        behind = await service.people_behind(uow, incident, order, now)
        people |= {each.id: each for each in (*behind, *([giver] if giver else ()))}
    people.pop(context.actor.person_id, None)
    lines = [text]
    lines += [_("{reference} is to be done now", reference=f"T{each.number}") for each in released]
    await tell_all(uow, context.actions, tuple(people.values()), say(*lines))


async def _mark(mark: Mark, event: Event) -> None:
    """A mark of those whom an order does not go to says nothing, and neither does taking it off."""
    if not mark.put or mark.thing is None:
        return
    try:
        await _answered(mark.context, mark.thing, event)
    except Refusal as refusal:
        if refusal.code != "order-not-yours":
            raise


async def _acknowledged(mark: Mark) -> None:
    await _mark(mark, Event.ACKNOWLEDGE)


async def _read(mark: Mark) -> None:
    await _mark(mark, Event.SEE)


RINGS: Rings = {
    changing.UNANSWERED: escalating.unanswered,
    changing.OVERDUE: escalating.overdue,
    finding.UNDECIDED: escalating.undecided,
}

MARKS: Marks = {
    ("✅", "T"): _acknowledged,
    # Telegram has no ✅ among the reactions that it lets people choose from.
    ("👌", "T"): _acknowledged,
    ("👍", "T"): _acknowledged,
    ("👀", "T"): _read,
}
