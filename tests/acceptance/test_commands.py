"""Commands, forms and choices on every network, in each room's language, by the real process."""

from __future__ import annotations

import re
import secrets

import pytest

from tests.acceptance.places import MatrixPlace, Place, TelegramPlace, WebPlace
from tests.servers.botapi import Chat
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

NETWORKS = ["telegram", "matrix", "web"]
on_each = pytest.mark.parametrize("network", NETWORKS)
Places = dict[str, Place]
CODE = re.compile(r"(?:join|加入|link|绑定) ([A-Z0-9]{6,})")


def code_in(text: str) -> str:
    """The code that an answer shows."""
    found = CODE.search(text)
    assert found is not None, text
    return found[1]


@on_each
@pytest.mark.parametrize("line", ["/help", "/帮助", "！帮助", "／HELP", "!help"])
async def test_help_answers_in_every_spelling(places: Places, network: str, line: str) -> None:
    """As a reply to whoever asked, with all the families."""
    answer = await places[network].command(line)
    for english, chinese in (("/bridge", "/桥接"), ("/me", "/我"), ("/redact", "/撤回")):
        if network != "matrix":
            assert chinese in answer.text
        if network != "telegram":
            assert english in answer.text


async def test_every_room_reads_the_answer_in_its_own_language(places: Places) -> None:
    """A Chinese group, an English room, a room that reads both."""
    said = await places["telegram"].say("/帮助")
    chinese = await places["telegram"].see(lambda shown: shown.bot and shown.reply_to == said)
    typed = [shown for shown in await places["matrix"].all() if shown.text.endswith("：/帮助")]
    english = await places["matrix"].see(lambda shown: shown.reply_to == typed[-1].id)
    assert "/桥接" in chinese.text
    assert "/bridge" not in chinese.text
    assert "/bridge" in english.text
    assert not re.search("[一-鿿]", english.text)


async def test_a_command_may_name_us_but_not_another_bot(shared: World, places: Places) -> None:
    """Telegram's suffix: ours is dropped, another's is somebody else's business."""
    telegram = places["telegram"]
    assert "/桥接" in (await telegram.command("/help@lianzhi_bot")).text
    other = await telegram.say("/help@weather_bot")
    assert "/桥接" in (await telegram.command("/帮助@lianzhi_bot")).text
    assert not [shown for shown in await telegram.all() if shown.bot and shown.reply_to == other]


@on_each
async def test_a_slip_is_answered_with_what_was_meant_and_a_choice_of_it(
    places: Places, network: str
) -> None:
    """Taken by a tap, a number or a press, the suggestion runs."""
    place = places[network]
    slip = await place.command("/hlep")
    assert len(slip.buttons) == 1
    before = {shown.id for shown in await place.all()}
    await place.choose(slip, 1)
    ran = await place.see(lambda shown: shown.bot and shown.id not in before)
    assert "/redact" in ran.text or "/撤回" in ran.text


async def test_a_choice_by_number_is_no_talk_for_the_other_rooms(places: Places) -> None:
    """A bare number in reply to choices is a press."""
    matrix = places["matrix"]
    slip = await matrix.command("/hlep")
    await matrix.choose(slip, 1)
    mark = secrets.token_hex(3)
    await matrix.say(mark)
    await places["telegram"].see_text(mark)
    assert not [s for s in await places["telegram"].all() if s.text.endswith("Anna：1")]


async def test_a_reaction_takes_a_choice(shared: World, places: Places) -> None:
    """The bot puts 1️⃣ under its choices; a tap on it is enough."""
    matrix = places["matrix"]
    slip = await matrix.command("/hlpe")
    before = {shown.id for shown in await matrix.all()}
    await shared.anna.wait_for(
        shared.room,
        lambda e: e.type == "m.reaction" and e.relation.get("event_id") == slip.id,
    )
    await shared.anna.react(shared.room, slip.id, "1️⃣")
    ran = await matrix.see(lambda shown: shown.bot and shown.id not in before)
    assert "/redact" in ran.text


@on_each
async def test_the_language_of_a_room_can_be_changed_and_back(places: Places, network: str) -> None:
    """The answer already comes in the new language."""
    place = places[network]
    first = {"telegram": "zh", "matrix": "en", "web": "both"}[network]
    other = "en" if network == "telegram" else "zh"
    asked = await place.command("/lang")
    assert len(asked.buttons) == 3
    changed = await place.command(f"/lang {other}")
    if other == "en":
        assert not re.search("[一-鿿]", changed.text)
    else:
        assert re.search("[一-鿿]", changed.text)
    await place.command(f"/lang {first}")


async def fresh_rooms(shared: World) -> tuple[TelegramPlace, MatrixPlace]:
    """A new group and a new room with the administrators in them."""
    group: Chat = shared.api.supergroup("北岸", shared.li, shared.han, admins=[shared.bot])
    room = await shared.anna.create_room(name="North", invite=(shared.matrix_bot.user_id,))
    await shared.anna.wait_for(
        room,
        lambda e: (
            e.state_key == shared.matrix_bot.user_id and e.content.get("membership") == "join"
        ),
    )
    return (
        TelegramPlace(shared, group, shared.li, agency=""),
        MatrixPlace(shared, room, shared.anna, agency=""),
    )


async def test_a_bridge_is_made_in_one_room_and_joined_from_the_others_by_its_code(
    shared: World,
) -> None:
    """Each room that joins tells the others; then they hear each other, until one leaves."""
    telegram, matrix = await fresh_rooms(shared)
    async with shared.browser("Zhao", "spare") as zhao:
        web = WebPlace(shared, zhao, "Zhao", "spare")
        name = f"北岸{secrets.token_hex(2)}"
        made = await telegram.command(f"/桥接 新建 {name}")
        code = code_in(made.text)
        joined = await matrix.command(f"/bridge join {code}")
        assert name in joined.text
        assert name in (await telegram.see(lambda s: s.id > made.id and name in s.text)).text
        await web.command(f"/桥接加入 {code.lower()}")
        mark = secrets.token_hex(4)
        await web.say(mark)
        assert (await telegram.see_text(mark)).text == f"Zhao：{mark}"
        assert (await matrix.see_text(mark)).text == f"Zhao：{mark}"
        listed = await telegram.command("/桥接 列表")
        assert name in listed.text
        assert "web:spare" in listed.text
        await web.command("/桥接 退出")
        assert (
            name
            in (
                await telegram.see(lambda s: s.bot and "web:spare" in s.text and s.id > listed.id)
            ).text
        )
        await web.say(f"alone{mark}")
        await telegram.say(f"end{mark}")
        await matrix.see_text(f"end{mark}")
        assert await telegram.count(f"alone{mark}") == 0


@on_each
async def test_a_form_asks_for_what_is_missing_and_takes_the_next_message(
    shared: World, places: Places, network: str
) -> None:
    """`/bridge new` without a name; the answer makes the bridge."""
    place = places[network]
    asked = await place.command("/bridge new")
    assert asked.buttons
    name = f"南岸{secrets.token_hex(2)}"
    said = await place.say(name)
    made = await place.see(lambda shown: shown.bot and shown.reply_to == said)
    assert name in made.text
    assert code_in(made.text)
    left = await place.command(f"/bridge leave {name}")
    assert name in left.text


@on_each
@pytest.mark.parametrize("way", ["word", "command", "choice"])
async def test_a_form_can_be_left(places: Places, network: str, way: str) -> None:
    """By 取消, by /cancel, by its button; what is said next is talk again."""
    place = places[network]
    asked = await place.command("/bridge new")
    if way == "choice":
        before = {shown.id for shown in await place.all()}
        await place.choose(asked, len(asked.buttons))
        await place.see(lambda shown: shown.bot and shown.id not in before)
    else:
        await place.command("取消" if way == "word" else "/cancel")
    mark = secrets.token_hex(4)
    said = await place.say(mark)
    other = next(each for key, each in places.items() if key != network)
    await other.see_text(mark)
    assert not [s for s in await place.all() if s.bot and s.reply_to == said]


async def test_a_form_of_one_person_does_not_take_anothers_words(
    shared: World, places: Places
) -> None:
    """韩梅梅 goes on talking while 李雷 is asked."""
    telegram = places["telegram"]
    han = TelegramPlace(shared, shared.group, shared.han)
    await telegram.command("/桥接 新建")
    mark = secrets.token_hex(4)
    said = await han.say(mark)
    await places["matrix"].see_text(mark)
    assert not [s for s in await telegram.all() if s.bot and s.reply_to == said]
    await telegram.command("/取消")


async def test_only_administrators_make_bridges(shared: World, places: Places) -> None:
    """Others are told so, in the room's language, and nothing is made."""
    han = TelegramPlace(shared, shared.group, shared.han)
    refused = await han.command("/桥接 新建 偷偷")
    assert "偷偷" not in refused.text
    bob = await shared.hs.user("bob", display_name="Bob")
    await shared.anna.invite(shared.room, bob.user_id)
    await bob.join(shared.room)
    place = MatrixPlace(shared, shared.room, bob, "Bob")
    refused = await place.command("/bridge new 偷偷")
    assert "偷偷" not in refused.text
    assert "偷偷" not in (await places["telegram"].command("/桥接 列表")).text
    assert "/help" in (await place.command("/help")).text


async def test_accounts_become_one_person_after_both_have_agreed(
    shared: World, places: Places
) -> None:
    """A code from Telegram, typed on Matrix, agreed to on Telegram; a stranger cannot agree."""
    bob = await shared.hs.user("carol", display_name="Carol")
    await shared.anna.invite(shared.room, bob.user_id)
    await bob.join(shared.room)
    carol = MatrixPlace(shared, shared.room, bob, "Carol")
    han = TelegramPlace(shared, shared.group, shared.han)
    code = code_in((await han.command("/我 验证码")).text)
    await carol.command(f"/me link {code}")
    asked = await han.see(lambda s: s.bot and bob.user_id in s.text)
    assert len(asked.buttons) == 2
    refused = await shared.group.press(shared.li, int(asked.id), asked.buttons[0])
    assert refused.text
    before = {shown.id for shown in await han.all()}
    await han.choose(asked, 1)
    await han.see(lambda s: s.bot and s.id not in before and bob.user_id in s.text)
    card = await carol.command("/me")
    assert f"telegram:{shared.han.id}" in card.text
    assert bob.user_id in card.text
    again = await places["matrix"].command(f"/me link {code}")
    assert shared.anna.user_id not in again.text


async def test_a_rights_of_a_person_hold_for_all_accounts(shared: World) -> None:
    """An administrator's second account is an administrator."""
    telegram, _matrix = await fresh_rooms(shared)
    han = TelegramPlace(shared, telegram.chat, shared.han, agency="")
    other = shared.api.user("李雷二号")
    telegram.chat.join(other)
    second = TelegramPlace(shared, telegram.chat, other, agency="")
    code = code_in((await telegram.command("/我 验证码")).text)
    await second.command(f"/我 绑定 {code}")
    asked = await telegram.see(lambda s: s.bot and f"telegram:{other.id}" in s.text)
    await telegram.choose(asked, 1)
    await telegram.see(lambda s: s.bot and s.id > asked.id and f"telegram:{other.id}" in s.text)
    name = f"二号{secrets.token_hex(2)}"
    assert name in (await second.command(f"/桥接 新建 {name}")).text
    assert name not in (await han.command("/桥接 新建 别的")).text


@on_each
async def test_a_trace_shows_every_hop_of_a_message(places: Places, network: str) -> None:
    """As a reply, from a room that only has the copy."""
    source = next(each for key, each in places.items() if key != network)
    mark = secrets.token_hex(4)
    await source.say(mark)
    copy = await places[network].see_text(mark)
    trace = await places[network].command("/trace", reply_to=copy.id)
    for title in {"消防指挥群", "Environment"} - {{"telegram": "", "matrix": ""}.get(network, "")}:
        assert title in trace.text
    assert re.search(r"\d\d:\d\d:\d\d\.\d{3}", trace.text)


@on_each
async def test_a_command_that_needs_a_reply_says_so(places: Places, network: str) -> None:
    """/trace and /redact without one change nothing."""
    for line in ("/trace", "/撤回"):
        assert (await places[network].command(line)).text


async def test_nobody_takes_back_another_persons_words(shared: World, places: Places) -> None:
    """Not by /撤回 either. An administrator may; where the bot may not, all are told so."""
    mark = secrets.token_hex(4)
    await places["matrix"].say(mark)
    copy = await places["telegram"].see_text(mark)
    han = TelegramPlace(shared, shared.group, shared.han)
    await han.command("/撤回", reply_to=copy.id)
    assert await places["telegram"].count(mark) == 1
    before = {shown.id for shown in await places["telegram"].all()}
    await places["telegram"].command("/撤回", reply_to=copy.id)
    await places["telegram"].until(lambda seen: not any(mark in each.text for each in seen))
    told = await places["telegram"].see(lambda s: s.id not in before and "⚠" in s.text)
    assert "Environment" in told.text
    assert any(mark in shown.text for shown in await places["matrix"].all())
    await places["telegram"].say(f"on{mark}")
    await places["matrix"].see_text(f"on{mark}")


async def test_an_administrator_takes_back_anything_where_the_bot_is_a_moderator(
    shared: World, places: Places
) -> None:
    """Matrix asks for power level 50."""
    levels = await shared.anna.state(shared.room, "m.room.power_levels")
    users = levels["users"]
    assert isinstance(users, dict)
    bot = shared.matrix_bot.user_id
    await shared.anna.set_power(shared.room, {"users": {**users, bot: 50}})
    mark = secrets.token_hex(4)
    await places["matrix"].say(mark)
    copy = await places["telegram"].see_text(mark)
    await places["telegram"].command("/撤回", reply_to=copy.id)
    for place in places.values():
        await place.until(lambda seen: not any(mark in shown.text for shown in seen))


async def test_what_could_not_be_delivered_is_told_and_sent_again(
    shared: World,
) -> None:
    """The bot is removed from a group: the writers learn it, and /retry brings the words later."""
    telegram, matrix = await fresh_rooms(shared)
    name = f"断线{secrets.token_hex(2)}"
    code = code_in((await telegram.command(f"/桥接 新建 {name}")).text)
    await matrix.command(f"/bridge join {code}")
    await telegram.see(lambda s: s.bot and "互通" in s.text)
    telegram.chat.leave(shared.bot, by=shared.li)
    await matrix.see(lambda s: s.bot and "北岸" in s.text and "⚠" in s.text)
    words = f"lost{secrets.token_hex(3)}"
    said = await matrix.say(words)
    told = await matrix.see(lambda s: s.bot and s.reply_to == said)
    assert "/retry" in told.text
    listed = await matrix.command("/retry")
    assert "北岸" in listed.text
    telegram.chat.join(shared.bot, by=shared.li)
    telegram.chat.promote(shared.bot, by=shared.li)
    await matrix.command("/retry send")
    assert (await telegram.see_text(words)).text == f"Anna：{words}"
    assert await telegram.count(words) == 1


async def test_a_private_chat_reads_commands_and_says_so(shared: World) -> None:
    """Talk there goes nowhere; what belongs into a room is refused."""
    private = TelegramPlace(shared, shared.api.private(shared.han), shared.han, agency="")
    said = await private.say("有人吗")
    told = await private.see(lambda s: s.bot and s.reply_to == said)
    assert "/" in told.text
    assert "/桥接" in (await private.command("/帮助")).text
    li = TelegramPlace(shared, shared.api.private(shared.li), shared.li, agency="")
    assert "CODE" not in (await li.command("/桥接 新建 私下")).text
    assert f"telegram:{shared.li.id}" in (await li.command("/我")).text


async def test_an_open_form_survives_a_restart(shared: World, places: Places) -> None:
    """The question is asked, the process ends, the answer comes later. Last, for the page goes."""
    telegram = places["telegram"]
    await telegram.command("/桥接 新建")
    await shared.bridge.stop()
    name = f"重启{secrets.token_hex(2)}"
    said = await telegram.say(name)
    await shared.bridge.start()
    made = await telegram.see(lambda shown: shown.bot and shown.reply_to == said)
    assert name in made.text
