"""`lianzhi ledger`: the record verified against posted heads, and written out for others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.operation import ledger_verifier
from bot.settings import Settings
from storage import Store, schema
from storage.tables import LedgerEntry
from workflows.errors import Refusal
from workflows.incidents.ledger import plain
from workflows.text import Msg, _, ngettext

VERIFIER = "lianzhi-ledger-verify.py"
"""What the stand-alone verifier is called beside an exported record."""


async def verify(
    settings: Settings,
    say: Callable[[Msg], None],
    complain: Callable[[Msg], None],
    heads: Sequence[str] = (),
) -> int:
    """Say whether the record is whole and agrees with heads that were posted (`41:3f2a…`); 1 if
    it does not. Raises `StoreUnavailable`, `SchemaNewer`, `Refusal`."""
    wanted = [_head(each) for each in heads]
    async with _opened(settings) as store:
        if store is None:
            say(_("There is no record yet."))
            return 0
        async with store.read() as uow:
            bad = await uow.ledger.first_bad()
            if bad is not None:
                complain(
                    _("Entry {number} of the record was altered, removed or moved.", number=bad)
                )
                return 1
            for seq, head in wanted:
                found = await uow.ledger.get(seq)
                if found is None or not found.hash.startswith(head):
                    complain(
                        _(
                            "Entry {number} does not agree with the head that was posted: the "
                            "record was rewritten.",
                            number=seq,
                        )
                    )
                    return 1
    say(_("The record is whole: no entry was altered, removed or moved."))
    return 0


async def export(settings: Settings, say: Callable[[Msg], None], target: Path) -> int:
    """Write the record to `target`, an entry a line, and beside it the verifier that needs nothing
    but Python. Raises `Refusal`, `OSError`, `StoreUnavailable`, `SchemaNewer`."""
    _refuse_existing(target)
    async with _opened(settings) as store:
        if store is None:
            say(_("There is no record yet."))
            return 0
        count = after = 0
        head = ledger_verifier.START
        with target.open("xb") as file:
            async with store.read() as uow:
                while entries := await uow.ledger.entries(after):
                    for entry in entries:
                        file.write(line(entry))
                        count, after, head = count + 1, entry.seq, entry.hash
    _put_verifier(target.with_name(VERIFIER))
    say(ngettext("{n} entry was written.", "{n} entries were written.", count))
    say(_("Its head is {head}", head=f"{count}:{head}"))
    say(_("Anybody verifies it with: {command}", command=f"python3 {VERIFIER} {target.name}"))
    return 0


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise Refusal(
            "export-exists",
            _("{path} is there already; name a file that is not.", path=str(target)),
        )


def _put_verifier(target: Path) -> None:
    target.write_bytes(Path(ledger_verifier.__file__).read_bytes())


def line(entry: LedgerEntry) -> bytes:
    """An entry as a line of an exported record."""
    return ledger_verifier.canonical(plain(entry)) + b"\n"


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Store | None]:
    """The store as it is, None where there is none. Raises `SchemaNewer`, `StoreUnavailable`."""
    file = settings.database_file
    if file is not None and not file.exists():
        yield None
        return
    store = await Store.open(settings.database_url, migrate=False)
    try:
        found = await store.schema_version()
        if found is not None and found > schema.HEAD:
            raise schema.SchemaNewer(found)
        yield store if found is not None else None
    finally:
        await store.close()


def _head(typed: str) -> tuple[int, str]:
    try:
        return ledger_verifier.read_head(typed)
    except ValueError:
        raise Refusal(
            "ledger-head",
            _("{head} is no head of a record; one looks like 41:3f2a9c…", head=typed[:80]),
        ) from None
