"""Telegram updates of every kind: what people did in a sample group, told of another group.

The Bot API server makes the bodies that it can; the rest is written from
https://core.telegram.org/bots/api#update.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.fuzz.mutation import Body, Mutator
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.updates import KINDS
from workflows.text import Json

_CUTTING = ("migrate_to_chat_id", "migrate_from_chat_id")
_SPARED = ("update_id",)
_NUMBERS = ("message_id", "message_thread_id", "pinned_message", "id")
FIRST_ID = 1_000_000
"""Numbers of messages begin here, so that none is a good message's."""


@dataclass(frozen=True)
class Sample:
    """A valid update. One that `cuts` moves a group or takes the bot out of it."""

    kind: str
    body: Body
    cuts: bool


async def samples(api: BotApi) -> list[Sample]:
    """One run of everything that people and servers can do, in its order."""
    bot = api.bot("4242:sample-of-everything", "sample_bot", True)
    bot.queue.allowed = KINDS
    zhao, qian = api.user("赵一", "zhaoyi", "zh-hans"), api.user("Qian", "qianer", "en")
    group = api.supergroup("样本", zhao, qian, admins=[bot], forum=False)
    first = group.say(zhao, "水位 @qianer https://例.cn /help #标签 **粗**")
    group.say(qian, "answers", reply_to=first.id, quote="水位")
    group.say(zhao, "粗体🎉", [{"type": "bold", "offset": 0, "length": 4}])
    for kind in (
        *("photo", "document", "voice", "audio", "video", "animation", "sticker", "video_note"),
    ):
        group.send(zhao, kind, caption="说明" if kind in ("photo", "document", "video") else "")
    group.album(qian, [("photo", b"1"), ("photo", b"2")], caption="相册")
    live = group.send_location(zhao, 31.2, 121.5, live_period=600)
    group.move_location(live.id, 31.3, 121.6)
    group.stop_location(live.id)
    group.send_venue(zhao, 31.2, 121.5, "指挥部", "中山路 1 号")
    group.send_contact(qian, "+8613800000000", "孙")
    poll = group.send_poll(zhao, "撤离？", ["是", "否"])
    group.stop_poll(poll, [2, 1])
    group.send_dice(qian)
    group.edit(first, "水位改了")
    group.forward(qian, first)
    group.react(zhao, first, "👍")
    group.react(zhao, first, "👍", "🔥")
    group.react(zhao, first)
    group.pin(zhao, first)
    group.rename(zhao, "样本二")
    group.join(api.user("新来"), by=zhao)
    group.leave(qian)
    for command in (
        "/help",
        "/帮助",
        "/me",
        "/trace",
        "/lang",
        "/cancel",
        "/me link",
        "/nonsense x",
    ):
        group.say(zhao, command, reply_to=first.id)
    group.demote(bot)
    group.promote(bot)
    group.mute(bot)
    group.mute(bot, muted=False)
    forum = api.supergroup("论坛", zhao, admins=[bot], forum=True)
    topic = forum.topic(zhao, "物资")
    forum.say(zhao, "在话题里", thread=topic.id)
    forum.close_topic(zhao, topic.id)
    basic = api.group("旧群", zhao, admins=[bot])
    basic.migrate(zhao)
    api.private(zhao).say(zhao, "/start")
    told: list[Body] = json.loads(json.dumps(await bot.queue.get(0, 1000, 0)))
    base = next(each["message"] for each in told if "message" in each)
    assert isinstance(base, dict)
    made = [*told, *_others(base)]
    found = []
    for update in made:
        ((kind, body),) = ((key, held) for key, held in update.items() if key != "update_id")
        assert isinstance(body, dict)
        cuts = kind == "my_chat_member" or any(key in body for key in _CUTTING)
        found.append(Sample(kind, body, cuts))
    return found


def _others(base: Body) -> list[Body]:
    """Kinds that the sample server does not make, around a message's frame."""
    frame = {key: base[key] for key in ("message_id", "date", "chat", "from")}
    person, chat = frame["from"], frame["chat"]
    contents: list[Body] = [
        {"story": {"chat": chat, "id": 5}},
        {"game": {"title": "g", "description": "d", "photo": []}},
        {
            "invoice": {
                **{"title": "t", "description": "d", "start_parameter": "s"},
                **{"currency": "CNY", "total_amount": 100},
            }
        },
        {"checklist": {"title": "清单", "tasks": [{"id": 1, "text": "一"}]}},
        {"paid_media": {"star_count": 5, "paid_media": [{"type": "preview"}]}},
        {"giveaway": {"chats": [chat], "winners_selection_date": 1, "winner_count": 1}},
        {"video_chat_started": {}},
        {"video_chat_ended": {"duration": 5}},
        {"web_app_data": {"data": "x", "button_text": "y"}},
        {"sender_chat": chat, "text": "匿名"},
        {"via_bot": person, "text": "via"},
        {"text": "外部", "external_reply": {"origin": _hidden(), "chat": chat, "message_id": 3}},
        {"text": "转发", "forward_origin": _hidden()},
        {"text": "引用", "quote": {"text": "半句", "position": 1}},
        {"text": "键盘", "reply_markup": {"inline_keyboard": [[{"text": "a", "url": "tg://x"}]]}},
        {"text": "效果", "effect_id": "1", "link_preview_options": {"is_disabled": True}},
        {"text": "题", "is_topic_message": True, "message_thread_id": 9},
    ]
    message: Body = {**frame, "text": "x"}
    inline: Body = {"id": "1", "from": person, "query": "q", "offset": ""}
    return [
        *[_message({**frame, **content}) for content in contents],
        {"edited_message": {**message, "edit_date": 5, "text": "改"}},
        {"channel_post": {**message, "sender_chat": chat}},
        {"edited_channel_post": {**message, "sender_chat": chat, "edit_date": 5}},
        {"business_message": {**message, "business_connection_id": "b"}},
        {"inline_query": inline},
        {"chosen_inline_result": {"result_id": "1", "from": person, "query": "q"}},
        {
            "callback_query": {
                **{"id": "77", "from": person, "chat_instance": "1", "data": "x"},
                "message": message,
            }
        },
        {"poll_answer": {"poll_id": "1", "user": person, "option_ids": [0]}},
        {"chat_join_request": {"chat": chat, "from": person, "user_chat_id": 1, "date": 1}},
        {
            "message_reaction_count": {
                **{"chat": chat, "message_id": 3, "date": 1},
                "reactions": [{"type": {"type": "paid"}, "total_count": 2}],
            }
        },
        {"removed_chat_boost": {"chat": chat, "boost_id": "b", "remove_date": 1, "source": {}}},
        {"teleportation": {"to": "mars", "chat": chat}},
    ]


def _message(body: Body) -> Body:
    return {"message": body}


def _hidden() -> Body:
    return {"type": "hidden_user", "sender_user_name": "某人", "date": 1}


def updates(
    given: list[Sample], chance: random.Random, good: Chat, other: Chat
) -> Iterator[tuple[str, Json]]:
    """For ever: kind and body, three in four of them broken.

    All are of `good`, but those that cut are of `other`, since they may do what they say.
    """
    mutator = Mutator(chance, _SPARED)
    places: tuple[Json, Json] = tuple(json.loads(json.dumps([good.to_json(), other.to_json()])))
    offset = FIRST_ID
    while True:
        for sample in given:
            body = _placed(sample.body, places[sample.cuts], offset)
            kind = sample.kind
            match chance.randrange(40):
                case 0:
                    nonsense: list[Json] = [None, 5, "x", [], [body], True]
                    yield kind, chance.choice(nonsense)
                case 1:
                    yield chance.choice(("teleportation", "message", "callback_query")), body
                case at:
                    yield kind, mutator.mutate(body) if at > 10 else body
        offset += 10_000


def _placed(value: Json, chat: Json, offset: int) -> Json:
    """The same, of another chat, with other numbers."""
    if isinstance(value, list):
        return [_placed(each, chat, offset) for each in value]
    if not isinstance(value, dict):
        return value
    made: Body = {}
    for key, held in value.items():
        if key == "chat" and isinstance(held, dict) and held.get("type") != "private":
            made[key] = chat
        elif key in _NUMBERS and isinstance(held, int) and "first_name" not in value:
            made[key] = held + offset
        else:
            made[key] = _placed(held, chat, offset)
    return made
