"""`/incident assess`: the initial assessment by the first commander on scene."""

from __future__ import annotations

from handlers.cards.assessment import PRIORITIES, document
from handlers.context import Context, Scope
from handlers.document import Document
from handlers.families.incident import FAMILY, WHICH
from handlers.families.role import announced
from handlers.registry import Arg, Choice, Name, command
from handlers.values import Args, Kind
from workflows.incidents.rules import graded
from workflows.organisation.assessing import assess as keep, confirm as carry_out
from workflows.organisation.assessment import COMPLEXITY, Answers, level_of, words
from workflows.sitreps import running
from workflows.text import Msg, _, ngettext

MOST = 10_000_000


def _words(name: str, zh: str, question: Msg, example: tuple[str, str]) -> Arg:
    return Arg(name, zh, Kind.TEXT, positional=False, ask=True, question=question, example=example)


def _number(name: str, zh: str, question: Msg, *aliases: str) -> Arg:
    return Arg(name, zh, Kind.INTEGER, positional=False, ask=True, maximum=MOST,
               question=question, aliases=aliases)  # fmt: skip


_FACTORS = {
    "hazmat": ("hazmat", "危险物质", "危化品"),
    "agencies": ("agencies", "多单位", "多个单位"),
    "areas": ("areas", "多地点", "跨区域"),
    "long": ("long", "超过12小时", "长时间"),
    "crowd": ("crowd", "人员密集", "附近人多"),
    "utilities": ("utilities", "断水断电断网", "断电"),
}
_FIRST = {
    "life": ("life", "人员安全", "救人"),
    "environment": ("environment", "环境"),
    "property": ("property", "财产"),
}


@command(
    FAMILY,
    Name("assess", "评估", ("assessment", "初始评估")),
    Arg(
        "extent", "范围", Kind.TEXT, required=True, question=_("How far does it reach?"),
        example=("200 m around valve 3", "3号阀室周边200米"),
    ),
    _number("dead", "死亡", _("How many dead? 0 if none; skip if not known.")),
    _number("missing", "失踪", _("How many are missing?"), "失联"),
    _number("injured", "受伤", _("How many are injured?")),
    _number("trapped", "被困", _("How many are trapped?")),
    _number("evacuated", "疏散", _("How many have been evacuated or have to be?")),
    _words("hand", "在场", _("Which resources are on hand?"), ("2 engines", "2台消防车")),
    _words("coming", "途中", _("Which resources are on the way?"), ("1 boom", "1套围油栏")),
    Arg(
        "factors", "复杂", Kind.CHOICE, positional=False, many=True, ask=True,
        question=_("What makes it complex? Several are typed with commas."),
        choices=tuple(Choice(code, COMPLEXITY[code], _FACTORS[code]) for code in COMPLEXITY),
    ),
    _words("limits", "制约", _("What limits control?"), ("no water", "无水源")),
    Arg(
        "priority", "优先", Kind.CHOICE, positional=False, ask=True,
        question=_("What comes first?"),
        choices=tuple(Choice(code, PRIORITIES[code], _FIRST[code]) for code in PRIORITIES),
    ),
    _words(
        "weather", "天气", _("Weather and surroundings?"),
        ("wind from the north, houses 300 m south", "北风，南侧300米有居民"),
    ),
    _words("hazards", "危险", _("Which hazards are there?"), ("gas may ignite", "燃气可能起火")),
    WHICH,
    allow="incident-member",
    summary=_("The initial assessment: questions, then a proposal that a person confirms"),
    examples=(
        "/incident assess 200 m around the valve dead=0 injured=2 factors=hazmat",
        "/事件 评估 阀室周边200米 死亡=0 受伤=2 复杂=危险物质",
    ),
)  # fmt: skip
async def assess(context: Context, args: Args) -> Document:
    """The answers are kept; level, organisation and reporting pack are proposed with reasons."""
    incident = await context.incident()
    made = await keep(
        context.uow,
        incident.id,
        Answers(
            type=incident.type,
            extent=words(args.text("extent")),
            dead=args.optional_integer("dead"),
            missing=args.optional_integer("missing"),
            injured=args.optional_integer("injured"),
            trapped=args.optional_integer("trapped"),
            evacuated=args.optional_integer("evacuated"),
            on_hand=words(args.optional_text("hand")),
            coming=words(args.optional_text("coming")),
            complexity=args.texts("factors"),
            limits=words(args.optional_text("limits")),
            priority=args.optional_text("priority"),
            weather=words(args.optional_text("weather")),
            hazards=words(args.optional_text("hazards")),
        ),
        context.means.shelf,
        by=context.by(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    return document(incident, made)


@command(
    FAMILY,
    Name("confirm", "确认"),
    Arg(
        "assessment",
        "评估",
        Kind.REFERENCE,
        letters="A",
        required=True,
        question=_("Which assessment?"),
        example=("A3", "A3"),
    ),
    Arg("organisation", "架构", Kind.YES, positional=False, example=("no", "否")),
    WHICH,
    allow="command",
    summary=_("Confirm what an assessment proposes: the level, and the organisation too"),
    examples=("/incident confirm A3", "/事件 确认 A3"),
)
async def confirm(context: Context, args: Args) -> Document:
    """The level is set, and the parts of the organisation that are not there yet are set up."""
    organisation = "organisation" not in args or args.yes("organisation")
    incident, made = await carry_out(
        context.uow,
        (await context.incident()).id,
        args.reference("assessment").number,
        organisation=organisation,
        by=context.by(),
        now=context.now,
    )
    codes = [each["what"] for each in made.proposal["packs"]]
    shelf, by = context.means.shelf, context.by()
    await running.begin(context.uow, incident, shelf, by=by, now=context.now, codes=codes)
    text = _(
        "{name} confirmed the initial assessment {reference}.",
        name=context.actor.name,
        reference=f"A{made.id}",
    )
    scales = (level_of(made.proposal, scale) for scale in ("event", "response"))
    if levels := graded(*scales):
        text = _("{text} It is now: {levels}.", text=text, levels=levels)
    seats = len(made.proposal["seats"]) if organisation else 0
    more = (
        ngettext(
            "{n} position was proposed and is set up. /role assign fills it.",
            "{n} positions were proposed and are set up. /role assign fills them.",
            seats,
        ),
    )
    return await announced(context, incident, text, *(more if seats else ()))
