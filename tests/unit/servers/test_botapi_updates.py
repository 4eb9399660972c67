"""Updates reach a bot once it asks, until it confirms them, and only those meant for it."""

import asyncio

import pytest
from aiohttp import web
from telegram import Bot

from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person
from tests.unit.servers.conftest import Caller


@pytest.fixture
def li(api: BotApi) -> Person:
    """Somebody."""
    return api.user("李雷")


@pytest.fixture
def chat(api: BotApi, account: BotAccount, li: Person) -> Chat:
    """A supergroup with the bot as an administrator."""
    return api.supergroup("指挥部", li, admins=[account])


async def test_an_update_is_repeated_until_an_offset_confirms_it(
    api: BotApi, bot: Bot, chat: Chat, li: Person
) -> None:
    """Offset 0 confirms nothing, a higher one does, a negative one keeps the last ones."""
    for number in range(5):
        chat.say(li, str(number))
    first = await bot.get_updates(limit=2)
    assert [each.message.text for each in first if each.message] == ["0", "1"]
    assert await bot.get_updates(limit=2) == first
    second = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [each.message.text for each in second if each.message] == ["2", "3", "4"]
    last = await bot.get_updates(offset=-1)
    assert last == second[-1:]
    await bot.get_updates(offset=last[0].update_id + 1)
    await api.confirmed(timeout=1)


async def test_a_long_poll_ends_when_something_happens(
    api: BotApi, bot: Bot, chat: Chat, li: Person
) -> None:
    """A waiting getUpdates answers at once; one with nothing to say answers empty in the end."""
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await api.wait_call("getUpdates")
    chat.say(li, "a")
    async with asyncio.timeout(5):
        updates = await poll
    assert len(updates) == 1
    assert await bot.get_updates(offset=updates[0].update_id + 1, timeout=1) == ()


async def test_of_two_pollers_the_first_gets_a_conflict(
    api: BotApi, account: BotAccount, call: Caller, chat: Chat, li: Person
) -> None:
    """The later getUpdates goes on, the earlier ends with 409."""
    first = asyncio.create_task(call("getUpdates", timeout=20))
    await api.wait_call("getUpdates", 1)
    second = asyncio.create_task(call("getUpdates", timeout=20))
    async with asyncio.timeout(5):
        body = await first
    assert body["error_code"] == 409
    assert str(body["description"]).startswith("Conflict: terminated by other getUpdates request")
    chat.say(li, "a")
    async with asyncio.timeout(5):
        assert (await second)["ok"] is True


async def test_updates_older_than_a_day_are_gone(
    api: BotApi, bot: Bot, chat: Chat, li: Person
) -> None:
    """After 24 hours an update is dropped, a younger one stays."""
    chat.say(li, "alt")
    api.clock.advance(23 * 3600)
    chat.say(li, "jung")
    api.clock.advance(2 * 3600)
    assert [each.message.text for each in await bot.get_updates() if each.message] == ["jung"]


async def test_reactions_come_only_when_asked_for_by_an_administrator(
    api: BotApi, account: BotAccount, bot: Bot, chat: Chat, li: Person
) -> None:
    """Not by default, not to ordinary members; what was asked for is remembered."""
    plain = api.supergroup("普通", li, account)
    said, other = chat.say(li, "a"), plain.say(li, "b")
    chat.react(li, said, "👀")
    updates = await bot.get_updates(allowed_updates=["message", "message_reaction"])
    assert [each.message_reaction for each in updates] == [None, None]
    offset = updates[-1].update_id + 1
    await bot.get_updates(offset=offset)
    chat.react(li, said, "👍")
    plain.react(li, other, "👍")
    updates = await bot.get_updates(offset=offset)
    assert len(updates) == 1
    assert updates[0].message_reaction is not None
    chat.edit(said, "not asked for")
    assert len(await bot.get_updates(offset=offset)) == 1


async def test_privacy_mode_lets_only_what_is_meant_for_the_bot_through(api: BotApi) -> None:
    """Commands to it and replies to it; all of it for an administrator."""
    shy = api.bot("5:x", "shy_bot", can_read_all_group_messages=False)
    loud = api.bot("6:x", "loud_bot")
    li = api.user("李雷")
    chat = api.supergroup("组", li, shy, loud)
    bot = Bot(shy.token, base_url=f"{api.url}/bot")
    async with bot:
        own = await bot.send_message(chat.id, "我在")
        chat.say(li, "闲聊")
        chat.say(li, "/a")
        chat.say(li, "/b@Shy_Bot")
        chat.say(li, "/c@loud_bot")
        chat.say(li, "回", reply_to=own.message_id)
        chat.rename(li, "新")
        chat.add(loud, "text", {"text": "another bot"})
        chat.say(li, "/d")
        chat.promote(shy)
        chat.say(li, "现在")
        updates = await bot.get_updates()
    texts = [each.message.text for each in updates if each.message]
    assert texts == ["/a", "/b@Shy_Bot", "回", None, "现在"]
    assert (await _texts(api, loud))[:2] == ["闲聊", "/a"]


async def test_message_ids_follow_the_kind_of_chat(
    api: BotApi, account: BotAccount, bot: Bot, li: Person
) -> None:
    """A supergroup counts for itself, service messages too; the other chats share a counter."""
    group, private = api.group("组", li, account), api.private(li)
    one, two = api.supergroup("一", li, account), api.supergroup("二", li, account)
    shared = [group.say(li, "a").id, private.say(li, "b").id]
    shared.append((await bot.send_message(group.id, "c")).message_id)
    assert shared == [1, 2, 3]
    assert [one.say(li, "a").id, one.rename(li, "b").id, one.say(li, "c").id] == [1, 2, 3]
    assert two.say(li, "a").id == 1


async def test_a_group_that_became_a_supergroup_refers_to_it(
    api: BotApi, account: BotAccount, bot: Bot, call: Caller, li: Person
) -> None:
    """Both service messages arrive; calls on the old id get the new one."""
    group = api.group("组", li, account)
    new = group.migrate(li)
    messages = [each.message for each in await bot.get_updates() if each.message]
    assert [each.migrate_to_chat_id for each in messages] == [new.id, None]
    assert [each.migrate_from_chat_id for each in messages] == [None, group.id]
    body = await call("sendMessage", chat_id=group.id, text="a")
    assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert body["parameters"] == {"migrate_to_chat_id": new.id}
    assert (await bot.send_message(new.id, "a")).message_id == 2


async def test_a_pressed_button_is_answered_once_and_in_time(
    api: BotApi, account: BotAccount, bot: Bot, call: Caller, chat: Chat, li: Person
) -> None:
    """The person sees the answer; a second one, or a late one, is too old."""
    markup = {"inline_keyboard": [[{"text": "收到", "callback_data": "ack"}]]}
    sent = await call.result("sendMessage", chat_id=chat.id, text="?", reply_markup=markup)
    message_id = sent["message_id"]
    assert isinstance(message_id, int)
    pressing = asyncio.create_task(chat.press(li, message_id, "收到"))
    query = (await bot.get_updates(timeout=5))[0].callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("ack", li.id)
    await query.answer("好", show_alert=True)
    answer = await pressing
    assert (answer.text, answer.show_alert) == ("好", True)
    again = await call.refusal("answerCallbackQuery", callback_query_id=query.id)
    assert again.startswith("Bad Request: query is too old")
    late = chat.press_now(li, message_id, "ack")
    api.clock.advance(600)
    assert "query is too old" in await call.refusal(
        "answerCallbackQuery", callback_query_id=late.id
    )
    with pytest.raises(LookupError):
        chat.press_now(li, message_id, "no such button")


async def test_a_webhook_gets_each_update_until_it_takes_it(
    api: BotApi, call: Caller, chat: Chat, li: Person
) -> None:
    """Posts carry the secret, failures are repeated in order, getUpdates is refused meanwhile."""
    received: list[tuple[str, str]] = []
    statuses = [500, 200, 200]

    async def receive(request: web.Request) -> web.Response:
        body = await request.json()
        secret = request.headers["X-Telegram-Bot-Api-Secret-Token"]
        received.append((secret, body["message"]["text"]))
        return web.Response(status=statuses[len(received) - 1])

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    assert (await call("setWebhook", url=url, secret_token="s3"))["ok"] is True
    assert "can't use getUpdates" in await call.refusal("getUpdates")
    chat.say(li, "a")
    chat.say(li, "b")
    await api.confirmed()
    assert received == [("s3", "a"), ("s3", "a"), ("s3", "b")]
    info = await call.result("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == (url, 0)
    assert "500" in str(info["last_error_message"])
    assert (await call("deleteWebhook"))["ok"] is True
    assert (await call("getUpdates"))["result"] == []
    await runner.cleanup()


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"url": "http://example.org"}, "bad webhook: An HTTPS URL must be provided"),
        ({"url": "https://a.example", "secret_token": "ä"}, "secret token contains unallowed"),
        ({"url": "https://a.example", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_a_wrong_webhook_is_refused(
    call: Caller, params: dict[str, object], description: str
) -> None:
    """The address and the secret are checked."""
    assert description in await call.refusal("setWebhook", **params)


async def _texts(api: BotApi, account: BotAccount) -> list[str | None]:
    bot = Bot(account.token, base_url=f"{api.url}/bot")
    async with bot:
        return [each.message.text for each in await bot.get_updates() if each.message]
