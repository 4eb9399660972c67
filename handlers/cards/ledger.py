"""The record as people read it: its head, and entries about one thing."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.cards.told import Story
from handlers.context import Actions
from handlers.document import Block, Bold, Bullets, Code, Document, Heading, Inline, Para, Span
from storage import UnitOfWork
from storage.tables import LedgerEntry
from workflows.incidents import ledger
from workflows.incidents.record import said
from workflows.text import _, ngettext


async def post_head(uow: UnitOfWork, actions: Actions, rooms: tuple[str, ...]) -> None:
    """Post the head of the record into rooms: whoever rewrites the record later cannot rewrite
    what everybody has read. To be called at the end of a period, and where one ends for good."""
    newest = await uow.ledger.newest()
    if newest is not None and rooms:
        await actions.tell(uow, rooms, head(newest))


def head(entry: LedgerEntry) -> Document:
    """The head of the chain with what it is good for."""
    return Document(
        (
            Para(Span((_("🔗 Head of the ledger:"), " ", Code(ledger.head(entry))))),
            Para(
                _("Keep this line: /audit verify and this head prove that nothing was rewritten.")
            ),
        )
    )


async def listed(
    uow: UnitOfWork, title: str, entries: Sequence[LedgerEntry], *, earlier: int = 0
) -> Document:
    """Entries about a thing, oldest first: what happened in words, and all that was set; `earlier`
    are not shown."""
    if not entries:
        return Document((Para(_("The ledger has no entry about {thing}.", thing=title)),))
    blocks: list[Block] = [Heading(_("Ledger: {thing}", thing=title))]
    if earlier:
        blocks.append(Para(ngettext("{n} earlier entry", "{n} earlier entries", earlier)))
    words = await uow.timeline.of_entries([entry.seq for entry in entries])
    story = await Story.of(uow, [*entries])
    for entry in entries:
        who: Inline = "–"
        if entry.actor is not None:
            account = await uow.people.account(entry.actor)
            who = Code(entry.actor) if account is None else account.name
        first: list[Inline] = [
            Bold(_("{seq} · {time}", seq=str(entry.seq), time=entry.at)),
            " ",
            Code(entry.code),
            " ",
            who,
        ]
        blocks.append(Para(Span(tuple(first))))
        if (told := words.get(entry.seq)) is not None:
            blocks.append(Para(said(told)))
        blocks.append(Bullets((*story.facts(entry), Code(ledger.head(entry)))))
    return Document(tuple(blocks))
