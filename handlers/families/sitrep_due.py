"""`/sitrep due` and what goes with it: who owes a report by when, and the reporting deadlines."""

from __future__ import annotations

from handlers.addressing import KIND, recipient
from handlers.cards import incident as incidents, sitrep as cards
from handlers.cards.organisation import ROLE_CHOICES
from handlers.context import Context, Scope
from handlers.document import Block, Bullets, Button, Document, Heading, Para, say
from handlers.families.incident import WHICH
from handlers.families.sitrep import FAMILY
from handlers.families.sitrep_fields import LINE, line_of
from handlers.permission import require
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from storage.tables import Incident
from workflows.errors import Refusal
from workflows.orders.recipients import called
from workflows.shelf import Shelf
from workflows.sitreps import duties, packs, running
from workflows.text import Msg, _

TO = Arg(
    "to",
    "对象",
    Kind.PERSON,
    aliases=("谁", "who"),
    choices=ROLE_CHOICES,
    question=_("Who? Mention a person, or name a role, an agency or a team."),
    example=("@anna", "@anna"),
)


@command(
    FAMILY,
    Name("due", "应报", ("owes", "时间表")),
    TO,
    Arg(
        "every", "每", Kind.DURATION, positional=False, leads=("every",), aliases=("间隔",),
        example=("4h", "4小时"),
    ),
    Arg(
        "by", "截止", Kind.TIME, positional=False, leads=("by",), aliases=("期限",),
        example=("14:00", "14:00"),
    ),
    Arg("period", "周期", Kind.YES, positional=False, example=("yes", "是")),
    Arg("stop", "停止", Kind.YES, positional=False, aliases=("off",), example=("yes", "是")),
    KIND,
    Arg("label", "编号", Kind.TEXT, positional=False, example=("A", "A")),
    WHICH,
    allow="reader",
    summary=_("Show who owes a report and when, or set it: by a time, every so often, each period"),
    examples=("/sitrep due operations every=4h", "/报告 应报 作业部部长 每=4小时"),
)  # fmt: skip
async def due(context: Context, args: Args) -> Document:
    """The list; with a recipient what they owe from now on."""
    incident = await context.incident()
    if "to" not in args:
        context.narrow()
        return await _listed(context, incident)
    await require(context, "reporting")
    to = await recipient(context, incident, args)
    context.scope = Scope.INCIDENT
    if "stop" in args and args.yes("stop"):
        await duties.stop(context.uow, incident.id, to, by=context.by(), now=context.now)
        who = await called(context.uow, to)
        return say(_("{recipient} owes no reports any more", recipient=who))
    by = args.optional_time("by")
    owed = await duties.owe(
        context.uow,
        incident.id,
        duties.Wanted(
            to,
            None if by is None else by.at,
            args.optional_duration("every"),
            "period" in args and args.yes("period"),
        ),
        by=context.by(),
        now=context.now,
    )
    return Document((Para(await cards.duty(context.uow, owed, context.now)),))


async def _listed(context: Context, incident: Incident) -> Document:
    owed = await context.uow.sitreps.duties(incident.id)
    blocks: list[Block] = [
        Heading(_("Reports owed in {incident}:", incident=incidents.name(incident)))
    ]
    if owed:
        blocks.append(await cards.owed(context.uow, owed, context.now))
    else:
        blocks.append(Para(_("Nobody owes a report. /sitrep due WHO every=4h sets it.")))
    mine = await duties.mine(context.uow, incident, context.actor.person_id, context.now)
    buttons = [Button(_("Report now"), f"/sitrep incident=I{incident.id}")] if mine else []
    buttons.append(Button(_("Reporting deadlines"), f"/sitrep clock incident=I{incident.id}"))
    return Document(tuple(blocks), tuple(buttons))


@command(
    FAMILY,
    Name("snooze", "稍后", ("later", "延后提醒")),
    Arg("duty", "编号", Kind.INTEGER, required=True, question=_("Which reminder? Its number."),
        example=("3", "3")),
    Arg("wait", "等", Kind.DURATION, positional=False, example=("10m", "10分钟")),
    WHICH,
    allow="reader",
    summary=_("Be reminded of a report again later; its deadline stays"),
    examples=("/sitrep snooze 3 wait=10m", "/报告 稍后 3 等=10分钟"),
)  # fmt: skip
async def snooze(context: Context, args: Args) -> Document:
    """Only whoever asks is reminded again: who owes it, or commands."""
    context.narrow()
    incident = await context.incident()
    standing = await context.standing()
    person = await context.uow.people.person(context.actor.person_id)
    assert person is not None
    again = await duties.snooze(
        context.uow,
        incident.id,
        args.integer("duty"),
        person,
        args.optional_duration("wait") or duties.SNOOZE,
        commands=standing.commands or standing.admin,
        by=context.by(),
        now=context.now,
    )
    return say(_("You will be reminded again at {time}. The deadline stays.", time=again))


@command(
    FAMILY,
    Name("phoned", "已电话报告", ("电话", "电话报告", "phone")),
    LINE,
    WHICH,
    allow="reporter",
    summary=_("Note that the report by telephone was given"),
    examples=("/sitrep phoned", "/报告 已电话报告"),
)
async def phoned(context: Context, args: Args) -> Document:
    """Its time is in the record."""
    incident = await context.incident()
    line = await line_of(context, args) or ""
    await running.phoned(context.uow, incident.id, line, by=context.by(), now=context.now)
    context.scope = Scope.INCIDENT
    return say(
        _(
            "{name} gave the report by telephone at {time}",
            name=context.actor.name,
            time=context.now,
        )
    )


@command(
    FAMILY,
    Name("clock", "时限", ("deadlines", "报送时限")),
    Arg("pack", "类别", Kind.WORD, aliases=("规定",), example=("environment", "environment")),
    LINE,
    Arg("stop", "停止", Kind.TEXT, positional=False, example=("no spill", "无泄漏")),
    WHICH,
    allow="reader",
    summary=_("Show the reporting deadlines that run, or start one: of a rule, for an agency"),
    examples=("/sitrep clock environment for=Bureau", "/报告 时限 environment 名义=环保局"),
)
async def clock(context: Context, args: Args) -> Document:
    """Which there are, with their sources; or one that runs from now on, or is stopped."""
    incident = await context.incident()
    code = args.optional_text("pack")
    if code is None:
        context.narrow()
        return await _clocks(context, incident)
    await require(context, "reporting")
    line = await line_of(context, args) or ""
    shelf, by, now = context.means.shelf, context.by(), context.now
    stop = args.optional_text("stop")
    if stop is not None:
        await running.stop(context.uow, incident.id, code, line, stop, by=by, now=now)
    else:
        await running.start(context.uow, incident.id, code, line, shelf, by=by, now=now)
    context.scope = Scope.INCIDENT
    return await _clocks(context, incident)


async def _clocks(context: Context, incident: Incident) -> Document:
    uow, shelf = context.uow, context.means.shelf
    blocks: list[Block] = [
        Heading(_("Reporting deadlines of {incident}:", incident=incidents.name(incident)))
    ]
    running_now = await uow.sitreps.clocks(incident.id)
    lines: list[Msg] = []
    for each in running_now:
        text = _named(shelf, each.pack)
        lines.append(_("{agency}: {pack}", agency=each.line, pack=text) if each.line else text)
    if lines:
        blocks.append(Bullets(tuple(lines)))
    else:
        blocks.append(Para(_("None run. /sitrep clock NAME starts one.")))
    owed = [each for each in await uow.sitreps.duties(incident.id) if each.clock_id is not None]
    if owed:
        blocks.append(await cards.owed(uow, owed, context.now))
    there = {each.pack for each in running_now if not each.line}
    others = [each for each in packs.known(shelf) if each not in there]
    buttons = tuple(
        Button(_called(shelf, each), f"/sitrep clock {each} incident=I{incident.id}")
        for each in others[:4]
    )
    return Document(tuple(blocks), buttons)


def _called(shelf: Shelf, code: str) -> Msg | str:
    """A pack's name; its key if it cannot be used."""
    try:
        return packs.pack(shelf, code).name
    except Refusal:
        return code


def _named(shelf: Shelf, code: str) -> Msg:
    """A pack with its source; the reason if it cannot be used."""
    try:
        found = packs.pack(shelf, code)
    except Refusal as refusal:
        return refusal.text
    return _("{pack} ({source})", pack=found.name, source=found.source)
