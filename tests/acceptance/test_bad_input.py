"""Whatever a network hands over, the rooms go on and nothing is doubled."""

from __future__ import annotations

import secrets

import pytest

from tests.acceptance.places import Place
from tests.servers.matrixevents import Body
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

Places = dict[str, Place]


async def goes_on(places: Places) -> None:
    """Each room still hears the other two."""
    for source in places.values():
        mark = secrets.token_hex(4)
        await source.say(mark)
        for target in places.values():
            if target is not source:
                await target.see_text(mark)
                assert await target.count(mark) == 1


def body(shared: World, **fields: object) -> dict[str, object]:
    """A message as Telegram describes it, with other fields."""
    number = 900_000 + secrets.randbelow(90_000)
    return {
        "message_id": number,
        "date": int(shared.api.clock.now()),
        "chat": shared.group.to_json(),
        "from": shared.li.to_json(),
        **fields,
    }


BAD_UPDATES: dict[str, tuple[str, object]] = {
    "no object": ("message", 7),
    "nothing": ("message", None),
    "a text": ("message", "hello"),
    "an empty object": ("message", {}),
    "a list": ("message", [1, 2]),
    "an unknown kind": ("teleportation", {"x": 1}),
    "a press without data": ("callback_query", {"id": "1"}),
    "a reaction of nobody": ("message_reaction", {"chat": {"id": 1, "type": "group"}}),
    "a membership of nothing": ("my_chat_member", {"date": 0}),
}


@pytest.mark.parametrize("name", BAD_UPDATES)
async def test_a_malformed_update_stops_nobody(shared: World, places: Places, name: str) -> None:
    """What follows it is relayed, and the update does not come again."""
    kind, content = BAD_UPDATES[name]
    shared.bot.queue.inject(kind, content)
    mark = secrets.token_hex(4)
    await places["telegram"].say(mark)
    await places["matrix"].see_text(mark)
    await shared.api.confirmed()


@pytest.mark.parametrize(
    "fields",
    [
        {"text": 7},
        {"text": "x", "entities": [{"type": "bold", "offset": -5, "length": 10**9}]},
        {"text": "x", "entities": "bold"},
        {"date": -1, "text": "vor 1970"},
        {"date": 10**15, "text": "far"},
        {"text": "\ud83d lone \udc00"},
        {"text": "x", "reply_to_message": {"message_id": "y"}},
        {"photo": []},
        {"caption": "nothing to it"},
        {"from": {"id": 10**30, "is_bot": False, "first_name": "Riese"}, "text": "x"},
        {"from": None, "text": "nobody"},
        {"chat": {"id": 10**30, "type": "supergroup", "title": "T"}, "text": "x"},
        {"chat": {"id": "abc", "type": "group", "title": "T"}, "text": "x"},
        {"message_id": "seven", "text": "x"},
        {"message_id": 10**25, "text": "x"},
        {"text": "\x00\x01\x1b[31m"},
    ],
    ids=lambda fields: ascii(fields)[:40],
)
async def test_a_message_with_nonsense_in_it_stops_nobody(
    shared: World, places: Places, fields: dict[str, object]
) -> None:
    """It may be shown, named or left; the next one arrives on time."""
    shared.bot.queue.inject("message", body(shared, **fields))
    mark = secrets.token_hex(4)
    await places["telegram"].say(mark)
    await places["matrix"].see_text(mark)
    await shared.api.confirmed()


async def test_a_replayed_update_has_no_second_effect(shared: World, places: Places) -> None:
    """The same message under a new update, and a whole update again."""
    mark = secrets.token_hex(4)
    message = body(shared, text=mark)
    shared.bot.queue.inject("message", message)
    shared.bot.queue.inject("message", message)
    end = secrets.token_hex(4)
    await places["telegram"].say(end)
    for network in ("matrix", "web"):
        await places[network].see_text(end)
        assert await places[network].count(mark) == 1


@pytest.mark.parametrize("seconds", [-3 * 365 * 86400, 400 * 86400])
async def test_a_networks_clock_may_be_wrong(shared: World, places: Places, seconds: int) -> None:
    """Dates years back or ahead change neither order nor arrival."""
    mark = secrets.token_hex(4)
    date = int(shared.api.clock.now()) + seconds
    shared.bot.queue.inject("message", body(shared, text=mark, date=date))
    await places["matrix"].see_text(mark)
    await goes_on(places)


@pytest.mark.parametrize("source", ["matrix", "web"])
async def test_a_huge_text_is_carried_or_refused_but_stops_nobody(
    places: Places, source: str
) -> None:
    """Near what a Matrix event can hold; the page takes forty thousand characters."""
    mark = secrets.token_hex(4)
    length = 60_000 if source == "matrix" else 39_000
    await places[source].say("A" * length + mark)
    await places["telegram"].see_text(mark)
    shown = [each for each in await places["telegram"].all() if "AAAA" in each.text]
    assert sum(each.text.count("A") for each in shown) >= length
    await goes_on(places)


async def test_text_of_many_kilobytes_of_chinese_arrives_whole(places: Places) -> None:
    """64 kB in UTF-8 from the page to both."""
    mark = secrets.token_hex(4)
    await places["web"].say("险" * 21_000 + mark)
    for network in ("telegram", "matrix"):
        await places[network].see_text(mark)
        seen = await places[network].all()
        assert sum(each.text.count("险") for each in seen) == 21_000


@pytest.mark.parametrize(
    "text",
    [
        "\u202e反了\u202c abc",
        "a\u200bb\u200cc\u2060d\ufeffe",
        "\u2066\u2067\u2068",
        "e" + "\u0301" * 300,
        "👨‍👩‍👧‍👦" * 50,
        "\U000e0041\U000e0042",
    ],
    ids=ascii,
)
async def test_deceptive_text_cannot_reach_over_the_author(places: Places, text: str) -> None:
    """Turned, invisible and stacked signs stay behind the colon."""
    mark = secrets.token_hex(4)
    await places["matrix"].say(f"{mark}{text}{mark}")
    for network in ("telegram", "web"):
        shown = await places[network].see_text(mark)
        assert shown.text.startswith(f"{places['matrix'].author}：{mark}")
        assert not set(shown.text) & {"\u202d", "\u202e"}


MATRIX_NONSENSE: list[Body] = [
    {"msgtype": "m.image", "body": "x", "url": 7, "info": "y"},
    {"msgtype": "m.image", "body": "../../etc/passwd", "url": "mxc://../..", "info": {"w": "1"}},
    {"msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": "m.replace"}},
    {"msgtype": "m.text", "body": "x", "m.relates_to": {"m.in_reply_to": {"event_id": 5}}},
    {
        "msgtype": "m.text",
        "body": "x",
        "format": "org.matrix.custom.html",
        "formatted_body": "<" * 9000,
    },
    {
        "msgtype": "m.text",
        "body": "x",
        "format": "org.matrix.custom.html",
        "formatted_body": "<b>" * 5000,
    },
    {"msgtype": "m.location", "body": "x"},
    {"msgtype": "m.text", "body": "", "m.mentions": {"user_ids": "everybody"}},
]


@pytest.mark.parametrize("content", MATRIX_NONSENSE, ids=lambda c: ascii(c)[:60])
async def test_a_matrix_event_with_nonsense_in_it_stops_nobody(
    shared: World, places: Places, content: Body
) -> None:
    """It may be shown, named or left; the next one arrives on time."""
    await shared.anna.send(shared.room, "m.room.message", content)
    mark = secrets.token_hex(4)
    await places["matrix"].say(mark)
    await places["telegram"].see_text(mark)


async def test_a_page_that_speaks_nonsense_is_told_so_and_hurts_nobody(
    shared: World, places: Places
) -> None:
    """Its socket may be closed; the others go on."""
    async with shared.browser("Mallory") as mallory:
        for frame in ("", "{", "[]", '{"op":"say"}', '{"op":"delete","cid":"a","id":-1}'):
            await mallory.socket.send_str(frame)
        await mallory.until(lambda: len(mallory.refusals) >= 3)
    await goes_on(places)


async def test_nobody_edits_or_deletes_anothers_message_by_the_protocol(
    shared: World, places: Places
) -> None:
    """A page that names another's event is refused; so is a Matrix edit of another's event."""
    mark = secrets.token_hex(4)
    mine = await places["web"].say(mark)
    await places["telegram"].see_text(mark)
    async with shared.browser("Mallory") as mallory:
        for op, more in (("edit", {"text": "evil", "mentions": []}), ("delete", {})):
            await mallory.socket.send_json({"op": op, "cid": op, "id": int(mine), **more})
        await mallory.until(lambda: len(mallory.refusals) == 2)
    said = await places["matrix"].say(f"m{mark}")
    other = await shared.hs.user("eve", display_name="Eve")
    await shared.anna.invite(shared.room, other.user_id)
    await other.join(shared.room)
    await other.edit(shared.room, said, "evil")
    await other.say(shared.room, f"end{mark}")
    await places["telegram"].see_text(f"end{mark}")
    assert not [each for each in await places["telegram"].all() if "evil" in each.text]
    assert await places["telegram"].count(f"m{mark}") == 1


async def test_all_rooms_hear_each_other_at_the_end(places: Places) -> None:
    """After all that was thrown at them."""
    await goes_on(places)
