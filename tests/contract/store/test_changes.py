"""What changes a message again before the last change was sent, and who asked a poll."""

from __future__ import annotations

from storage import Store
from tests.contract.store.samples import NOW, message, row, txns


async def test_a_newer_edit_takes_the_place_of_those_not_begun(store: Store) -> None:
    """A live location moves faster than a slow room is written to."""
    async with store.write() as uow:
        mine, other = await message(uow), await message(uow)
        await uow.outbox.add(
            [
                row("n:b", "send", message_id=mine),
                row("n:b", "begun", message_id=mine, action="edit"),
                row("n:b", "old", message_id=mine, action="edit"),
                row("n:b", "delete", message_id=mine, action="delete"),
                row("n:b", "other", message_id=other, action="edit"),
            ]
        )
        rows = await uow.outbox.next("n:b", 9)
        await uow.outbox.mark(rows[1].id or 0, attempts=1)
    async with store.write() as uow:
        await uow.outbox.supersede_edits(mine)
    async with store.read() as uow:
        left = await uow.outbox.next("n:b", 9)
        assert txns(left) == ["send", "begun", "delete", "other"]


async def test_a_poll_is_found_by_its_id_where_it_was_asked(store: Store) -> None:
    """Not by its number in anybody's words, nor on another network."""
    async with store.write() as uow:
        asked = await uow.messages.add(
            room="n:a", content={"html": "", "poll": "512"}, at=NOW, taken_at=NOW, account="n:li"
        )
        await uow.messages.place(asked, "n:a", remote="7", origin=True)
        await uow.messages.place(asked, "n:b", remote="9")
        said = await message(uow, words="512")
        await uow.messages.place(said, "n:a", remote="8", origin=True)
    async with store.read() as uow:
        found = await uow.messages.with_poll("n", "512")
        assert found is not None
        assert (found[0].id, found[1]) == (asked, "7")
        assert await uow.messages.with_poll("n", "51") is None
        assert await uow.messages.with_poll("n", "5" * 60_000) is None
        assert await uow.messages.with_poll("m", "512") is None
