"""The server refuses what the Bot API refuses, in its words, and does the rest."""

import httpx
import pytest
from telegram import Bot, MessageEntity

from tests.servers.botapi import PNG, BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person
from tests.unit.servers.conftest import Caller


@pytest.fixture
def li(api: BotApi) -> Person:
    """Somebody."""
    return api.user("李雷", "lilei", "zh-hans")


@pytest.fixture
def chat(api: BotApi, account: BotAccount, li: Person) -> Chat:
    """A supergroup in which the bot is an administrator."""
    return api.supergroup("指挥部", li, admins=[account])


async def test_an_unknown_method_token_or_path_is_not_found(api: BotApi, call: Caller) -> None:
    """404 for methods and paths, 401 for tokens, all with the usual body."""
    assert await call.refusal("sendNothing") == "Not Found: method not found"
    async with httpx.AsyncClient() as client:
        wrong = await client.get(f"{api.url}/bot123:wrong/getMe")
        nowhere = await client.get(f"{api.url}/elsewhere")
    assert (wrong.status_code, wrong.json()["description"]) == (401, "Unauthorized")
    assert (nowhere.status_code, nowhere.json()["description"]) == (404, "Not Found")


@pytest.mark.parametrize("body", ["json", "data", "params", "files"])
async def test_parameters_are_read_from_every_kind_of_body(
    call: Caller, chat: Chat, body: str
) -> None:
    """JSON, form, query string and multipart do the same."""
    values: dict[str, str] = {"chat_id": str(chat.id), "text": "好"}
    if body == "files":
        parts = {name: (None, value) for name, value in values.items()}
        response = await call.client.post(f"{call.base}/SENDMESSAGE", files=parts)
    elif body == "params":
        response = await call.client.get(f"{call.base}/sendMessage", params=values)
    elif body == "json":
        response = await call.client.post(f"{call.base}/sendMessage", json=values)
    else:
        response = await call.client.post(f"{call.base}/sendmessage", data=values)
    assert response.json()["ok"] is True
    assert chat.texts == ["好"]


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({}, "message text is empty"),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "字" * 20000}, "text is too long"),
        ({"text": "a", "wrong": 1}, 'unknown parameter "wrong"'),
        ({"text": "a", "message_thread_id": "x"}, "can't parse parameter"),
        ({"text": "a", "message_thread_id": 99}, "message thread not found"),
        ({"text": "a", "parse_mode": "Markdown"}, "unsupported parse_mode"),
        ({"text": "<b>a", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag"),
        ({"text": "a", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "a", "reply_parameters": {"quote": "x"}}, "can't parse reply parameters"),
        ({"text": "a", "reply_markup": {"nothing": 1}}, "object expected as reply markup"),
        ({"text": "a", "reply_markup": "{"}, "can't parse parameter"),
        ({"text": "a", "entities": [{"type": "bold", "offset": 0}]}, "can't parse MessageEntity"),
        (
            {"text": "a", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            "entity beginning at UTF-16 offset 0 ends after the end of the text",
        ),
        (
            {"text": "😀", "entities": [{"type": "bold", "offset": 0, "length": 1}]},
            "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol",
        ),
        (
            {"text": "😀", "entities": [{"type": "bold", "offset": 1, "length": 1}]},
            "entity begins in a middle of a UTF-16 symbol",
        ),
    ],
)
async def test_a_wrong_message_is_refused_and_not_sent(
    call: Caller, chat: Chat, params: dict[str, object], description: str
) -> None:
    """Each mistake gets a 400 that names it."""
    answer = await call.refusal("sendMessage", chat_id=chat.id, **params)
    assert answer.startswith(f"Bad Request: {description}")
    assert chat.messages == []


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"text": "a"}, "can't parse inline keyboard button: Text buttons are unallowed"),
        ({"callback_data": "a"}, "can't parse inline keyboard button: Can't find field \"text\""),
        ({"text": "a", "callback_data": "字" * 22}, "BUTTON_DATA_INVALID"),
        ({"text": " ", "callback_data": "a"}, "BUTTON_INVALID"),
        ({"text": "a", "callback_data": "a", "url": "https://a"}, "BUTTON_INVALID"),
        ({"text": "a", "url": "nonsense"}, "BUTTON_URL_INVALID"),
    ],
)
async def test_a_wrong_button_is_refused(
    call: Caller, chat: Chat, button: dict[str, object], description: str
) -> None:
    """Callback data has 1 to 64 bytes, and a button has exactly one action."""
    markup = {"inline_keyboard": [[button]]}
    answer = await call.refusal("sendMessage", chat_id=chat.id, text="a", reply_markup=markup)
    assert answer.startswith(f"Bad Request: {description}")


async def test_texts_at_the_limits_go_through(call: Caller, chat: Chat) -> None:
    """4096 UTF-16 units of text, 1024 of caption, 64 bytes of callback data."""
    button = {"text": "a", "callback_data": "x" * 64}
    markup = {"inline_keyboard": [[button]]}
    await call.result("sendMessage", chat_id=chat.id, text="😀" * 2048, reply_markup=markup)
    file_id = (await call.result("sendSticker", chat_id=chat.id, sticker=_sticker(chat)))["sticker"]
    assert isinstance(file_id, dict)
    long = await call.refusal("sendPhoto", chat_id=chat.id, photo=_photo(chat), caption="字" * 1025)
    assert long == "Bad Request: message caption is too long"
    await call.result("sendPhoto", chat_id=chat.id, photo=_photo(chat), caption="字" * 1024)


async def test_lone_surrogates_and_broken_bodies_are_refused(call: Caller, chat: Chat) -> None:
    """What is not UTF-8 or no JSON gets a 400, not a crash."""
    raw = f'{{"chat_id": {chat.id}, "text": "a\\ud83d"}}'
    for content, description in (
        (raw, "Bad Request: strings must be encoded in UTF-8"),
        ("{", "Bad Request: can't parse JSON object"),
        ("[1]", "Bad Request: object expected"),
    ):
        headers = {"Content-Type": "application/json"}
        response = await call.client.post(
            f"{call.base}/sendMessage", content=content, headers=headers
        )
        assert (response.status_code, response.json()["description"]) == (400, description)


async def test_text_is_cleaned_and_its_entities_follow(bot: Bot, chat: Chat) -> None:
    """Outer space, carriage returns and direction overrides go, tabs become spaces."""
    bold = MessageEntity(MessageEntity.BOLD, 5, 3)
    sent = await bot.send_message(chat.id, "  a\r好😀\u202e\tb ", entities=[bold])
    assert sent.text == "a好😀 b"
    assert [(each.offset, each.length) for each in sent.entities] == [(2, 2)]


async def test_html_becomes_entities(bot: Bot, chat: Chat) -> None:
    """parse_mode HTML in its simple form."""
    sent = await bot.send_message(
        chat.id, '😀<b>a<i>b</i></b> <a href="https://a">c</a> &lt;', parse_mode="HTML"
    )
    assert sent.text == "😀ab c <"
    found = [(str(each.type), each.offset, each.length) for each in sent.entities]
    assert found == [("bold", 2, 2), ("italic", 3, 1), ("text_link", 5, 1)]


async def test_where_a_bot_may_not_be_it_is_told_so(
    api: BotApi, account: BotAccount, call: Caller, li: Person
) -> None:
    """Unknown chats, chats it left or was removed from, chats that muted or blocked it."""
    gone = api.supergroup("走了", li, account)
    gone.leave(account)
    kicked = api.group("踢了", li, account)
    kicked.leave(account, by=li)
    muted = api.supergroup("禁言", li, account)
    muted.mute(account)
    private = api.private(li)
    private.block()
    stranger = api.supergroup("别处", li)
    expected = {
        gone.id: "Forbidden: bot is not a member of the supergroup chat",
        kicked.id: "Forbidden: bot was kicked from the group chat",
        muted.id: "Bad Request: not enough rights to send text messages to the chat",
        private.id: "Forbidden: bot was blocked by the user",
        stranger.id: "Bad Request: chat not found",
        -999: "Bad Request: chat not found",
        "@nobody": "Bad Request: chat not found",
    }
    for chat_id, description in expected.items():
        assert await call.refusal("sendMessage", chat_id=chat_id, text="a") == description
    assert await call.refusal("sendMessage", text="a") == "Bad Request: chat_id is empty"


async def test_edits_are_refused_unless_they_change_an_own_message(
    api: BotApi, call: Caller, chat: Chat, li: Person
) -> None:
    """Not found, not ours, not modified, of another kind, gone."""
    said = chat.say(li, "我的")
    sent = await call.result("sendMessage", chat_id=chat.id, text="一")
    edit = {"chat_id": chat.id, "message_id": sent["message_id"]}
    assert "message to edit not found" in await call.refusal(
        "editMessageText", chat_id=chat.id, message_id=99, text="a"
    )
    assert "message can't be edited" in await call.refusal(
        "editMessageText", chat_id=chat.id, message_id=said.id, text="a"
    )
    assert (await call.refusal("editMessageText", **edit, text="一")).startswith(
        "Bad Request: message is not modified: specified new message content"
    )
    assert "there is no caption" in await call.refusal("editMessageCaption", **edit, caption="a")
    assert "edit_date" in await call.result("editMessageText", **edit, text="二")
    assert chat.messages[-1].text == "二"
    assert chat.messages[-1].history == ["一"]
    assert (await call("deleteMessage", **edit))["result"] is True
    assert "message to edit not found" in await call.refusal("editMessageText", **edit, text="a")
    assert "message to delete not found" in await call.refusal("deleteMessage", **edit)


async def test_messages_can_be_deleted_for_48_hours(
    api: BotApi, account: BotAccount, call: Caller, li: Person
) -> None:
    """Own ones everywhere; others' only with the right; in a supergroup that right does not end."""
    plain = api.supergroup("普通", li, account)
    theirs = plain.say(li, "a")
    own = await call.result("sendMessage", chat_id=plain.id, text="b")
    ruled = api.supergroup("管理", li, admins=[account])
    old = ruled.say(li, "c")
    refused = "Bad Request: message can't be deleted"
    theirs_params = {"chat_id": plain.id, "message_id": theirs.id}
    assert await call.refusal("deleteMessage", **theirs_params) == refused
    api.clock.advance(49 * 3600)
    own_params = {"chat_id": plain.id, "message_id": own["message_id"]}
    assert await call.refusal("deleteMessage", **own_params) == refused
    assert (await call("deleteMessages", chat_id=ruled.id, message_ids=[old.id, 99]))["ok"] is True
    assert old.deleted


async def test_a_bot_has_one_reaction_on_a_message(
    account: BotAccount, call: Caller, chat: Chat, li: Person
) -> None:
    """A second replaces the first, none removes it, a wrong one is refused."""
    said = chat.say(li, "a")
    where = {"chat_id": chat.id, "message_id": said.id}
    for emoji in ("👀", "👍"):
        await call("setMessageReaction", **where, reaction=[{"type": "emoji", "emoji": emoji}])
    assert said.reactions == {account.id: ["👍"]}
    two = [{"type": "emoji", "emoji": each} for each in "👀👍"]
    assert "REACTIONS_TOO_MANY" in await call.refusal("setMessageReaction", **where, reaction=two)
    wrong = [{"type": "emoji", "emoji": "📌"}]
    assert "REACTION_INVALID" in await call.refusal("setMessageReaction", **where, reaction=wrong)
    await call("setMessageReaction", **where)
    assert said.reactions == {}


async def test_files_come_back_as_they_were_sent(bot: Bot, chat: Chat, li: Person) -> None:
    """Uploads of bots and of people can be downloaded; a file_id can be sent again."""
    sent = await bot.send_document(chat.id, b"content", filename="报告.pdf")
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size) == ("报告.pdf", 7)
    again = await bot.send_document(chat.id, sent.document.file_id)
    assert again.document is not None
    file = await bot.get_file(again.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"content"


async def test_wrong_files_are_refused(call: Caller, chat: Chat, li: Person) -> None:
    """Over 20 MB for getFile, no picture as a photo, another kind's id, an unknown id, none."""
    large = chat.send(li, "document", b"x", size=20 * 1024 * 1024 + 1)
    document = large.content["document"]
    assert isinstance(document, dict)
    file_id = document["file_id"]
    assert await call.refusal("getFile", file_id=file_id) == "Bad Request: file is too big"
    assert await call.refusal("getFile", file_id="x") == "Bad Request: invalid file_id"
    send = {"chat_id": chat.id}
    assert "can't use file of type Document as Photo" in await call.refusal(
        "sendPhoto", **send, photo=file_id
    )
    assert "wrong file identifier/HTTP URL specified" in await call.refusal(
        "sendVoice", **send, voice="AAA"
    )
    assert "there is no photo in the request" in await call.refusal("sendPhoto", **send)
    for content, description in ((b"x", "IMAGE_PROCESS_FAILED"), (b"", "file must be non-empty")):
        response = await call.client.post(
            f"{call.base}/sendPhoto", data={"chat_id": chat.id}, files={"photo": content}
        )
        assert response.json()["description"] == f"Bad Request: {description}"


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"commands": [{"command": "帮助", "description": "a"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "Help", "description": "a"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a", "description": ""}]}, "command description must be"),
        ({"commands": [{"command": "a" * 33, "description": "a"}]}, "command length must not"),
        ({"commands": [{"command": "a", "description": "a" * 257}]}, "command description length"),
        ({"commands": [{"command": "a"}]}, "can't parse BotCommand"),
        ({"commands": [], "language_code": "zh-CN"}, "invalid language code specified"),
        ({"commands": [], "scope": {"type": "x"}}, "can't parse BotCommandScope"),
        ({"commands": [], "scope": {"type": "chat"}}, "can't parse BotCommandScope"),
        ({"commands": [], "scope": {"type": "chat", "chat_id": -5}}, "chat not found"),
        ({"commands": [{"command": "a", "description": "a"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_a_wrong_command_menu_is_refused(
    call: Caller, params: dict[str, object], description: str
) -> None:
    """Names, descriptions, scope and language are checked."""
    answer = await call.refusal("setMyCommands", **params)
    assert answer.startswith(f"Bad Request: {description}")


async def test_an_album_needs_two_to_ten_of_a_kind(call: Caller, chat: Chat) -> None:
    """Wrong numbers and mixtures are refused; a right one shares a media_group_id."""
    photo = {"type": "photo", "media": _photo(chat)}
    file = {"type": "document", "media": _document(chat)}
    for media, description in (
        ([photo], "there must be from 2 to 10 messages in the album"),
        ([photo] * 11, "there must be from 2 to 10 messages in the album"),
        ([photo, file], "Documents can't be mixed with other media types"),
        ([{"type": "x", "media": "y"}] * 2, "can't parse InputMedia"),
    ):
        answer = await call.refusal("sendMediaGroup", chat_id=chat.id, media=media)
        assert description.lower() in answer.lower()
    sent = (await call("sendMediaGroup", chat_id=chat.id, media=[photo, photo]))["result"]
    assert isinstance(sent, list)
    assert len({each["media_group_id"] for each in sent}) == 1


async def test_pins_and_topics_need_rights(
    api: BotApi, account: BotAccount, call: Caller, li: Person
) -> None:
    """A bot without the right, a chat that is no forum and a closed topic refuse."""
    plain = api.supergroup("普通", li, account, forum=True)
    said = plain.say(li, "a")
    pin = {"chat_id": plain.id, "message_id": said.id}
    assert "not enough rights to manage pinned" in await call.refusal("pinChatMessage", **pin)
    topic = {"chat_id": plain.id, "name": "a"}
    assert "not enough rights to create a topic" in await call.refusal("createForumTopic", **topic)
    made = plain.topic(li, "物资")
    plain.close_topic(li, made.id)
    closed = await call.refusal(
        "sendMessage", chat_id=plain.id, text="a", message_thread_id=made.id
    )
    assert closed == "Bad Request: TOPIC_CLOSED"
    group = api.group("组", li, admins=[account])
    refused = await call.refusal("createForumTopic", chat_id=group.id, name="a")
    assert refused == "Bad Request: the chat is not a forum"


def _photo(chat: Chat) -> str:
    return chat.world.files.put("photo", PNG).file_id


def _document(chat: Chat) -> str:
    return chat.world.files.put("document", b"x").file_id


def _sticker(chat: Chat) -> str:
    return chat.world.files.put("sticker", b"x").file_id
