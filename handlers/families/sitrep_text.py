"""`/sitrep text`, `/sitrep figures`: what is handed in, and the figures behind it."""

from __future__ import annotations

from handlers.cards import sitrep as cards
from handlers.cards.labels import TYPE_NAMES
from handlers.context import Context, Scope
from handlers.document import Document, Paper, Para
from handlers.families.incident import WHICH
from handlers.families.sitrep import FAMILY, REF
from handlers.registry import Arg, Choice, Name, command
from handlers.values import Args, Kind
from workflows.errors import Refusal
from workflows.sitreps import official, service
from workflows.sitreps.elements import UPWARD
from workflows.sitreps.figures import LABELS, MOST_YUAN, Code
from workflows.text import _

_NAMES = {
    Code.DEAD: ("dead", "死亡"),
    Code.MISSING: ("missing", "失踪", "失联"),
    Code.INJURED: ("injured", "受伤"),
    Code.SEVERE: ("severe", "重伤"),
    Code.TRAPPED: ("trapped", "被困"),
    Code.EVACUATED: ("evacuated", "疏散", "转移"),
    Code.AFFECTED: ("affected", "受灾"),
    Code.COLLAPSED: ("collapsed", "倒塌"),
    Code.DAMAGED: ("damaged", "损坏"),
    Code.LOSS: ("loss", "经济损失"),
}


@command(
    FAMILY,
    Name("text", "文本", ("export", "报文")),
    REF,
    allow="reader",
    summary=_("The text of a report to those above, ready to be handed in, also as a file"),
    examples=("/sitrep text S5", "/报告 文本 S5"),
)
async def text(context: Context, args: Args) -> Document:
    """Chinese, in the official style, to be copied; the same as a file."""
    context.narrow()
    incident = await context.incident()
    found = await service.named(context.uow, incident.id, args.reference("sitrep").number)
    if found.kind not in UPWARD:
        raise Refusal(
            "sitrep-inward",
            _(
                "{reference} went to command, not upward. /sitrep first or /sitrep update makes "
                "what is handed in.",
                reference=f"S{found.number}",
            ),
        )
    names = {code: each[1] for code, each in TYPE_NAMES.items()}
    written = await official.written(context.uow, incident, found, names, context.means.shelf)
    paper = Paper(
        f"{found.made_at:%Y%m%d}-I{incident.id}-S{found.number}",
        "official",
        _("{reference} as a file", reference=f"S{found.number}"),
        {"text": written},
        "txt",
    )
    return Document((Para(written),), papers=(paper,))


@command(
    FAMILY,
    Name("figures", "数据", ("数字", "核对")),
    WHICH,
    allow="reader",
    summary=_("The figures of each agency: where all agree, where they differ"),
    examples=("/sitrep figures", "/报告 数据"),
)
async def figures(context: Context, args: Args) -> Document:
    """Nothing is averaged."""
    context.narrow()
    incident = await context.incident()
    counted = await service.standing_figures(context.uow, incident.id)
    return cards.figures(incident, counted)


@command(
    FAMILY,
    Name("settle", "核定"),
    Arg(
        "figure", "项目", Kind.CHOICE, required=True, question=_("Which figure?"),
        choices=tuple(Choice(code, LABELS[code], names) for code, names in _NAMES.items()),
    ),
    Arg("value", "数", Kind.INTEGER, required=True, maximum=MOST_YUAN,
        question=_("How many?"), example=("3", "3")),
    Arg("reason", "原因", Kind.TEXT, required=True, question=_("Why that one?"),
        example=("lists of the hospitals compared", "已与医院名单核对")),
    WHICH,
    allow="figures",
    summary=_("Settle on a figure where agencies differ; each one's own is kept"),
    examples=("/sitrep settle dead 3 lists compared", "/报告 核定 死亡 3 名单已核对"),
)  # fmt: skip
async def settle(context: Context, args: Args) -> Document:
    """The number that stands, until an agency counts otherwise."""
    incident = await context.incident()
    await service.settle(
        context.uow,
        incident.id,
        Code(args.text("figure")),
        args.integer("value"),
        args.text("reason"),
        by=context.by(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    counted = await service.standing_figures(context.uow, incident.id)
    return cards.figures(incident, counted)
