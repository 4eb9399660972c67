"""`/safety`: what is dangerous, and what everybody is to do."""

from __future__ import annotations

from handlers.cards import safety as cards
from handlers.context import Context, Scope
from handlers.document import Block, Bold, Document, Heading, Para, Span, say
from handlers.families.incident import WHICH
from handlers.registry import Arg, Family, Name, command
from handlers.values import Args, Kind
from workflows.briefings import safety
from workflows.text import _

FAMILY = Family(Name("safety", "安全"), _("Safety: the safety message and hazards"))

REF = Arg(
    "hazard",
    "险情",
    Kind.REFERENCE,
    required=True,
    letters="H",
    question=_("Which hazard?"),
    example=("H2", "H2"),
)


@command(
    FAMILY,
    None,
    WHICH,
    allow="reader",
    summary=_("Show the safety message and the open hazards"),
    examples=("/safety", "/安全"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """What holds now."""
    context.narrow()
    return await cards.card(context.uow, await context.incident())


@command(
    FAMILY,
    None,
    Arg(
        "text",
        "内容",
        Kind.TEXT,
        required=True,
        question=_("What is dangerous, and what is everybody to do?"),
        example=("Masks north of the road", "公路以北佩戴呼吸器"),
    ),
    WHICH,
    allow="safety",
    summary=_("Set the safety message; it stands in every briefing until the next one"),
    examples=(
        "/safety Breathing apparatus north of the road; no engines running",
        "/安全 公路以北必须佩戴空气呼吸器，禁止明火",
    ),
)
async def message(context: Context, args: Args) -> Document:
    """It is told in every room of the incident."""
    incident = await context.incident()
    made = await safety.say(
        context.uow, incident.id, args.text("text"), by=context.by(), now=context.now
    )
    context.scope = Scope.INCIDENT
    heading = Heading(Span(("🦺 ", _("Safety message"))))
    blocks: tuple[Block, ...] = (heading, *cards.said(made))
    return Document(blocks)


@command(
    FAMILY,
    Name("hazard", "险情", ("隐患", "危险")),
    Arg(
        "text",
        "内容",
        Kind.TEXT,
        required=True,
        question=_("What is dangerous?"),
        example=("Gas under the bridge", "桥下有燃气聚集"),
    ),
    Arg(
        "mitigation",
        "措施",
        Kind.TEXT,
        positional=False,
        aliases=("对策",),
        example=("no entry", "禁止进入"),
    ),
    Arg(
        "area",
        "区域",
        Kind.TEXT,
        positional=False,
        aliases=("地点", "place"),
        example=("north shore", "北岸"),
    ),
    WHICH,
    allow="reporter",
    summary=_("Report a hazard, where it is and what is done about it"),
    examples=(
        "/safety hazard Gas under the bridge area=north shore mitigation=no entry",
        "/安全 险情 桥下有燃气聚集 区域=北岸 措施=禁止进入",
    ),
)
async def hazard(context: Context, args: Args) -> Document:
    """It is told in every room of the incident."""
    incident = await context.incident()
    made = await safety.add_hazard(
        context.uow,
        incident.id,
        args.text("text"),
        area=args.optional_text("area"),
        mitigation=args.optional_text("mitigation"),
        by=context.by(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    heading = Heading(_("{name} reports a hazard", name=context.actor.name))
    return Document((heading, Para(cards.hazard(made))))


@command(
    FAMILY,
    Name("mitigate", "处置", ("措施",)),
    REF,
    Arg(
        "text",
        "内容",
        Kind.TEXT,
        required=True,
        question=_("What is done about it?"),
        example=("no entry", "禁止进入"),
    ),
    allow="safety",
    summary=_("Say what is done about a hazard"),
    examples=("/safety mitigate H2 no entry, gas meter at the bridge", "/安全 处置 H2 禁止进入"),
)
async def mitigate(context: Context, args: Args) -> Document:
    """It is told in every room of the incident."""
    incident = await context.incident()
    number = args.reference("hazard").number
    changed = await safety.mitigate(
        context.uow, incident.id, number, args.text("text"), by=context.by(), now=context.now
    )
    context.scope = Scope.INCIDENT
    return say(cards.hazard(changed))


@command(
    FAMILY,
    Name("over", "解除", ("gone", "消除")),
    REF,
    Arg("reason", "原因", Kind.TEXT, example=("valve shut", "阀门已关")),
    allow="safety",
    summary=_("Say that a hazard is no more"),
    examples=("/safety over H2 measured, no gas", "/安全 解除 H2 检测无燃气"),
)
async def over(context: Context, args: Args) -> Document:
    """It is told in every room of the incident, and stands in no briefing any more."""
    incident = await context.incident()
    number = args.reference("hazard").number
    found = await safety.over(
        context.uow,
        incident.id,
        number,
        args.optional_text("reason"),
        by=context.by(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    said = _("{name}: hazard {reference} is over", name=context.actor.name, reference=f"H{number}")
    lines = [Para(Span(("✅ ", Bold(said)))), Para(found.text)]
    if found.reason is not None:
        lines.append(Para(_("Reason: {reason}", reason=found.reason)))
    return Document(tuple(lines))
