"""`/sitrep`: what the situation is, for command and for those above."""

from __future__ import annotations

from dataclasses import replace

from handlers.cards import incident as incidents, sitrep as cards
from handlers.context import Context, Scope
from handlers.document import Block, Bullets, Button, Document, Heading, Para, say
from handlers.families.incident import WHICH
from handlers.families.sitrep_fields import LINE, draft, earlier, fields, photos
from handlers.registry import Arg, Family, Name, command
from handlers.values import Args, Kind
from workflows.sitreps import service
from workflows.sitreps.elements import Kind as Report
from workflows.text import Msg, _

FAMILY = Family(Name("sitrep", "报告"), _("Situation reports: hand in, who owes one, figures"))

PHOTOS = 5
"""Of a report that are pointed at when all of it is shown, each by an answer to it."""

REF = Arg(
    "sitrep",
    "报告",
    Kind.REFERENCE,
    required=True,
    letters="S",
    question=_("Which report?"),
    example=("S5", "S5"),
)


@command(
    FAMILY,
    None,
    *fields(Report.REPORT),
    WHICH,
    allow="reporter",
    summary=_("Report the situation: alone a form, or all in one message"),
    examples=(
        "/sitrep status: leak 80 % contained casualties: 2 injured needs: 200 m boom",
        "/报告 态势：泄漏已控制八成 伤亡：2人受伤 需求：围油栏200米",
    ),
    form=True,
)
async def report(context: Context, args: Args) -> Document:
    """A report to command; its card in every room of the incident."""
    return await _handed_in(context, args, Report.REPORT)


@command(
    FAMILY,
    Name("first", "首报", ("初报",)),
    *fields(Report.FIRST),
    LINE,
    WHICH,
    allow="reporter",
    summary=_("The first report to those above, filled from what is known"),
    examples=(
        "/sitrep first status: gas leak, area closed casualties: 0",
        "/报告 首报 态势：燃气泄漏，已警戒 伤亡：0",
    ),
    form=True,
)
async def first(context: Context, args: Args) -> Document:
    """It is never held up by what is missing; that is named."""
    return await _handed_in(context, args, Report.FIRST)


@command(
    FAMILY,
    Name("update", "续报", ("followup", "follow-up")),
    *fields(Report.UPDATE),
    LINE,
    WHICH,
    allow="reporter",
    summary=_("A follow-up report to those above: only what changed, numbered"),
    examples=(
        "/sitrep update status: valve shut casualties: 1 dead, 2 injured",
        "/报告 续报 态势：阀门已关 伤亡：1人死亡、2人受伤",
    ),
    form=True,
)
async def update(context: Context, args: Args) -> Document:
    """It says what the one before did not."""
    return await _handed_in(context, args, Report.UPDATE)


@command(
    FAMILY,
    Name("final", "终报", ("核报", "处理结果报告")),
    *fields(Report.FINAL),
    LINE,
    WHICH,
    allow="reporter",
    summary=_("The final report to those above"),
    examples=(
        "/sitrep final status: line repaired aftermath: residents are back",
        "/报告 终报 态势：管线已修复 善后：居民已返回",
    ),
    form=True,
)
async def final(context: Context, args: Args) -> Document:
    """After it nothing is owed any more, until something changes."""
    return await _handed_in(context, args, Report.FINAL)


report = replace(report, last=earlier)
first = replace(first, last=earlier)
update = replace(update, last=earlier)
final = replace(final, last=earlier)


async def _handed_in(context: Context, args: Args, kind: Report) -> Document:
    incident = await context.incident()
    drafted = await draft(context, args, kind)
    made = await service.hand_in(
        context.uow,
        incident.id,
        drafted,
        context.means.shelf,
        by=context.by(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    notes = await _notes(context, made)
    if notes:
        await context.actions.tell(context.uow, (context.place.id,), say(*notes))
    return await cards.card(context.uow, incident, made.sitrep)


async def _notes(context: Context, made: service.Made) -> list[Msg]:
    """What whoever handed it in should know besides."""
    notes: list[Msg] = []
    sitrep = made.sitrep
    reference = f"S{sitrep.number}"
    if made.asked_as is Report.FIRST and sitrep.kind == Report.UPDATE:
        notes.append(
            _(
                "There is a first report already. Yours is kept as {reference}, follow-up {n}.",
                reference=reference,
                n=sitrep.follow,
            )
        )
    if made.asked_as is Report.UPDATE and sitrep.kind == Report.FIRST:
        notes.append(
            _("There was no first report yet. Yours, {reference}, is it.", reference=reference)
        )
    if made.before is not None:
        other = await context.uow.people.person(made.before.by_id)
        notes.append(
            _(
                "{name} handed in {other} just before you, at {time}. Both are kept, one after "
                "the other.",
                name="?" if other is None else other.name,
                other=f"S{made.before.number}",
                time=made.before.made_at,
            )
        )
    notes += [
        _(
            "The casualties are others than the last report upward said: a follow-up is due by "
            "{time}.",
            time=each.due_at,
        )
        for each in made.newly
    ]
    return notes


@command(
    FAMILY,
    Name("show", "查看"),
    REF,
    Arg("whole", "全部", Kind.YES, positional=False, example=("yes", "是")),
    allow="reader",
    summary=_("Show a report: what changed, or with whole=yes all of it"),
    examples=("/sitrep show S5", "/报告 查看 S5"),
)
async def show(context: Context, args: Args) -> Document:
    """The card; with the whole its photos, where they stand in this room."""
    context.narrow()
    incident = await context.incident()
    found = await service.named(context.uow, incident.id, args.reference("sitrep").number)
    if "whole" in args and args.yes("whole"):
        for each in found.photos[-PHOTOS:]:
            words = _("A photo or file of {reference} is above.", reference=f"S{found.number}")
            here = (context.place.id,)
            await context.actions.tell(context.uow, here, say(words), reply_to=int(each))
        return await cards.whole(context.uow, incident, found)
    return await cards.card(context.uow, incident, found)


@command(
    FAMILY,
    Name("list", "列表"),
    WHICH,
    allow="reader",
    summary=_("List the reports of the incident"),
    examples=("/sitrep list", "/报告 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Newest last, each with a button."""
    context.narrow()
    incident = await context.incident()
    known = (await context.uow.sitreps.all(incident.id))[-cards.LISTED :]
    title = Heading(_("Reports of {incident}:", incident=incidents.name(incident)))
    if not known:
        none = Para(_("Nobody has reported yet. /sitrep asks for what matters."))
        return Document((title, none), _next(incident.id))
    figures = await context.uow.sitreps.figures(incident.id)
    lines = []
    for each in known:
        person = await context.uow.people.person(each.by_id)
        counted = [row for row in figures if row.sitrep_id == each.id]
        lines.append(cards.line(each, "?" if person is None else person.name, counted))
    blocks: list[Block] = [title, Bullets(tuple(lines))]
    buttons = tuple(
        Button(f"S{each.number}", f"/sitrep show {cards.reference(each)}") for each in known[-6:]
    )
    return Document(tuple(blocks), (*buttons, *_next(incident.id)))


def _next(incident: int) -> tuple[Button, ...]:
    return (
        Button(_("Report now"), f"/sitrep incident=I{incident}"),
        Button(_("Figures"), f"/sitrep figures I{incident}"),
    )


@command(
    FAMILY,
    Name("photo", "附图", ("attach", "照片")),
    REF,
    allow="reporter",
    summary=_("Attach a photo or file to a report: in its caption, or in reply to it"),
    examples=("/sitrep photo S5", "/报告 附图 S5"),
)
async def photo(context: Context, args: Args) -> Document:
    """The card says how many there are."""
    incident = await context.incident()
    found = await service.attach(
        context.uow,
        incident.id,
        args.reference("sitrep").number,
        await photos(context),
        by=context.by(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    await context.actions.show(
        context.uow, await context.rooms(), await cards.card(context.uow, incident, found)
    )
    return say(
        _(
            "{name} attached a photo or file to {reference}",
            name=context.actor.name,
            reference=f"S{found.number}",
        )
    )
