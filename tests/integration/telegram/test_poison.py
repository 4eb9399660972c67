"""Nothing that arrives stops the loop or costs those behind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings, strategies as st
from structlog.testing import capture_logs
from telegram import Update

from bot.transports.base import Said, SendFault
from bot.transports.telegram.connection import UpdatesRequest, read_json, readable
from bot.transports.telegram.contents import Known
from bot.transports.telegram.inbound import Reader
from tests.integration.telegram.conftest import Side, event
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person
from workflows.text import Json

BROKEN: dict[str, tuple[str, object]] = {
    "a message that is a number": ("message", 5),
    "a message that is empty": ("message", {}),
    "a message without chat": ("message", {"message_id": 1, "date": 1, "text": "x"}),
    "a kind that nobody knows": ("teleportation", {"to": "mars"}),
    "a press without anything": ("callback_query", {}),
    "a reaction that is a list": ("message_reaction", []),
    "a member that is null": ("my_chat_member", {"chat": None}),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_update_among_others_costs_only_itself(
    side: Side, api: BotApi, bot: BotAccount, group: Chat, li: Person, name: str
) -> None:
    """Those before and behind it are read, and it is not offered again."""
    kind, body = BROKEN[name]
    group.say(li, "前")
    bot.queue.inject(kind, body)
    group.say(li, "后")
    side.listen()
    texts = [event(each, Said).content.text for each in await side.inbox.until(2)]
    assert texts == ["前", "后"]
    await api.confirmed()


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": 5},
        {"text": "x", "entities": [{"type": "bold"}]},
        {"text": "x", "entities": [{"type": "bold", "offset": "a", "length": None}]},
        {"text": "x", "entities": [{"type": "mention", "offset": "a", "length": None}]},
        {"text": "x", "entities": 7},
        {"photo": [{"file_id": "x"}]},
        {"document": "none"},
        {"reply_to_message": {"message_id": 3}},
        {"location": {"latitude": "north"}},
        {"poll": {}},
        {"hologram": {"size": 3}},
    ],
)
async def test_what_can_be_saved_of_a_broken_message_is_a_line(
    side: Side, api: BotApi, bot: BotAccount, group: Chat, li: Person, wrong: dict[str, object]
) -> None:
    """People learn that somebody said something."""
    body = {"message_id": 70, "date": 1, "chat": group.to_json(), "from": li.to_json(), **wrong}
    bot.queue.inject("message", body)
    side.listen()
    inbound = await side.inbox.next()
    assert inbound.room == f"telegram:{group.id}"
    assert inbound.sender is not None
    assert inbound.sender.name == "李雷"
    assert event(inbound, Said).content.uncarried is not None
    await api.confirmed()


@pytest.mark.parametrize("wrong", [{"date": "yesterday"}, {"date": 10**18}, {"date": None}])
async def test_a_message_of_an_unreadable_time_was_written_now(
    side: Side, api: BotApi, bot: BotAccount, group: Chat, li: Person, wrong: dict[str, object]
) -> None:
    body = {
        "message_id": 70,
        "chat": group.to_json(),
        "from": li.to_json(),
        "text": "险情",
        **wrong,
    }
    bot.queue.inject("message", body)
    side.listen()
    inbound = await side.inbox.next()
    assert event(inbound, Said).content.text == "险情"
    assert inbound.sender is not None
    assert inbound.sender.name == "李雷"
    await api.confirmed()


@pytest.mark.parametrize("sender", ["me", 7, {}, {"id": "x", "is_bot": False, "first_name": "x"}])
async def test_a_message_of_an_unreadable_sender_is_a_line_of_its_group(
    side: Side, api: BotApi, bot: BotAccount, group: Chat, sender: object
) -> None:
    """Nobody is taken for somebody else, and people learn that there was something."""
    body = {"message_id": 70, "date": 1, "chat": group.to_json(), "from": sender, "text": "险情"}
    bot.queue.inject("message", body)
    side.listen()
    inbound = await side.inbox.next()
    assert event(inbound, Said).content.uncarried is not None
    assert inbound.sender is not None
    assert inbound.sender.account == f"telegram:{group.id}"
    await api.confirmed()


async def test_a_message_that_names_no_sender_is_its_chats(
    side: Side, api: BotApi, bot: BotAccount, group: Chat, li: Person
) -> None:
    """Between two people there is nobody else to take for it: only that there was something."""
    alone = {"id": li.id, "type": "private", "first_name": "李雷"}
    for number, chat in enumerate((group.to_json(), alone)):
        body = {"message_id": 70 + number, "date": 1, "chat": chat, "text": "险情"}
        bot.queue.inject("message", body)
    side.listen()
    shared, private = await side.inbox.until(2)
    assert event(shared, Said).content.text == "险情"
    assert shared.sender is not None
    assert (shared.sender.account, shared.sender.name) == (f"telegram:{group.id}", "指挥部")
    assert event(private, Said).content.uncarried is not None
    await api.confirmed()


@pytest.mark.parametrize("depth", [400, 985, 1_100, 5_000, 100_000])
@pytest.mark.parametrize("inner", ['"}]\\""', '"\\ud800"', "1"])
def test_an_update_that_nests_without_end_costs_only_itself(depth: int, inner: str) -> None:
    """As a server would send it: no writer of ours could make that."""
    deep = '{"a":[' * (depth // 2) + inner + "]}" * (depth // 2)
    others = [json.dumps({"update_id": each, "message": WHOLE}) for each in (1, 3)]
    poison = f'{{"update_id":2,"message":{json.dumps(WHOLE)[:-1]},"new":{deep}}}}}'
    payload = f'{{"ok":true,"result":[{others[0]},{poison},{others[1]}]}}'.encode()
    with capture_logs() as logged:
        answer = UpdatesRequest.parse_json_payload(payload)
    assert all(each["updates"] == [2] for each in logged)
    assert logged or depth < 1_000
    updates = [Update.de_json(each, None) for each in answer["result"]]
    assert [each.update_id for each in updates] == [1, 2, 3]
    first, poisoned, last = (each.message for each in updates)
    assert first is not None
    assert last is not None
    assert poisoned is not None
    assert (first.text, last.text) == ("一", "一")


async def test_a_text_of_64_kb_with_a_thousand_entities_is_read(
    side: Side, bot: BotAccount, group: Chat, li: Person
) -> None:
    """Larger than Telegram's own limits."""
    entities = [{"type": "bold", "offset": at * 3, "length": 2} for at in range(1000)]
    body = {"message_id": 72, "date": 1, "chat": group.to_json(), "from": li.to_json()}
    bot.queue.inject("message", {**body, "text": "水" * 65_536, "entities": entities})
    side.listen()
    assert len(event(await side.inbox.next(), Said).content.text) == 65_536


async def test_our_own_messages_are_dropped(
    side: Side, bot: BotAccount, group: Chat, li: Person
) -> None:
    """Whoever brings them back: there must be no loop."""
    body = {"message_id": 73, "date": 1, "chat": group.to_json(), "from": bot.to_json()}
    bot.queue.inject("message", {**body, "text": "自己"})
    bot.queue.inject("edited_message", {**body, "text": "自己", "edit_date": 2})
    group.say(li, "别人")
    side.listen()
    await side.inbox.next()
    assert [event(each, Said).content.text for each in side.inbox.inbounds] == ["别人"]


async def test_an_answer_that_nests_too_deep_is_raised(
    new_side: Callable[..., Side], api: BotApi
) -> None:
    """It ends the loop as a fault that the caller knows, not as a crash."""
    api.faults.next("getUpdates", "garbage")
    with pytest.raises(SendFault):
        await asyncio.wait_for(new_side().listen(), 10)
    with pytest.raises(ValueError, match="Expecting"):
        read_json(b"[" * 200_000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")
FIELDS = (
    "message_id", "date", "chat", "from", "text", "caption", "entities", "photo", "document",
    "reply_to_message", "id", "data", "message", "forward_origin", "quote", "external_reply",
    "migrate_to_chat_id", "poll", "location", "sender_chat", "is_topic_message",
    "message_thread_id", "user", "old_reaction", "new_reaction", "edit_date",
)  # fmt: skip
WHOLE: dict[str, Json] = {
    "message_id": 5,
    "date": 1,
    "chat": {"id": -1001, "type": "supergroup", "title": "群"},
    "from": {"id": 9, "is_bot": False, "first_name": "李"},
    "text": "一",
}


@settings(max_examples=400, deadline=None)
@given(
    kind=st.sampled_from(KEYS),
    change=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4),
    whole=st.booleans(),
)
def test_any_json_becomes_an_update_that_can_be_read(
    kind: str, change: dict[str, Json], whole: bool
) -> None:
    """The id always survives, reading never raises, and what it gives can be stored."""
    saved = readable({"update_id": 7, kind: {**(WHOLE if whole else {}), **change}})
    assert saved is not None
    assert saved["update_id"] == 7
    known = Known(bot_id=7, username="us", account_of=lambda key: None, max_download=1)
    inbound = Reader(known, lambda: datetime.now(UTC)).read(Update.de_json(saved, None))
    if inbound is not None:
        assert inbound.room.startswith("telegram:")
        texts = [inbound.key, inbound.title, inbound.remote or ""]
        if inbound.sender is not None:
            sender = inbound.sender
            texts += [sender.account, sender.name, sender.handle or "", sender.language or ""]
        assert all(text.encode() is not None for text in texts)
