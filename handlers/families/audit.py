"""`/audit`: the ledger, verified and shown."""

from __future__ import annotations

from handlers.cards import ledger as cards
from handlers.context import Context
from handlers.document import Code, Document, Para, Span, say
from handlers.families.incident import WHICH
from handlers.registry import Arg, Family, Name, command
from handlers.values import Args, Kind, Reference
from storage.tables import LedgerEntry
from workflows.custody.service import story
from workflows.errors import Refusal
from workflows.incidents import ledger, log
from workflows.resources.booking import story as unit_story
from workflows.text import _

FAMILY = Family(Name("audit", "审计"), _("The ledger: verify and show it"))

LOOKED_BACK = 2000
"""Entries that are verified in the chat; the whole record takes a command line."""

SHOWN = 20
"""Entries about a thing, the newest."""

WHOLE = 300
"""Entries about a request: all of its story, as long as anybody reads it."""

COUNTED = 1000
"""Entries that are looked through to say how many are not shown."""

SHORTEST = 16
"""Digits by which a head is given."""


@command(
    FAMILY,
    Name("verify", "核验"),
    Arg("head", "末条", Kind.WORD, example=("41:3f2a9c0d5e6b7a81", "41:3f2a9c0d5e6b7a81")),
    allow="member",
    summary=_(
        "Prove that the ledger was not altered, or that it agrees with a head posted earlier"
    ),
    examples=("/audit verify", "/审计 核验"),
)
async def verify(context: Context, args: Args) -> Document:
    """The newest entries are checked link by link."""
    context.narrow()
    newest = await context.uow.ledger.newest()
    if newest is None:
        return say(_("There is no record yet."))
    typed = args.optional_text("head")
    if typed is not None:
        return await _compared(context, typed)
    after = max(newest.seq - LOOKED_BACK, 0)
    bad = await context.uow.ledger.first_bad(after)
    if bad is not None:
        return say(_("⚠ Entry {number} of the record was altered, removed or moved.", number=bad))
    whole = (
        _("The record is whole: no entry was altered, removed or moved.")
        if after == 0
        else _("The last {n} entries are whole. All of them: lianzhi ledger verify.", n=LOOKED_BACK)
    )
    return Document((Para(whole), *cards.head(newest).blocks))


async def _compared(context: Context, typed: str) -> Document:
    seq, _colon, digits = typed.strip().lower().replace("：", ":").partition(":")
    found = None
    if len(digits) >= SHORTEST and seq.isdecimal() and int(seq) < 2**31:
        found = await context.uow.ledger.get(int(seq))
    else:
        raise Refusal(
            "audit-head",
            _(
                "A head looks like 41:3f2a9c…, as it was posted, with {n} digits or more.",
                n=SHORTEST,
            ),
        )
    if found is None or not found.hash.startswith(digits):
        return say(
            _(
                "⚠ Entry {number} does not agree with the head that was posted: the record was "
                "rewritten.",
                number=seq,
            )
        )
    agrees = _("The ledger agrees with that head.")
    return Document((Para(Span((agrees, " ", Code(ledger.head(found))))),))


@command(
    FAMILY,
    Name("show", "查看"),
    Arg(
        "thing",
        "对象",
        Kind.REFERENCE,
        letters="IOTRSPBALWHUCMV",
        example=("I3-O2", "I3-O2"),
    ),
    Arg("entry", "序号", Kind.INTEGER, positional=False, minimum=1, example=("41", "41")),
    WHICH,
    allow="reader",
    summary=_("Show what the ledger has about a thing: I3, O2, T4, L12, or entry=41"),
    examples=("/audit show O2", "/审计 查看 O2"),
)
async def show(context: Context, args: Args) -> Document:
    """Every change with who made it and the fields that it set."""
    context.narrow()
    incident = await context.incident()
    number = args.optional_integer("entry")
    if number is not None:
        one = await context.uow.ledger.get(number)
        if one is None or one.params.get("incident") != incident.id:
            raise Refusal(
                "audit-unknown",
                _(
                    "{reference} has no entry {n} in the ledger.",
                    reference=f"I{incident.id}",
                    n=number,
                ),
            )
        return await cards.listed(context.uow, str(number), [one])
    thing = args.optional_reference("thing") or Reference("I", incident.id)
    whole = thing.letter == "I"
    own = None if whole else f"{thing.letter}{thing.number}"
    seqs = await context.uow.timeline.ledger_of(incident.id, own, limit=COUNTED)
    if thing.letter == "R":
        # A request's story goes on in the hands of those who carry what it asked for.
        seqs = sorted({*seqs, *await story(context.uow, incident.id, thing.number, COUNTED)})
    if thing.letter == "U":
        seqs = sorted({*seqs, *await unit_story(context.uow, incident.id, thing.number, COUNTED)})
    if thing.letter == "L":
        told = await log.known(context.uow, incident, thing.number)
        seqs = sorted({*seqs, *([] if told.ledger_seq is None else [told.ledger_seq])})
    most = WHOLE if thing.letter == "R" else SHOWN
    entries: list[LedgerEntry] = [
        entry for seq in seqs[-most:] if (entry := await context.uow.ledger.get(seq)) is not None
    ]
    title = f"I{incident.id}" if own is None else f"I{incident.id}-{own}"
    return await cards.listed(context.uow, title, entries, earlier=max(len(seqs) - most, 0))
