"""The server can go wrong in every way that a network does, on demand."""

import asyncio

import httpx
import pytest
from telegram import Bot
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from tests.servers.botapi import BotApi, Chat, Clock
from tests.servers.botapi.accounts import BotAccount
from tests.servers.botapi.remote import RemoteBotApi
from tests.unit.servers.conftest import Caller


@pytest.fixture
def chat(api: BotApi, account: BotAccount) -> Chat:
    """A supergroup with the bot as an administrator."""
    return api.supergroup("指挥部", api.user("李雷"), admins=[account])


@pytest.mark.parametrize(
    ("kind", "error", "texts"),
    [
        ("429", RetryAfter, ["b"]),
        ("502", NetworkError, ["b"]),
        ("500", NetworkError, ["b"]),
        ("401", InvalidToken, ["b"]),
        ("reset", NetworkError, ["b"]),
        ("garbage", TelegramError, ["b"]),
        ("hang", TimedOut, ["b"]),
        ("lost_reset", NetworkError, ["a", "b"]),
        ("lost_close", NetworkError, ["a", "b"]),
        ("lost_hang", TimedOut, ["a", "b"]),
    ],
)
async def test_a_fault_hits_the_next_call_alone(
    api: BotApi, bot: Bot, chat: Chat, kind: str, error: type[Exception], texts: list[str]
) -> None:
    """The client sees the error; whether the message was sent depends on the fault."""
    api.faults.next("sendMessage", kind, chat.id)
    with pytest.raises(error):
        await bot.send_message(chat.id, "a", read_timeout=0.3)
    await bot.send_message(chat.id, "b")
    assert chat.texts == texts
    assert api.calls_of("sendMessage")[0].accepted is (len(texts) == 2)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", httpx.ReadError),
        ("lost_reset", httpx.ReadError),
        ("lost_close", httpx.RemoteProtocolError),
    ],
)
async def test_a_reset_differs_from_a_close(
    api: BotApi, call: Caller, kind: str, error: type[Exception]
) -> None:
    """The client's socket sees ECONNRESET in one case and the end of the stream in the other."""
    api.faults.next("getMe", kind)
    with pytest.raises(error):
        await call("getMe")


async def test_a_fault_waits_for_its_chat_and_method(
    api: BotApi, account: BotAccount, call: Caller, chat: Chat
) -> None:
    """Other chats, other methods and later calls are left alone."""
    other = api.supergroup("别处", admins=[account])
    api.faults.next("sendMessage", "429", chat.id, times=2, retry_after=7)
    assert (await call("sendMessage", chat_id=other.id, text="a"))["ok"] is True
    assert (await call("getMe"))["ok"] is True
    for _ in range(2):
        body = await call("sendMessage", chat_id=chat.id, text="a")
        assert body["parameters"] == {"retry_after": 7}
        assert body["description"] == "Too Many Requests: retry after 7"
    assert (await call("sendMessage", chat_id=chat.id, text="a"))["ok"] is True


async def test_an_outage_refuses_connections_and_keeps_everything(
    api: BotApi, bot: Bot, chat: Chat
) -> None:
    """A long poll is cut, calls fail; after it the port, the chats and the updates are the same."""
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await api.wait_call("getUpdates")
    await api.outage()
    with pytest.raises(NetworkError):
        await poll
    with pytest.raises(NetworkError):
        await bot.send_message(chat.id, "a")
    person = next(iter(api.people.values()))
    chat.say(person, "while it was away")
    await api.recover()
    assert len(await bot.get_updates()) == 1
    assert (await bot.send_message(chat.id, "b")).message_id == 2


async def test_updates_whose_answer_was_lost_come_again(api: BotApi, bot: Bot, chat: Chat) -> None:
    """A getUpdates that was processed but not received confirms nothing more than its offset."""
    chat.say(next(iter(api.people.values())), "a")
    api.faults.next("getUpdates", "lost_reset")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    assert len(await bot.get_updates()) == 1


async def test_flood_limits_are_those_of_the_documentation(
    api: BotApi, account: BotAccount, call: Caller, chat: Chat
) -> None:
    """One a second in a chat, twenty a minute in a group; who does not wait waits longer."""
    api.flood.enable()
    sent = {"chat_id": chat.id, "text": "a"}
    assert (await call("sendMessage", **sent))["ok"] is True
    penalties = []
    for _ in range(3):
        body = await call("sendMessage", **sent)
        parameters = body["parameters"]
        assert isinstance(parameters, dict)
        penalties.append(parameters["retry_after"])
    assert penalties == sorted(set(penalties))
    api.clock.advance(100)
    for _ in range(20):
        assert (await call("sendMessage", **sent))["ok"] is True
        api.clock.advance(1.1)
    body = await call("sendMessage", **sent)
    assert body["error_code"] == 429
    parameters = body["parameters"]
    assert isinstance(parameters, dict)
    assert 30 < parameters["retry_after"] <= 60
    other = api.supergroup("别处", admins=[account])
    assert (await call("sendMessage", chat_id=other.id, text="a"))["ok"] is True


async def test_the_token_has_a_limit_over_all_chats() -> None:
    """Thirty messages a second in all, whatever the chat."""
    async with BotApi(clock=Clock(lambda: 1_800_000_000.0)) as api, httpx.AsyncClient() as client:
        account = api.bot()
        call = Caller(api, account, client)
        api.flood.enable()
        chats = [api.supergroup(str(number), admins=[account]) for number in range(31)]
        answers = [await call("sendMessage", chat_id=each.id, text="a") for each in chats]
        assert [each["ok"] for each in answers] == [True] * 30 + [False]
        api.clock.advance(1)
        assert (await call("sendMessage", chat_id=chats[0].id, text="a"))["ok"] is True


async def test_the_server_runs_as_a_process_of_its_own() -> None:
    """Its control API builds the world, lets people act, and shows what the bot did."""
    async with RemoteBotApi() as remote:
        li = await remote.make("user", name="李雷")
        chat = await remote.make("supergroup", title="组", members=[li], admins=[7000001])
        await remote.act(chat, "say", person=li, text="/help")
        await remote.act(chat, "send", person=li, kind="document", data=b"x", name="a.txt")
        bot = Bot(
            remote.token, base_url=f"{remote.url}/bot", base_file_url=f"{remote.url}/file/bot"
        )
        async with bot:
            updates = await bot.get_updates()
            assert len(updates) == 2
            await remote.do("fault", method="sendMessage", kind="429")
            with pytest.raises(RetryAfter):
                await bot.send_message(chat, "一")
            sent = await bot.send_message(chat, "二")
            await remote.act(chat, "react", person=li, message=sent.message_id, emoji=["👍"])
            await remote.do("outage")
            with pytest.raises(NetworkError):
                await bot.get_me()
            await remote.do("recover")
            await bot.get_me()
        found = await remote.act(chat, "wait", text="二", timeout=5)
        assert isinstance(found, dict)
        assert found["reactions"] == {str(li): ["👍"]}
        calls = await remote.do("calls", method="sendMessage")
        assert isinstance(calls, list)
        assert [each["status"] for each in calls] == [429, 200]
        assert [each["text"] for each in await remote.messages(chat) if "text" in each] == [
            "/help",
            "二",
        ]
        with pytest.raises(RuntimeError):
            await remote.act(chat, "dance")
        async with httpx.AsyncClient() as client:
            assert (await client.post(f"{remote.control}/nothing")).status_code == 400
