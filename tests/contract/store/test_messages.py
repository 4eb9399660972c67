"""The map between what was said and what each room shows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage import Store
from storage.tables import OutboxRow
from tests.contract.store import samples
from tests.contract.store.samples import NOW, message


async def test_a_message_is_found_by_its_original_and_by_every_copy(store: Store) -> None:
    async with store.write() as uow:
        made = await message(uow)
        await uow.messages.place(made, "n:a", remote="10", origin=True)
        await uow.messages.place_all(
            [{"message_id": made, "room": "n:b", "part": part} for part in (0, 1)]
        )
        await uow.messages.arrived(made, "n:b", 1, "21")
    async with store.read() as uow:
        for room, remote in (("n:a", "10"), ("n:b", "21")):
            found = await uow.messages.find(room, remote)
            assert found is not None
            assert found.id == made
        assert await uow.messages.find("n:b", "10") is None
        assert await uow.messages.remote(made, "n:b", 0) is None
        assert await uow.messages.remote(made, "n:b", 1) == "21"
        copies = await uow.messages.copies(made)
        assert [(copy.room, copy.part, copy.remote, copy.origin) for copy in copies] == [
            ("n:a", 0, "10", True),
            ("n:b", 0, None, False),
            ("n:b", 1, "21", False),
        ]
        assert len(await uow.messages.copies(made, "n:b")) == 2


async def test_a_remote_id_stands_for_one_place_only(store: Store) -> None:
    async with store.write() as uow:
        await uow.messages.place(await message(uow), "n:a", remote="10")
    with pytest.raises(Exception, match=r"(?i)unique"):
        async with store.write() as uow:
            await uow.messages.place(await message(uow), "n:a", remote="10")


async def test_an_edit_with_an_id_of_its_own_leads_to_its_message_and_stands_nowhere(
    store: Store,
) -> None:
    """However often it is handed over; a part that was taken back is none."""
    async with store.write() as uow:
        made, other = await message(uow), await message(uow)
        await uow.messages.place(made, "n:a", remote="10", origin=True)
        await uow.messages.place(made, "n:b", remote="20")
        await uow.messages.withdraw(made, "n:b", [0])
        await uow.messages.place(other, "n:a", remote="11", origin=True)
        for edit in ("12", "13", "12"):
            await uow.messages.edited_by(made, "n:a", edit)
    async with store.read() as uow:
        assert [await uow.messages.edit_of("n:a", each) for each in ("12", "13")] == ["10", "10"]
        for room, remote in (("n:a", "10"), ("n:a", "11"), ("n:b", "20"), ("n:b", "12")):
            assert await uow.messages.edit_of(room, remote) is None
        found = await uow.messages.find("n:a", "13")
        assert found is not None
        assert found.id == made
        assert [each.remote for each in await uow.messages.copies(made)] == ["10"]


async def test_parts_that_are_gone_keep_their_ids_and_numbers(store: Store) -> None:
    async with store.write() as uow:
        made = await message(uow)
        for part in range(3):
            await uow.messages.place(made, "n:b", remote=str(part), part=part)
        await uow.messages.withdraw(made, "n:b", [1, 2])
    async with store.read() as uow:
        assert [copy.part for copy in await uow.messages.copies(made)] == [0]
        assert await uow.messages.remote(made, "n:b", 2) == "2"
        assert await uow.messages.next_part(made, "n:b") == 3
        assert await uow.messages.next_part(made, "n:c") == 0


async def test_edits_are_counted_and_deletions_dated(store: Store) -> None:
    async with store.write() as uow:
        made = await message(uow)
    for words in ("one", "two"):
        async with store.write() as uow:
            found = await uow.messages.get(made)
            assert found is not None
            await uow.messages.changed(found, {"html": words})
    async with store.write() as uow:
        found = await uow.messages.get(made)
        assert found is not None
        await uow.messages.deleted(found, NOW)
    async with store.read() as uow:
        found = await uow.messages.get(made)
    assert found is not None
    assert (found.edits, found.content, found.deleted_at) == (2, {"html": "two"}, NOW)


def row(room: str, message_id: int | None = None, tried_at: datetime = NOW) -> OutboxRow:
    """A call that was tried."""
    return OutboxRow(
        room=room,
        priority=3,
        action="send",
        txn="t",
        message_id=message_id,
        made_at=NOW,
        tried_at=tried_at,
    )


@pytest.mark.parametrize("room", ["n:1", "n:1/7"])
async def test_the_highest_ids_of_a_room_are_those_of_its_topics_as_well(
    store: Store, room: str
) -> None:
    async with store.write() as uow:
        made = await message(uow)
        for place, remote in (("n:1", "9"), ("n:1/7", "16"), ("n:12", "70"), ("n:1/8", "8")):
            await uow.rooms.see(place, NOW, title="", private=False, language="zh")
            await uow.messages.place(made, place, remote=remote)
        await uow.messages.place(made, "n:1")
    async with store.read() as uow:
        assert (await uow.messages.highest(row(room)))[:2] == (("16", "9", "8"), True)
        assert (await uow.messages.highest(row(room), 2))[:2] == (("16", "9"), False)


async def test_an_id_is_among_the_highest_however_much_was_taken_after_its_message_was_queued(
    store: Store,
) -> None:
    """A message waits while a thousand older ones of the other side are read: what was sent last
    has the highest id although its place is the oldest."""
    async with store.write() as uow:
        ours = await message(uow)
        await uow.messages.place(ours, "n:1", remote="2000")
        for number in range(1000):
            theirs = await message(uow)
            await uow.messages.place(theirs, "n:1", remote=str(number), origin=True)
    async with store.read() as uow:
        remotes, whole, _before = await uow.messages.highest(row("n:1"))
        assert remotes[:2] == ("2000", "999")
        assert whole


async def test_what_was_known_before_a_call_is_told_by_order_and_clock(store: Store) -> None:
    async with store.write() as uow:
        early = await message(uow)
        await uow.messages.place(early, "n:1", remote="5", origin=True)
        mine = await message(uow)
        late = await message(uow)
        await uow.messages.place(late, "n:1", remote="7", origin=True)
    async with store.read() as uow:
        highest = uow.messages.highest
        assert (await highest(row("n:1", mine)))[2] == "5"
        assert (await highest(row("n:1")))[2] == "7"
        assert (await highest(row("n:1", mine, NOW - timedelta(hours=1))))[2] is None


async def test_our_own_words_to_the_room_were_there_before_what_is_sent_after_them(
    store: Store,
) -> None:
    async with store.write() as uow:
        for room, remote, sent_at in (
            ("n:1", "5", NOW),
            ("n:1/7", "6", NOW),
            ("n:1", "7", NOW + timedelta(minutes=1)),
        ):
            await uow.rooms.see(room, NOW, title="", private=False, language="zh")
            ours = await message(uow, "n:2")
            await uow.messages.place(ours, room, remote=remote)
            sent = {"message_id": ours, "state": "sent", "sent_at": sent_at}
            await uow.outbox.add([samples.row(room, f"t{remote}", **sent)])
        mine = await message(uow, "n:2")
    async with store.read() as uow:
        remotes, _whole, before = await uow.messages.highest(row("n:1", mine))
        assert (remotes, before) == (("7", "6", "5"), "5")


async def test_what_people_last_wrote(store: Store) -> None:
    async with store.write() as uow:
        await message(uow, "n:a", "first")
        await message(uow, "n:b", "second")
        await message(uow, "n:c", "elsewhere")
        await uow.messages.add(room="n:a", content={"html": "ours"}, at=NOW, taken_at=NOW)
    async with store.read() as uow:
        ago = NOW - timedelta(minutes=2)
        found = await uow.messages.recent(["n:a", "n:b"], ago, 9)
        assert [content["html"] for _account, _author, content in found] == ["second", "first"]
        assert len(await uow.messages.recent(["n:a", "n:b"], ago, 1)) == 1
        assert len(await uow.messages.recent(["n:a"], NOW, 9)) == 0
