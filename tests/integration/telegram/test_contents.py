"""What a message can hold, and what becomes of it at the border."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.transports.base import (
    AnswerLost,
    Edited,
    Entered,
    Lost,
    Moved,
    Pinned,
    Pressed,
    Reacted,
    Rejected,
    Said,
    SendFault,
    Unreachable,
)
from bot.transports.location import Location
from tests.integration.telegram.conftest import Inbox, Side, event, order
from tests.servers.botapi import PNG, BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person
from tests.servers.botapi.people import poll_json
from workflows.text import Json


@pytest.fixture
async def inbox(side: Side, api: BotApi) -> Inbox:
    """What a listening transport brings."""
    side.listen()
    await api.wait_call("getUpdates")
    return side.inbox


async def test_a_reply_tells_author_and_words_of_its_target(
    inbox: Inbox, api: BotApi, group: Chat, li: Person
) -> None:
    """For rooms that have never seen the target."""
    han = api.user("韩梅")
    group.join(han)
    asked = group.say(han, "几点 到", [{"type": "bold", "offset": 0, "length": 2}])
    group.say(li, "八点", reply_to=asked.id)
    said = event((await inbox.said(2))[1], Said)
    assert said.reply_to == str(asked.id)
    assert (said.reply_author, said.reply_html) == ("韩梅", "<b>几点</b> 到")


async def test_a_chosen_quote_stands_for_the_whole_target(
    inbox: Inbox, group: Chat, li: Person
) -> None:
    """People quote the part that matters."""
    asked = group.say(li, "一号阀关，二号阀开")
    group.say(li, "好", reply_to=asked.id, quote="二号阀开")
    said = event((await inbox.until(2))[1], Said)
    assert said.reply_html == said.content.quote == "二号阀开"
    group.say(li, "再好", reply_to=asked.id)
    assert event(await inbox.next(), Said).content.quote is None


@pytest.mark.parametrize(
    ("kind", "sign"), [("photo", "🖼"), ("document", "📄 plan.pdf"), ("voice", "🎤")]
)
async def test_a_reply_to_a_file_without_words_quotes_what_it_is(
    inbox: Inbox, group: Chat, li: Person, kind: str, sign: str
) -> None:
    asked = group.send(li, kind, PNG, name="plan.pdf")
    group.say(li, "收到", reply_to=asked.id)
    assert event((await inbox.said(2))[1], Said).reply_html == sign


async def test_a_reply_to_the_bot_names_no_author(
    side: Side, inbox: Inbox, group: Chat, li: Person
) -> None:
    """The bot's words are somebody else's, whom the map of messages knows."""
    remote = await side.transport.send(order(group, {"method": "sendMessage", "text": "张三：好"}))
    group.say(li, "收到", reply_to=int(remote))
    said = event(await inbox.next(), Said)
    assert (said.reply_to, said.reply_author, said.reply_html) == (remote, None, "张三：好")


async def test_a_topic_is_a_room_and_its_first_message_is_not_answered_by_all(
    inbox: Inbox, api: BotApi, bot: BotAccount, li: Person
) -> None:
    """Telegram marks every message of a topic as a reply to the one that made it."""
    forum = api.supergroup("论坛", li, admins=[bot], forum=True)
    forum.say(li, "大厅")
    topic = forum.topic(li, "物资")
    forum.say(li, "十顶帐篷", thread=topic.id)
    hall, _made, inside = await inbox.until(3)
    assert hall.room == f"telegram:{forum.id}"
    assert (inside.room, inside.title) == (f"telegram:{forum.id}/{topic.id}", "论坛 / 物资")
    assert inside.topic == "物资"
    assert event(inside, Said).reply_to is None


async def test_mentions_are_accounts_at_python_offsets(
    inbox: Inbox, api: BotApi, group: Chat, li: Person
) -> None:
    """By name where the name's owner has been seen, by number always."""
    han = api.user("韩梅", "hanmei")
    group.join(han)
    group.say(han, "在")
    group.say(
        li,
        "🚒 @HanMei 和小王",
        [{"type": "text_mention", "offset": 12, "length": 2, "user": han.to_json()}],
    )
    content = event((await inbox.said(2))[1], Said).content
    account = f"telegram:{han.id}"
    assert content.mentions == ((2, 9, account), (11, 13, account))
    assert [content.text[start:end] for start, end, _ in content.mentions] == ["@HanMei", "小王"]
    assert content.html.count(f'data-account="{account}"') == 2


async def test_a_name_that_only_the_store_knows_is_looked_up(
    side: Side, group: Chat, li: Person
) -> None:
    """A restart forgets nobody."""
    async with side.store.write() as unit:
        await unit.people.see("telegram:77", side.now(), name="王", handle="wang", language=None)
    side.listen()
    group.say(li, "@wang 来")
    assert event(await side.inbox.next(), Said).content.mentions == ((0, 5, "telegram:77"),)


async def test_our_own_suffix_is_cut_from_a_command_and_others_stay(
    inbox: Inbox, group: Chat, li: Person
) -> None:
    """`/help@us` is `/help`; another bot's command is left alone."""
    for text in ("/help@Lianzhi_Bot 事件", "/帮助@lianzhi_bot", "/help@other_bot"):
        group.say(li, text)
    texts = [event(each, Said).content.text for each in await inbox.until(3)]
    assert texts == ["/help 事件", "/帮助", "/help@other_bot"]


@pytest.mark.parametrize(
    ("sent", "kind", "mime"),
    [
        ("photo", "photo", "image/jpeg"),
        ("document", "document", "application/pdf"),
        ("voice", "voice", "audio/ogg"),
        ("audio", "audio", "audio/mpeg"),
        ("video", "video", "video/mp4"),
        ("animation", "animation", "video/mp4"),
        ("sticker", "sticker", "image/webp"),
        ("video_note", "video", "video/mp4"),
    ],
)
async def test_a_file_arrives_as_a_medium_whose_bytes_can_be_read(
    side: Side, inbox: Inbox, group: Chat, li: Person, sent: str, kind: str, mime: str
) -> None:
    """With caption, size and a name to save it by."""
    given = "application/pdf" if sent == "document" else ""
    caption = "" if sent in ("video_note", "sticker") else "图 示"
    group.send(li, sent, PNG, name="a.pdf" if given else "", mime=given, caption=caption)
    content = event(await inbox.next(), Said).content
    (medium,) = content.media
    assert (medium.kind, medium.mime, medium.size) == (kind, mime, len(PNG))
    assert "." in medium.name
    assert content.text == caption
    assert content.uncarried is None
    assert b"".join([chunk async for chunk in side.transport.open_media(medium)]) == PNG


@pytest.mark.parametrize("covered", [True, False])
async def test_a_covered_picture_is_told_as_one(
    inbox: Inbox, group: Chat, li: Person, covered: bool
) -> None:
    group.add(li, "photo", group.send(li, "photo", PNG).content | {"has_media_spoiler": covered})
    (media,) = event((await inbox.until(2))[1], Said).content.media
    assert media.covered is covered


async def test_a_moving_sticker_is_a_video_and_a_drawn_one_its_thumbnail(
    inbox: Inbox, group: Chat, li: Person
) -> None:
    """What other networks can show of each."""
    group.send(li, "sticker", b"webm", extra={"emoji": "👋", "is_video": True})
    thumbnail: Json = {"file_id": "T", "file_unique_id": "t", "width": 128, "height": 128}
    group.send(li, "sticker", b"tgs", extra={"is_animated": True, "thumbnail": thumbnail})
    moving, drawn = [event(each, Said).content.media[0] for each in await inbox.until(2)]
    assert (moving.kind, moving.mime, moving.name) == ("animation", "video/webm", "👋.webm")
    assert (drawn.kind, dict(drawn.ref)["file_id"]) == ("sticker", "T")


@pytest.mark.parametrize(
    ("kind", "fault"),
    [("500", AnswerLost), ("reset", AnswerLost), ("403", Rejected), ("outage", Unreachable)],
)
async def test_a_file_that_cannot_be_fetched_says_what_is_known(
    new_side: Callable[..., Side],
    side: Side,
    api: BotApi,
    inbox: Inbox,
    group: Chat,
    li: Person,
    kind: str,
    fault: type[SendFault],
) -> None:
    """So that a message waits for its file, or goes without."""
    group.send(li, "photo", PNG)
    (medium,) = event(await inbox.next(), Said).content.media
    fresh = new_side()
    if kind == "outage":
        await api.outage()
    else:
        api.faults.next("download", kind)
    with pytest.raises(fault):
        _ = [chunk async for chunk in fresh.transport.open_media(medium)]


async def test_a_file_above_the_download_limit_is_known_to_be_out_of_reach(
    inbox: Inbox, group: Chat, li: Person
) -> None:
    """20 MB is what bots can fetch; members of the group can follow a link to it."""
    sent = group.send(li, "document", b"x", name="大.zip", size=31_457_280, caption="看")
    content = event(await inbox.next(), Said).content
    (medium,) = content.media
    assert content.html == "看"
    assert (medium.name, medium.size, medium.reachable) == ("大.zip", 31_457_280, False)
    assert medium.link == f"https://t.me/c/{str(group.id).removeprefix('-100')}/{sent.id}"


SAYINGS: dict[str, tuple[Callable[[Chat, Person], object], dict[str, object]]] = {
    "Location": (
        lambda chat, li: chat.send_location(li, 31.2, 121.5),
        {"latitude": "31.200000", "longitude": "121.500000"},
    ),
    "Live location": (
        lambda chat, li: chat.send_location(li, 31.2, 121.5, live_period=60),
        {"latitude": "31.200000"},
    ),
    "Place": (
        lambda chat, li: chat.send_venue(li, 1, 2, "三号库", "江边路1号"),
        {"title": "三号库", "address": "江边路1号"},
    ),
    "Contact": (
        lambda chat, li: chat.send_contact(li, "+8613800000000", "王五"),
        {"name": "王五", "phone": "+8613800000000"},
    ),
    "Poll": (
        lambda chat, li: chat.send_poll(li, "几点？", ["八点", "九点"]),
        {"question": "几点？", "options": "八点 / 九点"},
    ),
    "Dice": (lambda chat, li: chat.send_dice(li, "🎲", 4), {"emoji": "🎲", "value": 4}),
    "Sticker": (
        lambda chat, li: chat.send(li, "sticker", extra={"emoji": "👍", "is_animated": True}),
        {"emoji": "👍"},
    ),
}


@pytest.mark.parametrize("begin", SAYINGS)
async def test_what_cannot_be_carried_says_what_it_was(
    inbox: Inbox, group: Chat, li: Person, begin: str
) -> None:
    """With the facts that it held."""
    act, facts = SAYINGS[begin]
    act(group, li)
    content = event(await inbox.next(), Said).content
    assert content.uncarried is not None
    assert content.uncarried.id.startswith(begin)
    assert facts.items() <= dict(content.uncarried.params).items()


async def test_a_forwarded_message_says_whose_words_it_holds(
    inbox: Inbox, api: BotApi, bot: BotAccount, group: Chat, li: Person
) -> None:
    """Somebody else's words must not seem the forwarder's."""
    other = api.supergroup("别处", li, bot)
    group.forward(li, other.say(api.user("赵六"), "撤离"))
    content = event((await inbox.until(2))[1], Said).content
    assert content.text == "撤离"
    assert content.forwarded == "赵六"
    assert content.uncarried is None


async def test_an_edit_arrives_and_one_that_changes_nothing_does_not(
    inbox: Inbox, bot: BotAccount, group: Chat, li: Person
) -> None:
    """Telegram reports hidden changes as edits too."""
    said = group.say(li, "一")
    group.changed(said)
    group.edit(said, "二")
    first, second = await inbox.until(2)
    assert event(first, Said).content.text == "一"
    edited = event(second, Edited)
    assert (edited.target, edited.content.text) == (str(said.id), "二")


async def test_a_live_location_moves_and_ends(inbox: Inbox, group: Chat, li: Person) -> None:
    """Each step edits the message; the end says so, and where it was."""
    shared = group.send_location(li, 31.2, 121.5, live_period=60)
    group.move_location(shared.id, 31.3, 121.5)
    group.stop_location(shared.id)
    first, moved, over = await inbox.until(3)
    begun = event(first, Said).content
    assert begun.location == Location(31.2, 121.5, live=60)
    assert begun.uncarried is not None
    assert begun.uncarried.param("until") == first.at + timedelta(seconds=60)
    point = event(moved, Edited).content
    assert point.location == Location(31.3, 121.5, live=60)
    assert point.uncarried is not None
    assert point.uncarried.param("until") == first.at + timedelta(seconds=60)
    end = event(over, Edited).content
    assert end.location == Location(31.3, 121.5)
    assert end.uncarried is not None
    assert "ended" in end.uncarried.id


async def test_a_migration_moves_the_room(
    inbox: Inbox, api: BotApi, bot: BotAccount, li: Person
) -> None:
    """Both service messages say the same: from the old id to the new."""
    old = api.group("小组", li, bot)
    new = old.migrate(li)
    for inbound in await inbox.until(2):
        assert inbound.room == f"telegram:{old.id}"
        assert event(inbound, Moved).to == f"telegram:{new.id}"


async def test_coming_and_going_of_the_bot_is_told(
    inbox: Inbox, api: BotApi, bot: BotAccount, li: Person
) -> None:
    """Added, muted, unmuted, removed; a promotion is neither."""
    chat = api.supergroup("新群", li)
    chat.join(bot, by=li)
    chat.mute(bot, by=li)
    chat.mute(bot, muted=False, by=li)
    chat.promote(bot, by=li)
    chat.leave(bot, by=li)
    entered, muted, back, gone = await inbox.until(4)
    assert event(entered, Entered).title == "新群"
    assert "right to write" in event(muted, Lost).reason.id
    assert isinstance(back.event, Entered)
    assert "removed" in event(gone, Lost).reason.id
    assert gone.room == f"telegram:{chat.id}"


async def test_a_blocked_private_chat_is_lost(inbox: Inbox, api: BotApi, li: Person) -> None:
    """The person is named."""
    private = api.private(li)
    private.say(li, "你好")
    private.block()
    first, second = await inbox.until(2)
    assert first.private
    assert first.title == "李雷"
    assert "blocked" in event(second, Lost).reason.id


async def test_a_pressed_button_tells_token_message_and_press(
    side: Side, inbox: Inbox, group: Chat, li: Person
) -> None:
    """And the answer reaches the person's client."""
    keyboard: Json = {"inline_keyboard": [[{"text": "收到", "callback_data": "tok-1"}]]}
    remote = await side.transport.send(
        order(group, {"method": "sendMessage", "text": "指令", "reply_markup": keyboard})
    )
    press = group.press_now(li, int(remote), "收到")
    inbound = await inbox.next()
    pressed = event(inbound, Pressed)
    assert (pressed.token, pressed.target, pressed.press) == ("tok-1", remote, press.id)
    assert inbound.room == f"telegram:{group.id}"
    assert inbound.sender is not None
    assert inbound.sender.account == f"telegram:{li.id}"
    await side.transport.answer_press(pressed.press, "已记录")
    assert (await press.answered()).text == "已记录"
    await side.transport.answer_press(pressed.press, "迟了")
    await side.transport.answer_press("no such press", "")


async def test_reactions_are_told_as_what_changed(inbox: Inbox, group: Chat, li: Person) -> None:
    """Added and removed, against what stood there before."""
    said = group.say(li, "撤离完毕")
    group.react(li, said, "👀")
    group.react(li, said, "👍")
    _said, first, second = await inbox.until(3)
    assert event(first, Reacted) == Reacted(str(said.id), added=("👀",))
    assert event(second, Reacted) == Reacted(str(said.id), added=("👍",), removed=("👀",))


async def test_service_messages_are_not_anybody_s_words(
    inbox: Inbox, api: BotApi, group: Chat, li: Person
) -> None:
    """Titles pass silently, the new one comes with the next message; who joins is told as such."""
    group.say(li, "一")
    group.join(api.user("新人"))
    group.rename(li, "二号指挥部")
    group.say(li, "二")
    first, second = await inbox.said(2)
    assert (first.title, second.title) == ("指挥部", "二号指挥部")


async def test_a_call_that_begins_is_told(
    inbox: Inbox, bot: BotAccount, group: Chat, li: Person
) -> None:
    body = {"message_id": 70, "date": 1, "chat": group.to_json(), "from": li.to_json()}
    bot.queue.inject("message", {**body, "video_chat_started": {}})
    content = event(await inbox.next(), Said).content
    assert content.uncarried is not None
    assert content.uncarried.id == "A call"


def ticked(*done: int) -> dict[str, object]:
    """A list of two things to do."""
    by = {"completed_by_user": {"id": 5, "is_bot": False, "first_name": "韩梅"}}
    tasks = [
        {"id": number, "text": text, **(by if number in done else {})}
        for number, text in enumerate(("关阀", "通风"), 1)
    ]
    return {"title": "三号站", "tasks": tasks}


async def test_what_somebody_ticks_in_a_list_shows_in_its_authors_message(
    inbox: Inbox, api: BotApi, bot: BotAccount, group: Chat, li: Person
) -> None:
    """Once, however Telegram tells it; a tick that tells of no list is for nobody."""
    han = api.user("韩梅")
    asked = {"message_id": 70, "date": 1, "chat": group.to_json(), "from": li.to_json()}
    told = {**asked, "message_id": 71, "from": han.to_json()}
    one, two = ({**asked, "checklist": ticked(*done)} for done in ((1,), (1, 2)))
    bot.queue.inject("message", {**asked, "checklist": ticked()})
    bot.queue.inject("message", {**told, "checklist_tasks_done": {"checklist_message": one}})
    bot.queue.inject("edited_message", {**one, "edit_date": 2})
    bot.queue.inject("message", {**told, "checklist_tasks_done": {}})
    added = {"tasks": [], "checklist_message": two}
    bot.queue.inject("message", {**told, "checklist_tasks_added": added})
    first, *later = await inbox.until(3)
    assert event(first, Said).content.uncarried is not None
    assert [each.sender for each in later] == [first.sender, first.sender]
    edits = [event(each, Edited) for each in later]
    assert [each.target for each in edits] == ["70", "70"]
    lists = [each.content.uncarried.param("items") for each in edits if each.content.uncarried]
    assert lists == ["✅ 关阀 / 通风", "✅ 关阀 / ✅ 通风"]


async def test_a_choice_that_is_added_to_a_poll_shows_in_its_authors_message(
    inbox: Inbox, api: BotApi, bot: BotAccount, group: Chat, li: Person
) -> None:
    asked = group.send_poll(li, "几点？", ["八点", "九点"]).to_json()
    first = await inbox.next()
    grown = poll_json("1", "几点？", ["八点", "九点", "十点"])
    option = {"option_persistent_id": "2", "option_text": "十点"}
    han = {"message_id": 71, "date": 1, "chat": asked["chat"], "from": api.user("韩梅").to_json()}
    told = {**han, "poll_option_added": {**option, "poll_message": {**asked, "poll": grown}}}
    bot.queue.inject("message", told)
    later = await inbox.next()
    edited = event(later, Edited)
    assert (edited.target, later.sender) == (first.remote, first.sender)
    assert edited.content.uncarried is not None
    assert edited.content.uncarried.param("options") == "八点 / 九点 / 十点"


async def test_a_pin_names_its_message_and_one_of_our_own_is_not_heard(
    inbox: Inbox, api: BotApi, group: Chat, li: Person
) -> None:
    """What we pin for others must not come back as a pin."""
    said = group.say(li, "一")
    (bot,) = api.bots.values()
    group.pin(bot, said)
    group.pin(li, said)
    _said, pinned = await inbox.until(2)
    assert event(pinned, Pinned) == Pinned(added=(str(said.id),))
    assert pinned.sender is not None
    assert pinned.sender.name == "李雷"


async def test_an_anonymous_administrator_and_a_channel_speak_as_their_chat(
    inbox: Inbox, bot: BotAccount, group: Chat
) -> None:
    """The sender account is the chat's, which no person can hold."""
    fake = {
        "id": 1087968824,
        "is_bot": True,
        "first_name": "Group",
        "username": "GroupAnonymousBot",
    }
    chat = group.to_json()
    body = {"message_id": 900, "date": 1, "chat": chat, "from": fake, "sender_chat": chat}
    bot.queue.push("message", {**body, "text": "匿名"})
    channel = {"id": -1009, "type": "channel", "title": "通报", "username": "tongbao"}
    bot.queue.push(
        "channel_post",
        {"message_id": 3, "date": 1, "chat": channel, "sender_chat": channel, "text": "通报一"},
    )
    anonymous, post = await inbox.until(2)
    assert anonymous.sender is not None
    assert (anonymous.sender.account, anonymous.sender.name) == (f"telegram:{group.id}", "指挥部")
    assert post.sender is not None
    assert (post.sender.account, post.sender.handle) == ("telegram:-1009", "tongbao")
