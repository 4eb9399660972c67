"""`/stock agreement`: which agencies lend each other what they have."""

from __future__ import annotations

from datetime import timedelta

from handlers.context import Context
from handlers.document import Bullets, Document, Heading, Inline, say
from handlers.families.stock import FAMILY
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from storage.tables import Agency, MutualAid
from workflows import agencies
from workflows.stock import agreements
from workflows.stock.expiry import day
from workflows.text import Msg, _


@command(
    FAMILY,
    Name("agreement", "互助协议", ("mutual aid", "互助")),
    Arg(
        "agency",
        "单位",
        Kind.TEXT,
        required=True,
        question=_("Which agency lends and borrows?"),
        example=("Fire", "消防"),
    ),
    Arg(
        "with",
        "与",
        Kind.TEXT,
        required=True,
        positional=False,
        leads=("with",),
        question=_("With which other agency?"),
        example=("Police", "公安"),
    ),
    Arg("lead", "时限", Kind.DURATION, positional=False, example=("15min", "15分钟")),
    Arg(
        "until", "有效期", Kind.WORD, positional=False, aliases=("有效期至",),
        example=("2027-06-30", "2027-06-30"),
    ),
    Arg("note", "备注", Kind.TEXT, positional=False, example=("signed 2024", "2024年签订")),
    Arg("end", "终止", Kind.YES, positional=False, example=("yes", "是")),
    allow="member",
    summary=_("Two agencies lend each other their stock: it ranks before that of others"),
    examples=(
        "/stock agreement Fire with=Police lead=15min until=2027-06-30",
        "/库存 互助协议 消防 与=公安 时限=15分钟 有效期=2027-06-30",
    ),
)  # fmt: skip
async def agreement(context: Context, args: Args) -> Document:
    """The other agency's liaison officer hears of it."""
    one = await agencies.named(context.uow, args.text("agency"))
    other = await agencies.named(context.uow, args.text("with"))
    standing = await context.standing(incident=False)
    if "end" in args and args.yes("end"):
        await agreements.end(
            context.uow, one, other, standing=standing, by=context.by(), now=context.now
        )
        text = _(
            "{first} and {second} have no agreement of mutual aid any more.",
            first=one.name,
            second=other.name,
        )
    else:
        until = args.optional_text("until")
        made = await agreements.agree(
            context.uow,
            one,
            other,
            lead=args.optional_duration("lead"),
            until=None if until is None else day(until),
            note=args.optional_text("note"),
            standing=standing,
            by=context.by(),
            now=context.now,
            today=context.now.astimezone(context.zone).date(),
        )
        text = _("Mutual aid: {agreement}", agreement=_said(made))
    await _tell(context, (one, other), text)
    return say(text)


async def _tell(context: Context, both: tuple[Agency, ...], text: Msg) -> None:
    for each in both:
        if each.liaison_id not in (None, context.actor.person_id):
            assert each.liaison_id is not None
            await context.actions.tell_person(context.uow, each.liaison_id, say(text))


def _said(made: MutualAid) -> Msg:
    """Who lends to whom, and on which terms."""
    text = _("{first} and {second}", first=made.first, second=made.second)
    if made.lead_minutes is not None:
        text = _(
            "{agreement}, agreed within {time}",
            agreement=text,
            time=timedelta(minutes=made.lead_minutes),
        )
    if made.until is not None:
        text = _("{agreement}, until {day}", agreement=text, day=made.until.isoformat())
    if made.note:
        text = _("{agreement} ({note})", agreement=text, note=made.note)
    return text


@command(
    FAMILY,
    Name("agreements", "互助列表"),
    allow="member",
    summary=_("List the agreements of mutual aid"),
    examples=("/stock agreements", "/库存 互助列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """All that there are, those that are over marked."""
    context.narrow()
    today = context.now.astimezone(context.zone).date()
    items: list[Inline] = []
    for each in await context.uow.sources.agreements():
        over = each.until is not None and each.until < today
        items.append(_("{agreement}: over", agreement=_said(each)) if over else _said(each))
    if not items:
        return say(_("There are no agreements of mutual aid. /stock agreement makes one."))
    heading = Heading(_("Agreements of mutual aid"))
    return Document((heading, Bullets(tuple(items))))
