"""`/log`: the timeline of an incident; 📌 on a message puts it there."""

from __future__ import annotations

from dataclasses import replace

from handlers.cards import incident as incident_cards, timeline as cards
from handlers.context import Context
from handlers.document import Document, say
from handlers.families.incident import WHICH
from handlers.marking import PIN, Change, Changes, Mark, Marks, bare
from handlers.meant import somebody
from handlers.permission import may
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind
from workflows import authority
from workflows.errors import Refusal
from workflows.incidents import log
from workflows.text import _

FAMILY = Family(Name("log", "日志"), _("The timeline: write, list, strike"))

EXPORT = "log.export"
"""Kind of the timer by which a file is made and sent; its data say which, in what form, where."""

SHOWN = 30
"""Entries of a list, the newest."""

WRITING_HAND = "✍"
"""As 📌, which Telegram does not offer as a reaction."""


@command(
    FAMILY,
    None,
    Arg("text", "内容", Kind.TEXT, example=("Valve 3 is shut", "3号阀已关")),
    Arg("at", "时间", Kind.TIME, positional=False, when="past", example=("13:40", "13:40")),
    WHICH,
    allow="reporter",
    summary=_("Write into the timeline; as a reply, keep that message in it"),
    examples=("/log Valve 3 is shut at=13:40", "/日志 3号阀已关 时间=13:40"),
)
async def write(context: Context, args: Args) -> Document:
    """What somebody saw or did; without words, as a reply, what the message says."""
    number = (await context.incident()).id
    typed, at = args.optional_text("text"), args.optional_time("at")
    if typed is not None:
        entry = await log.write(
            context.uow,
            number,
            typed,
            by=context.by(),
            now=context.now,
            at=None if at is None else at.at,
        )
        return say(cards.entry_line(entry))
    message = None if context.reply_to is None else await context.uow.messages.get(context.reply_to)
    if message is None:
        context.narrow()
        return await _listed(context)
    kept = await log.keep(
        context.uow,
        number,
        message,
        context.actions.plain(message.content),
        kind=log.QUOTED,
        by=context.by(),
        now=context.now,
    )
    if kept is None:
        raise Refusal("log-kept", _("That message is in the timeline already."))
    return say(cards.entry_line(kept))


@command(
    FAMILY,
    Name("list", "列表"),
    Arg("person", "人", Kind.PERSON, example=("@anna", "@anna")),
    Arg(
        "kind",
        "类别",
        Kind.CHOICE,
        positional=False,
        choices=tuple(
            Choice(code, label, cards.KIND_NAMES[code]) for code, label in cards.KINDS.items()
        ),
    ),
    Arg("since", "自", Kind.TIME, positional=False, when="past", example=("13:00", "13:00")),
    Arg("until", "至", Kind.TIME, positional=False, when="past", example=("14:00", "14:00")),
    WHICH,
    allow="reader",
    summary=_("Show the timeline: all of it, of a person (form 214), of a kind, of a time"),
    examples=("/log list @anna since=13:00", "/日志 列表 @anna 自=13:00"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Entries with their places in timeline and ledger; struck ones too."""
    context.narrow()
    return await _listed(context, args)


@command(
    FAMILY,
    Name("export", "导出"),
    Arg(
        "format",
        "格式",
        Kind.CHOICE,
        choices=(
            Choice("csv", _("CSV, for a spreadsheet"), ("csv", "表格")),
            Choice("json", _("JSON, for programs"), ("json", "数据")),
        ),
    ),
    WHICH,
    allow="reader",
    summary=_("Send the whole timeline as a file, CSV or JSON"),
    examples=("/log export csv", "/日志 导出 csv"),
)
async def export(context: Context, args: Args) -> Document:
    """The file follows; in a room it is sent there, in a private chat only there."""
    context.narrow()
    incident = await context.incident()
    await context.uow.timers.set(
        EXPORT,
        f"{incident.id} {context.place.id}",
        context.now,
        {
            "incident": incident.id,
            "rooms": [context.place.id],
            "format": args.optional_text("format") or "csv",
        },
    )
    return say(_("The timeline of {incident} follows as a file.", incident=f"I{incident.id}"))


@command(
    FAMILY,
    Name("strike", "划去", ("划掉",)),
    Arg(
        "entry",
        "条目",
        Kind.REFERENCE,
        required=True,
        letters="L",
        question=_("Which entry? Its number is at the end of its line: L12."),
        example=("L12", "L12"),
    ),
    Arg(
        "reason",
        "原因",
        Kind.TEXT,
        required=True,
        question=_("Why is it struck?"),
        example=("wrong valve", "阀号有误"),
    ),
    WHICH,
    allow="reader",
    summary=_("Strike an entry that is wrong; it stays readable"),
    examples=("/log strike L12 reason=wrong valve", "/日志 划去 L12 原因=阀号有误"),
)
async def strike(context: Context, args: Args) -> Document:
    """Who wrote or kept it may, and people with a role."""
    incident = await context.incident()
    number = args.reference("entry").number
    entry = await log.known(context.uow, incident, number)
    mine = entry.person_id == context.actor.person_id
    if not mine and entry.ledger_seq is not None:
        (made,) = await context.uow.ledger.entries(entry.ledger_seq - 1, 1)
        maker = None if made.actor is None else await context.uow.people.account(made.actor)
        mine = maker is not None and maker.person_id == context.actor.person_id
    authority.require("strike", replace(await context.standing(), author=mine))
    struck = await log.strike(
        context.uow,
        incident.id,
        number,
        args.text("reason"),
        by=context.by(),
        now=context.now,
    )
    return say(cards.entry_line(struck))


async def pin(mark: Mark) -> Document | None:
    """📌 keeps the message in the timeline of the room's incident; taking the last one off
    strikes the entry. Where there is no incident a 📌 is a 📌."""
    context = mark.context
    incident = await context.incident_or_none()
    assert mark.message.id is not None
    if incident is None:
        return None
    if mark.put:
        authority.require("reporter", await context.standing())
        await log.keep(
            context.uow,
            incident.id,
            mark.message,
            context.actions.plain(mark.message.content),
            kind=log.PINNED,
            by=context.by(),
            now=context.now,
        )
        return None
    left = await context.uow.reactions.of_message(mark.message.id)
    if any(bare(each.emoji) in (PIN, WRITING_HAND) for each in left):
        return None
    if await may(context, "reporter"):
        await log.release(context.uow, incident.id, mark.message, by=context.by(), now=context.now)
    return None


async def keep_the_original(change: Change) -> None:
    """An entry says what the message said when it was put there, and that it has changed."""
    await log.note_change(
        change.uow,
        change.message,
        before=change.before,
        after=change.after,
        gone=change.gone,
        by=change.by,
        now=change.now,
    )


MARKS: Marks = {(PIN, None): pin, (WRITING_HAND, None): pin}
CHANGES: Changes = (keep_the_original,)


async def _listed(context: Context, args: Args | None = None) -> Document:
    given = args or Args()
    incident = await context.incident()
    who, kind = given.optional_person("person"), given.optional_text("kind")
    person = None if who is None else await somebody(context, who)
    since, until = given.optional_time("since"), given.optional_time("until")
    entries = await context.uow.timeline.entries(
        incident.id,
        kinds=cards.beginnings(kind),
        person_id=None if person is None else person.id,
        since=None if since is None else since.at,
        until=None if until is None else until.at,
        newest=True,
        limit=SHOWN + 1,
    )
    name = incident_cards.name(incident)
    heading = (
        _("Timeline of {incident}", incident=name)
        if person is None
        else _("Activity log (form 214) of {name}, {incident}", name=person.name, incident=name)
    )
    shown = list(reversed(entries[:SHOWN]))
    return cards.listed(heading, shown, more=len(entries) > SHOWN)
