"""`/incident activate` to `merge`: from one state of an incident to the next."""

from __future__ import annotations

from handlers.cards import incident as cards
from handlers.cards.ledger import post_head
from handlers.context import Context
from handlers.document import Document, say
from handlers.families.incident import FAMILY, WHICH, announced
from handlers.permission import require
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from storage.tables import Incident
from workflows.incidents import roster, rules, service
from workflows.incidents.scene import meant
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
    return await announced(
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
    return await announced(context, changed, text)


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
