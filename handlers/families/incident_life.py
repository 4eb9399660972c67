"""`/incident activate` to `reopen`: from one state of an incident to the next."""

from __future__ import annotations

from handlers.cards.ledger import post_head
from handlers.context import Context
from handlers.document import Bullets, Document, Para, say
from handlers.families.incident import FAMILY, WHICH, announced
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from storage.tables import Incident
from workflows.incidents import roster, rules, service
from workflows.text import _

REASON = Arg("reason", "原因", Kind.TEXT, example=("valve shut", "阀门已关"))


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
    return await announced(context, changed, text)


async def _still_there(context: Context, incident: Incident, rooms: tuple[str, ...]) -> None:
    """Nobody and nothing is forgotten on scene when an incident is closed."""
    uow, left = context.uow, []
    if orders := await uow.orders.all(incident.id, open_only=True):
        numbers = tuple(f"T{each.number}" for each in orders)
        left.append(_("Orders that nobody has called done: {orders}.", orders=numbers))
    if requests := await uow.requests.all(incident.id, open_only=True):
        numbers = tuple(f"R{each.number}" for each in requests)
        left.append(_("Requests that are not settled: {requests}.", requests=numbers))
    if units := await uow.resources.all(incident.id, here_only=True):
        named = tuple(f"U{each.number} {each.name}" for each in units)
        left.append(_("Units that were not released: {units}.", units=named))
    if left:
        head = _("Closed, and not everything is settled. To settle it: /incident reopen.")
        shown = Document((Para(head), Bullets(tuple(left))))
        await context.actions.tell(uow, rooms, shown)
    if there := await roster.present(uow, incident, context.now):
        names = tuple(each.name for each in there)
        text = _("Closed, and still checked in: {names}. Who has left: /checkout.", names=names)
        await context.actions.tell(uow, rooms, say(text))
