"""People with several accounts, one-time codes, open questions, timers, choices, settings."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from storage import Store
from tests.contract.store.samples import NOW, message

LATER = NOW + timedelta(minutes=5)


async def person(store: Store, account: str, handle: str | None = None) -> int:
    """The person behind an account that has just written."""
    async with store.write() as uow:
        known = await uow.people.see(account, NOW, name=account, handle=handle, language="zh")
        return known.person_id


async def test_the_first_sight_of_an_account_makes_a_person_and_later_ones_follow_its_name(
    store: Store,
) -> None:
    first = await person(store, "t:1")
    async with store.write() as uow:
        known = await uow.people.see("t:1", LATER, name="New", handle="new", language="en")
        assert (known.person_id, known.name, known.handle) == (first, "New", "new")
    async with store.read() as uow:
        assert [each.id for each in await uow.people.by_handle("NEW")] == ["t:1"]
        assert await uow.people.by_handle("n%") == []


async def test_twins_are_the_accounts_of_the_same_person_on_another_network(store: Store) -> None:
    one, other = await person(store, "t:1"), await person(store, "m:@li:x")
    await person(store, "t:2")
    await person(store, "tt:3")
    async with store.write() as uow:
        await uow.people.move(other, one)
    async with store.read() as uow:
        twins = await uow.people.twins(["t:1", "t:2", "t:unknown"], "m")
        assert {account: twin.id for account, twin in twins.items()} == {"t:1": "m:@li:x"}
        twins = await uow.people.twins(["m:@li:x", "t:1", "tt:3"], "t")
        assert {account: twin.id for account, twin in twins.items()} == {
            "m:@li:x": "t:1",
            "t:1": "t:1",
        }


async def test_a_person_who_is_joined_to_another_leaves_nothing_behind(store: Store) -> None:
    one, other = await person(store, "t:1"), await person(store, "m:1")
    async with store.write() as uow:
        await uow.people.add_code("CODE", other, "m:room", NOW, LATER)
        await uow.people.move(other, one)
    async with store.read() as uow:
        assert [each.id for each in await uow.people.accounts(one)] == ["m:1", "t:1"]
        assert await uow.people.person(other) is None
        code = await uow.people.code("CODE")
        assert code is not None
        assert code.person_id == one


async def test_of_many_who_claim_a_code_at_once_one_has_it(store: Store) -> None:
    owner = await person(store, "t:1")
    async with store.write() as uow:
        await uow.people.add_code("CODE", owner, "t:room", NOW, LATER)

    async def claim(account: str) -> bool:
        async with store.write() as uow:
            return await uow.people.claim_code("CODE", account)

    async def use() -> bool:
        async with store.write() as uow:
            return await uow.people.use_code("CODE")

    claimed = await asyncio.gather(*(claim(f"m:{number}") for number in range(10)))
    assert claimed.count(True) == 1
    assert (await asyncio.gather(*(use() for _try in range(10)))).count(True) == 1
    async with store.read() as uow:
        code = await uow.people.code("CODE")
        assert code is not None
        assert code.claimed_by == f"m:{claimed.index(True)}"
    assert not await claim("m:late")


async def test_a_person_has_one_open_question_in_a_room(store: Store) -> None:
    async with store.write() as uow:
        first = await uow.forms.put("n:a", "n:li", {"step": 1}, NOW)
        await uow.forms.put("n:b", "n:li", {"step": 7}, NOW)
    async with store.write() as uow:
        again = await uow.forms.put("n:a", "n:li", {"step": 2}, LATER)
        assert again.id == first.id
    async with store.write() as uow:
        form = await uow.forms.open("n:a", "n:li")
        assert form is not None
        assert (form.state, form.until) == ({"step": 2}, LATER)
        await uow.forms.close(form)
        assert await uow.forms.open("n:a", "n:li") is None
        assert await uow.forms.open("n:b", "n:li") is not None


async def test_a_timer_that_is_set_again_moves(store: Store) -> None:
    async with store.write() as uow:
        await uow.timers.set("form", "1", NOW, {"a": 1})
        await uow.timers.set("form", "2", LATER)
        await uow.timers.set("form", "1", LATER + timedelta(minutes=1), {"a": 2})
    async with store.write() as uow:
        assert await uow.timers.next() == LATER
        assert await uow.timers.due(NOW) == []
        due = await uow.timers.due(LATER + timedelta(hours=1))
        assert [(each.subject, each.data) for each in due] == [("2", {}), ("1", {"a": 2})]
        assert len(await uow.timers.due(LATER + timedelta(hours=1), 1)) == 1
        assert await uow.timers.drop("form", "2")
        assert not await uow.timers.drop("form", "2")
    async with store.read() as uow:
        assert await uow.timers.next() == LATER + timedelta(minutes=1)


async def test_the_latest_choices_are_those_of_the_last_message_shown_here(store: Store) -> None:
    async with store.write() as uow:
        for room, name in (("n:a", "x"), ("n:a", "y"), ("n:b", "z")):
            made = await message(uow, room)
            await uow.messages.place(made, room)
            await uow.buttons.add(
                made, NOW, [(f"{name}{number}", number, "/help", (), False) for number in (2, 1)]
            )
    async with store.write() as uow:
        ago = NOW - timedelta(hours=1)
        latest = await uow.buttons.latest("n:a", ago)
        assert [each.token for each in latest] == ["y1", "y2"]
        assert await uow.buttons.latest("n:a", NOW) == []
        assert await uow.buttons.latest("n:c", ago) == []
        button = await uow.buttons.get("z2")
        assert button is not None
        assert (button.number, button.only) == (2, [])
        await uow.buttons.remove(latest[0].message_id)
        assert [each.token for each in await uow.buttons.latest("n:a", ago)] == ["x1", "x2"]


async def test_a_value_that_is_made_once_stays(store: Store) -> None:
    async def make(value: str) -> str:
        async with store.write() as uow:
            return await uow.settings.get_or_make("key", value)

    assert len(set(await asyncio.gather(*(make(f"{number}") for number in range(8))))) == 1


async def test_a_web_room_shows_a_repeated_call_once(store: Store) -> None:
    async with store.write() as uow:
        first = await uow.web.post("web:a", "t1", {"html": "x"}, NOW, None)
        again = await uow.web.post("web:a", "t1", {"html": "x"}, NOW, None)
        assert (first[1], again) == (True, (first[0], False))
        second, _new = await uow.web.post("web:a", "t2", {"html": "y"}, NOW, None)
        assert await uow.web.delete(first[0], NOW)
        assert not await uow.web.edit(first[0], {"html": "z"}, NOW)
        assert len(await uow.web.history("web:a")) == 2
        assert [each.id for each in await uow.web.history("web:a", limit=1)] == [second]
