"""Reactions and pins are seen in every room, by whom they were made, while they stand."""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path

import pytest

from tests.acceptance.places import MatrixPlace, Place, TelegramPlace, WebPlace
from tests.servers.matrixevents import mapping
from tests.servers.synapse import Homeserver
from tests.world import World
from workflows.text import Json

pytestmark = pytest.mark.asyncio(loop_scope="module")

NETWORKS = ("telegram", "matrix", "web")
each_way = pytest.mark.parametrize("source", NETWORKS)
Places = dict[str, Place]
NAMES = {"telegram": "李雷", "matrix": "Anna", "web": "Wang"}


def unique(words: str) -> str:
    """These words, told apart from all others in the rooms."""
    return f"{words}{secrets.token_hex(3)}"


async def react(place: Place, target: str, *emoji: str) -> dict[str, str]:
    """The person's reactions on a message become exactly these; Matrix's event ids."""
    made: dict[str, str] = {}
    if isinstance(place, TelegramPlace):
        place.chat.react(place.person, int(target), *emoji)
    elif isinstance(place, MatrixPlace):
        for each in emoji:
            made[each] = await place.person.react(place.id, target, each)
    else:
        assert isinstance(place, WebPlace)
        for each in emoji:
            await place.browser.do("react", id=int(target), emoji=each, add=True)
    return made


async def withdraw(place: Place, target: str, emoji: str, made: dict[str, str]) -> None:
    """The person takes a reaction off."""
    if isinstance(place, TelegramPlace):
        place.chat.react(place.person, int(target))
    elif isinstance(place, MatrixPlace):
        await place.person.redact(place.id, made[emoji])
    else:
        assert isinstance(place, WebPlace)
        await place.browser.do("react", id=int(target), emoji=emoji, add=False)


async def bot_reactions(world: World, target: str) -> list[str]:
    """The emoji that Lianzhi has on a Matrix event now."""
    return [
        str(relation["key"])
        for event in await world.anna.timeline(world.room)
        if event.type == "m.reaction"
        and not event.redacted
        and event.sender == world.matrix_bot.user_id
        and (relation := mapping(event.content.get("m.relates_to"))).get("event_id") == target
    ]


async def sees(world: World, place: Place, target: str, wanted: dict[str, list[str]]) -> None:
    """Wait until the place shows exactly these reactions of other rooms' people on a message."""
    if isinstance(place, TelegramPlace):
        line = " · ".join(f"{emoji} {'、'.join(names)}" for emoji, names in wanted.items())
        await place.until(
            lambda seen: (
                [each.text for each in seen if each.reply_to == target and each.bot]
                == ([line] if line else [])
            )
        )
    elif isinstance(place, MatrixPlace):
        async with asyncio.timeout(15):
            while sorted(await bot_reactions(world, target)) != sorted(wanted):
                await world.anna.request("GET", "/sync", query={"timeout": "200"})
    else:
        assert isinstance(place, WebPlace)
        events = place.browser.events

        def shown() -> bool:
            listed = events[int(target)].get("reactions", [])
            assert isinstance(listed, list)
            return {each["emoji"]: each["names"] for each in listed} == wanted

        await place.browser.until(shown)


async def said_everywhere(places: Places, source: str) -> dict[str, str]:
    """A message from `source`; its id in each room, by network."""
    words = unique("压力")
    ids = {source: await places[source].say(words)}
    for network, place in places.items():
        if network != source:
            ids[network] = (await place.see_text(words)).id
    return ids


@each_way
@pytest.mark.parametrize("author", NETWORKS)
async def test_a_reaction_is_seen_in_the_other_rooms_and_goes_again(
    shared: World, places: Places, source: str, author: str
) -> None:
    """On one's own message and on a copy: by name where the network can show it."""
    ids = await said_everywhere(places, author)
    made = await react(places[source], ids[source], "👍")
    for network, place in places.items():
        if network != source:
            await sees(shared, place, ids[network], {"👍": [NAMES[source]]})
    await withdraw(places[source], ids[source], "👍", made)
    for network, place in places.items():
        if network != source:
            await sees(shared, place, ids[network], {})


async def test_people_of_two_rooms_are_gathered_under_one_emoji(
    shared: World, places: Places
) -> None:
    """One line in Telegram, one reaction on Matrix, one chip on the page; spelling aside."""
    ids = await said_everywhere(places, "telegram")
    await react(places["matrix"], ids["matrix"], "❤️")
    await sees(shared, places["telegram"], ids["telegram"], {"❤️": ["Anna"]})
    await react(places["web"], ids["web"], "❤️")
    await sees(shared, places["telegram"], ids["telegram"], {"❤️": ["Anna", "Wang"]})
    await react(places["telegram"], ids["telegram"], "❤")
    await sees(shared, places["matrix"], ids["matrix"], {"❤️": []})
    await sees(shared, places["web"], ids["web"], {"❤️": ["Wang", "Anna", "李雷"]})
    await react(places["matrix"], ids["matrix"], "👀")
    wanted = {"❤️": ["Anna", "Wang"], "👀": ["Anna"]}
    await sees(shared, places["telegram"], ids["telegram"], wanted)


async def test_thirty_changes_in_a_second_make_few_calls(shared: World, places: Places) -> None:
    """What is shown at the end is right, and talk meanwhile is not held up."""
    ids = await said_everywhere(places, "telegram")
    before = len(shared.api.calls)
    began = time.monotonic()
    for number in range(15):
        await react(places["web"], ids["web"], "👍")
        if number < 14:
            await withdraw(places["web"], ids["web"], "👍", {})
    words = unique("撤离")
    await places["web"].say(words)
    await places["telegram"].see_text(words)
    await sees(shared, places["telegram"], ids["telegram"], {"👍": ["Wang"]})
    await sees(shared, places["matrix"], ids["matrix"], {"👍": []})
    most = 5 + int(time.monotonic() - began)
    methods = ("sendMessage", "editMessageText", "deleteMessage")
    assert sum(call.method in methods for call in list(shared.api.calls)[before:]) <= most
    timeline = await shared.anna.timeline(shared.room)
    (copied,) = [at for at, event in enumerate(timeline) if event.id == ids["matrix"]]
    put = [event for event in timeline[copied:] if event.type == "m.reaction"]
    assert len(put) <= most


async def test_a_message_taken_back_takes_its_line_along(shared: World, places: Places) -> None:
    """A line about nothing would stay for ever."""
    ids = await said_everywhere(places, "web")
    await react(places["web"], ids["web"], "👍")
    await sees(shared, places["telegram"], ids["telegram"], {"👍": ["Wang"]})
    await places["web"].take_back(ids["web"])
    await places["telegram"].until(
        lambda seen: not any(ids["telegram"] in (each.id, each.reply_to) for each in seen)
    )


async def test_reactions_and_edits_leave_each_other_alone(shared: World, places: Places) -> None:
    """On the page both are one row."""
    ids = await said_everywhere(places, "matrix")
    await react(places["matrix"], ids["matrix"], "👍")
    await sees(shared, places["web"], ids["web"], {"👍": ["Anna"]})
    new = unique("改")
    await places["matrix"].edit(ids["matrix"], new)
    await places["web"].see_text(new)
    await sees(shared, places["web"], ids["web"], {"👍": ["Anna"]})


async def test_a_pin_is_a_pin_where_the_bot_may_and_a_line_where_not(
    shared: World, places: Places
) -> None:
    """In Telegram and on the page; the bot has no power to pin in the Matrix room."""
    ids = await said_everywhere(places, "web")
    web = places["web"]
    assert isinstance(web, WebPlace)
    await web.browser.do("pin", id=int(ids["web"]), add=True)
    await shared.api.until(lambda: int(ids["telegram"]) in shared.group.pinned)
    line = await places["matrix"].see_text("📌 Wang pinned: 压力")
    assert line.reply_to == ids["matrix"]
    await web.browser.do("pin", id=int(ids["web"]), add=False)
    await shared.api.until(lambda: int(ids["telegram"]) not in shared.group.pinned)


async def test_a_pin_of_telegram_and_of_matrix_is_seen_on_the_page(
    shared: World, places: Places
) -> None:
    """Matrix also tells of what is unpinned."""
    web = places["web"]
    assert isinstance(web, WebPlace)
    events = web.browser.events
    ids = await said_everywhere(places, "matrix")
    shared.group.pin(shared.li, int(ids["telegram"]))
    await web.browser.until(lambda: events[int(ids["web"])].get("pinned") == "李雷")
    other = await said_everywhere(places, "telegram")
    pinned: dict[str, Json] = {"pinned": [other["matrix"]]}
    await shared.anna.set_state(shared.room, "m.room.pinned_events", pinned)
    await web.browser.until(lambda: events[int(other["web"])].get("pinned") == "Anna")
    await shared.api.until(lambda: int(other["telegram"]) in shared.group.pinned)
    await shared.anna.set_state(shared.room, "m.room.pinned_events", {"pinned": []})
    await web.browser.until(lambda: not events[int(other["web"])].get("pinned"))
    await shared.api.until(lambda: int(other["telegram"]) not in shared.group.pinned)


async def test_with_the_power_to_pin_it_pins_on_matrix(shared: World, places: Places) -> None:
    """Beside what people have pinned."""
    ids = await said_everywhere(places, "telegram")
    mine = await places["matrix"].say(unique("mine"))
    await shared.anna.set_state(shared.room, "m.room.pinned_events", {"pinned": [mine]})
    levels = await shared.anna.state(shared.room, "m.room.power_levels")
    events = {**mapping(levels.get("events")), "m.room.pinned_events": 0}
    await shared.anna.set_power(shared.room, {"events": events})
    shared.group.pin(shared.li, int(ids["telegram"]))
    await shared.anna.wait_for(
        shared.room,
        lambda event: event.content.get("pinned") == [mine, ids["matrix"]],
    )


async def test_without_administrator_rights_reactions_still_come_into_telegram(
    shared: World, places: Places
) -> None:
    """It hears of none there, and pins become lines; nothing is complained of."""
    shared.group.demote(shared.bot)
    try:
        ids = await said_everywhere(places, "web")
        await react(places["web"], ids["web"], "👍")
        await sees(shared, places["telegram"], ids["telegram"], {"👍": ["Wang"]})
        web = places["web"]
        assert isinstance(web, WebPlace)
        await web.browser.do("pin", id=int(ids["web"]), add=True)
        line = await places["telegram"].see_text("📌 Wang")
        assert line.reply_to == ids["telegram"]
        assert not any("⚠" in shown.text for shown in await web.all())
    finally:
        shared.group.promote(shared.bot)


@pytest.mark.asyncio(loop_scope="function")
async def test_a_reaction_is_taken_off_after_a_restart(tmp_path: Path, hs: Homeserver) -> None:
    """Nothing of it is in memory any more; the line, the page and Matrix follow all the same."""
    async with World(tmp_path, hs) as world:
        await world.bridge.start()
        await world.anna.wait_for(
            world.room,
            lambda event: (
                event.state_key == world.matrix_bot.user_id
                and event.content.get("membership") == "join"
            ),
        )
        telegram = TelegramPlace(world, world.group, world.li)
        matrix = MatrixPlace(world, world.room, world.anna)
        words = unique("压力")
        said = await telegram.say(words)
        copy = (await matrix.see_text(words)).id
        made = await react(matrix, copy, "👍")
        await react(telegram, said, "🔥")
        await sees(world, telegram, said, {"👍": ["Anna"]})
        await sees(world, matrix, copy, {"🔥": []})
        await world.bridge.kill()
        await withdraw(matrix, copy, "👍", made)
        await react(telegram, said)
        await world.bridge.start()
        await sees(world, telegram, said, {})
        await sees(world, matrix, copy, {})
