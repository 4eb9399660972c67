"""The record as people read it: its head, and entries about one thing."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.context import Actions
from handlers.document import Block, Bold, Bullets, Code, Document, Heading, Inline, Para, Span
from storage import UnitOfWork
from storage.tables import LedgerEntry
from workflows.incidents import ledger
from workflows.text import Json, _, ngettext

LONGEST_VALUE = 200


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


def listed(title: str, entries: Sequence[LedgerEntry], *, earlier: int = 0) -> Document:
    """Entries about a thing, oldest first, with all that they say; `earlier` are not shown."""
    if not entries:
        return Document((Para(_("The ledger has no entry about {thing}.", thing=title)),))
    blocks: list[Block] = [Heading(_("Ledger: {thing}", thing=title))]
    if earlier:
        blocks.append(Para(ngettext("{n} earlier entry", "{n} earlier entries", earlier)))
    for entry in entries:
        who: Inline = "–" if entry.actor is None else Code(entry.actor)
        first: list[Inline] = [
            Bold(_("{seq} · {time}", seq=str(entry.seq), time=entry.at)),
            " ",
            Code(entry.code),
            " ",
            who,
        ]
        blocks.append(Para(Span(tuple(first))))
        facts = [f"{name}: {_shown(value)}" for name, value in _flat(entry.params)]
        blocks.append(Bullets((*facts, Code(ledger.head(entry)))))
    return Document(tuple(blocks))


def _flat(params: dict[str, Json]) -> list[tuple[str, Json]]:
    made: list[tuple[str, Json]] = []
    for name, value in params.items():
        if name == "changes" and isinstance(value, dict):
            made += value.items()
        elif name not in ("incident", "thing") and value not in (None, {}):
            made.append((name, value))
    return made


def _shown(value: Json) -> str:
    shown = "–" if value is None else str(value)
    return shown if len(shown) <= LONGEST_VALUE else shown[:LONGEST_VALUE] + "…"
