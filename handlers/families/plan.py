"""`/plan`: the incident action plan, from the draft to what is in force."""

from __future__ import annotations

from handlers.cards import incident as incidents, plan as cards
from handlers.cards.labels import TYPES
from handlers.context import Context, Scope
from handlers.document import Block, Document, Heading, Para, Quote
from handlers.families.incident import WHICH
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind
from storage.tables import Incident, Plan
from storage.tables.organisation import COMMANDER
from workflows.errors import Refusal
from workflows.incidents.rules import reason as checked
from workflows.incidents.scene import rooms_of, to_act_in
from workflows.plans import rules, service
from workflows.plans.rules import SIGNED, State
from workflows.text import Msg, _

FAMILY = Family(Name("plan", "方案"), _("The incident action plan: draft, approve, publish"))

VERSION = Arg("version", "版本", Kind.REFERENCE, letters="V", example=("V2", "V2"))
READ = Arg("text", "校验码", Kind.WORD, example=("1a2b3c4d", "1a2b3c4d"))
NAMES = {
    "overview": ("overview", "概况", "情况"),
    "objectives": ("objectives", "目标"),
    "organisation": ("organisation", "组织", "职责", "organization"),
    "tasks": ("tasks", "任务"),
    "safety": ("safety", "安全", "风险"),
    "communications": ("communications", "通信", "信息", "comms"),
    "adjustment": ("adjustment", "调整"),
    "emphasis": ("emphasis", "指挥重点", "重点"),
    "awareness": ("awareness", "态势"),
    "weather": ("weather", "天气", "气象"),
    "medical": ("medical", "医疗"),
    "instructions": ("instructions", "特别要求", "须知"),
    "outlook": ("outlook", "趋势", "发展趋势", "projection"),
    "threat": ("threat", "威胁", "threats"),
    "health": ("health", "生命健康", "健康"),
    "extent": ("extent", "最终规模", "规模"),
    "remarks": ("remarks", "备注"),
}
SECTION = Arg(
    "section",
    "部分",
    Kind.CHOICE,
    required=True,
    question=_("Which part of the plan?"),
    choices=tuple(
        Choice(code, {**rules.SECTIONS, **rules.MORE}[code], names) for code, names in NAMES.items()
    ),
    example=("weather", "天气"),
)


@command(
    FAMILY,
    None,
    allow="reader",
    summary=_("Show where the action plan stands"),
    examples=("/plan", "/方案"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """The card of the newest version, without the PDF."""
    context.narrow()
    incident = await context.incident()
    return await cards.card(context.uow, incident, await _named(context, None), context.now)


@command(
    FAMILY,
    Name("draft", "草拟"),
    WHICH,
    allow="objectives",
    summary=_("Draft the action plan from what is known, and name what is missing"),
    examples=("/plan draft", "/方案 草拟"),
)
async def draft(context: Context, args: Args) -> Document:
    """What people wrote before stays; the PDF follows here alone."""
    context.narrow()
    incident = await context.incident()
    plan = await service.draft(context.uow, incident.id, _drafter(context, incident))
    return await _with_paper(context, incident, plan)


@command(
    FAMILY,
    Name("edit", "修改"),
    SECTION,
    Arg("words", "内容", Kind.TEXT, example=("Wind 4 from the south-east", "东南风4级")),
    WHICH,
    allow="objectives",
    summary=_("Write a part of the action plan; without words the record alone says it again"),
    examples=("/plan edit weather Wind 4 from the south-east", "/方案 修改 天气 东南风4级"),
)
async def edit(context: Context, args: Args) -> Document:
    """A text that was put to command is withdrawn by a change; what was signed stays as it is."""
    incident = await context.incident()
    # Held before the plan is read: two people who write at once each find the other's words.
    await to_act_in(context.uow, incident.id)
    before = await context.uow.plans.latest(incident.id)
    waited = before is not None and before.state == State.ASKED
    plan = await service.edit(
        context.uow,
        incident.id,
        args.text("section"),
        args.optional_text("words"),
        _drafter(context, incident),
    )
    made = await cards.card(context.uow, incident, plan, context.now)
    if waited:
        # Who was asked about the old text sees that it is another one now.
        await _refreshed(context, incident, plan)
        context.scope = Scope.INCIDENT
        text = _("The action plan was changed: what was approved of it so far counts no more.")
        return Document((Heading(incidents.name(incident)), Para(text)))
    context.narrow()
    return made


@command(
    FAMILY,
    Name("submit", "提交"),
    WHICH,
    allow="objectives",
    summary=_("Put the draft of the action plan to everybody who commands"),
    examples=("/plan submit", "/方案 提交"),
)
async def submit(context: Context, args: Args) -> Document:
    """Each commander is sent the PDF; all of them approve the same text."""
    incident = await context.incident()
    plan = await service.submit(context.uow, incident.id, by=context.by(), now=context.now)
    await _ask_commanders(context, incident, plan)
    await _refreshed(context, incident, plan)
    context.scope = Scope.INCIDENT
    return Document(
        (
            Heading(incidents.name(incident)),
            Para(
                _(
                    "Version {number} of the action plan waits for everybody who commands.",
                    number=plan.number,
                )
            ),
        )
    )


@command(
    FAMILY,
    Name("approve", "批准"),
    READ,
    WHICH,
    allow="command",
    summary=_("Approve the action plan that you have read, named by the signs behind it"),
    examples=("/plan approve 1a2b3c4d", "/方案 批准 1a2b3c4d"),
)
async def approve(context: Context, args: Args) -> Document:
    """Without the signs nothing is approved: the card says what there is to be read."""
    read = args.optional_text("text")
    if read is None:
        context.narrow()
        incident = await context.incident()
        return await _with_paper(context, incident, await _named(context, None))
    return await _voiced(context, read, agreed=True, reason=None)


@command(
    FAMILY,
    Name("refuse", "不批准"),
    Arg(
        "text",
        "校验码",
        Kind.WORD,
        required=True,
        question=_("Which signs stand behind the plan that you have read?"),
        example=("1a2b3c4d", "1a2b3c4d"),
    ),
    Arg("reason", "原因", Kind.TEXT, example=("no medical plan", "缺医疗方案")),
    WHICH,
    allow="command",
    summary=_("Do not approve the action plan that you have read"),
    examples=("/plan refuse 1a2b3c4d no medical plan", "/方案 不批准 1a2b3c4d 缺医疗方案"),
)
async def refuse(context: Context, args: Args) -> Document:
    """One refusal makes it a draft again."""
    typed = args.optional_text("reason")
    reason = None if typed is None else checked(typed)
    return await _voiced(context, args.text("text"), agreed=False, reason=reason)


@command(
    FAMILY,
    Name("publish", "发布"),
    WHICH,
    allow="objectives",
    summary=_("Publish the approved action plan to every room, as PDF"),
    examples=("/plan publish", "/方案 发布"),
)
async def publish(context: Context, args: Args) -> Document:
    """It takes the place of the one before."""
    incident = await context.incident()
    plan = await service.publish(context.uow, incident.id, by=context.by(), now=context.now)
    await _refreshed(context, incident, plan)
    context.scope = Scope.INCIDENT
    blocks: list[Block] = [
        Heading(incidents.name(incident)),
        Para(
            _(
                "The action plan, version {number}, is in force from now on [{digest}]. It takes "
                "the place of earlier ones.",
                number=plan.number,
                digest=plan.digest[:8],
            )
        ),
    ]
    return Document(tuple(blocks), papers=(cards.paper(plan),))


@command(
    FAMILY,
    Name("show", "查看"),
    VERSION,
    WHICH,
    allow="reader",
    summary=_("Send the action plan as PDF, or an earlier version of it as it was signed"),
    examples=("/plan show", "/方案 查看 V1"),
)
async def show(context: Context, args: Args) -> Document:
    """Drafts are for those who have a role in the incident; all others get what is in force."""
    context.narrow()
    incident = await context.incident()
    asked = args.optional_reference("version")
    plan = await _named(context, None if asked is None else asked.number)
    who = await context.standing()
    if not (who.admin or who.roles) and plan.state not in (State.PUBLISHED, State.SUPERSEDED):
        current = await context.uow.plans.latest(incident.id, State.PUBLISHED)
        if asked is not None or current is None:
            raise Refusal(
                "plan-draft",
                _(
                    "That version is not published yet. Until it is, only those who have a role "
                    "in the incident read it."
                ),
            )
        plan = current
    return await _with_paper(context, incident, plan)


async def _named(context: Context, number: int | None) -> Plan:
    incident = await context.incident()
    return await service.named(context.uow, incident, number, context.by(), context.now)


def _drafter(context: Context, incident: Incident) -> service.Drafter:
    kind: Msg | str = TYPES.get(incident.type or "", "")
    return service.Drafter(context.by(), context.now, kind)


async def _with_paper(context: Context, incident: Incident, plan: Plan) -> Document:
    made = await cards.card(context.uow, incident, plan, context.now)
    return Document(made.blocks, made.buttons, made.card, (cards.paper(plan),))


async def _refreshed(context: Context, incident: Incident, plan: Plan) -> None:
    made = await cards.card(context.uow, incident, plan, context.now)
    await context.actions.show(context.uow, await rooms_of(context.uow, incident.id), made)


async def _ask_commanders(context: Context, incident: Incident, plan: Plan) -> None:
    made = await _with_paper(context, incident, plan)
    held = await context.uow.organisation.held(incident.id, context.now, role=COMMANDER)
    for person_id in dict.fromkeys(each.person_id for each, _person in held):
        if person_id != context.actor.person_id:
            await context.actions.tell_person(context.uow, person_id, made)


async def _voiced(context: Context, read: str, *, agreed: bool, reason: str | None) -> Document:
    incident = await context.incident()
    plan = await service.voice(
        context.uow,
        incident.id,
        read,
        agreed=agreed,
        reason=reason,
        by=context.by(),
        now=context.now,
    )
    await _refreshed(context, incident, plan)
    context.scope = Scope.INCIDENT
    name = context.actor.name
    text = (
        _("{name} approves version {number} of the action plan.", name=name, number=plan.number)
        if agreed
        else _(
            "{name} does not approve version {number} of the action plan.",
            name=name,
            number=plan.number,
        )
    )
    blocks: list[Block] = [Heading(incidents.name(incident)), Para(text)]
    if reason is not None:
        blocks.append(Quote(reason))
    if plan.state in SIGNED:
        blocks.append(Para(_("All who command have approved it. /plan publish sends it out.")))
    return Document(tuple(blocks))
