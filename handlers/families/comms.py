"""`/comms`: the communications plan, the data of ICS 205."""

from __future__ import annotations

from handlers.cards import safety as cards
from handlers.context import Context, Scope
from handlers.document import Document, Para, Span
from handlers.families.incident import WHICH
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind
from storage.tables import CommsLine
from workflows.briefings import comms
from workflows.text import Msg, _

FAMILY = Family(Name("comms", "通信"), _("The communications plan: channels and frequencies"))

REF = Arg(
    "line",
    "信道",
    Kind.REFERENCE,
    required=True,
    letters="C",
    question=_("Which line of the plan?"),
    example=("C2", "C2"),
)


def _text(name: str, zh: str, en: str, cn: str, *aliases: str) -> Arg:
    return Arg(name, zh, Kind.TEXT, positional=False, aliases=aliases, example=(en, cn))


COLUMNS = (
    _text("zone", "分区", "1", "1", "区"),
    _text("channel", "信道号", "4", "4", "频道", "ch"),
    _text("function", "用途", "command", "指挥"),
    _text("for", "使用者", "Rescue 1", "抢险一组", "assignment", "分配"),
    _text("rx", "接收", "150.775", "150.775", "接收频率"),
    _text("rxtone", "接收亚音", "88.5", "88.5"),
    _text("tx", "发射", "155.775", "155.775", "发射频率"),
    _text("txtone", "发射亚音", "88.5", "88.5"),
    Arg(
        "mode",
        "制式",
        Kind.CHOICE,
        positional=False,
        aliases=("模式",),
        choices=tuple(Choice(code, cards.MODES[code], cards.MODE_NAMES[code])
                      for code in comms.MODES),
    ),
    _text("remarks", "备注", "via the hill", "经山顶中继"),
)  # fmt: skip

_FIELDS = {"for": "assignment", "rxtone": "rx_tone", "txtone": "tx_tone"}


@command(
    FAMILY,
    None,
    WHICH,
    allow="reader",
    summary=_("Show the communications plan"),
    examples=("/comms", "/通信"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """As `list`."""
    return await list_all.run(context, args)


@command(
    FAMILY,
    Name("add", "添加", ("new", "新建", "增加")),
    Arg(
        "name",
        "名称",
        Kind.TEXT,
        required=True,
        question=_("What is the channel or talkgroup called?"),
        example=("Command 1", "指挥1"),
    ),
    *COLUMNS,
    WHICH,
    allow="comms",
    summary=_("Add a channel to the communications plan"),
    examples=(
        "/comms add Command 1 zone=1 channel=4 function=command for=command post rx=150.775 "
        "rxtone=88.5 tx=155.775 mode=analog",
        "/通信 添加 指挥1 分区=1 信道号=4 用途=指挥 使用者=指挥部 接收=150.775 发射=155.775 "
        "制式=模拟",
    ),
)
async def add(context: Context, args: Args) -> Document:
    """It is told in every room of the incident."""
    incident = await context.incident()
    made = await comms.add(context.uow, incident.id, _told(args), by=context.by(), now=context.now)
    context.scope = Scope.INCIDENT
    said = _("{name} added to the communications plan:", name=context.actor.name)
    return _line(said, made)


@command(
    FAMILY,
    Name("set", "修改", ("change", "补充")),
    REF,
    Arg("name", "名称", Kind.TEXT, positional=False, example=("Command 1", "指挥1")),
    *COLUMNS,
    allow="comms",
    summary=_("Change a line of the communications plan"),
    examples=("/comms set C2 tx=155.775", "/通信 修改 C2 发射=155.775"),
)
async def change(context: Context, args: Args) -> Document:
    """It is told in every room of the incident."""
    incident = await context.incident()
    number = args.reference("line").number
    made = await comms.change(
        context.uow, incident.id, number, _told(args), by=context.by(), now=context.now
    )
    context.scope = Scope.INCIDENT
    return _line(_("{name} changed the communications plan:", name=context.actor.name), made)


@command(
    FAMILY,
    Name("drop", "停用", ("remove", "删除")),
    REF,
    Arg("reason", "原因", Kind.TEXT, example=("jammed", "受干扰")),
    allow="comms",
    summary=_("Take a line out of the communications plan"),
    examples=("/comms drop C2 jammed", "/通信 停用 C2 受干扰"),
)
async def drop(context: Context, args: Args) -> Document:
    """It is told in every room of the incident."""
    incident = await context.incident()
    number = args.reference("line").number
    made = await comms.drop(
        context.uow,
        incident.id,
        number,
        args.optional_text("reason"),
        by=context.by(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    return _line(_("{name} took out of the communications plan:", name=context.actor.name), made)


@command(
    FAMILY,
    Name("list", "列表"),
    WHICH,
    allow="reader",
    summary=_("Show the lines of the communications plan"),
    examples=("/comms list", "/通信 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """By number."""
    context.narrow()
    incident = await context.incident()
    return cards.plan(incident, await context.uow.comms.lines(incident.id))


def _told(args: Args) -> dict[str, str]:
    names = ("name", *(each.name for each in COLUMNS))
    return {_FIELDS.get(name, name): args.text(name) for name in names if name in args}


def _line(said: Msg, line: CommsLine) -> Document:
    return Document((Para(said), Para(Span((cards.channel(line),)))))
