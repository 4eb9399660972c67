"""The server's answers are what another library's models of the Bot API expect."""

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    MessageEntity,
    ReplyParameters,
)

from tests.servers.botapi import PNG, BotApi
from tests.servers.botapi.accounts import BotAccount
from tests.servers.botapi.schema import complaints

BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("收到", callback_data="ack")]])
EVERYTHING = ["message", "edited_message", "callback_query", "message_reaction", "chat_member"]


async def test_every_update_that_people_cause_is_valid(
    api: BotApi, account: BotAccount, bot: Bot
) -> None:
    """Each kind of message, edit, reaction, press and change of members passes aiogram's models."""
    li, han = api.user("李雷", "lilei", "zh-hans"), api.user("韩梅梅", last_name="韩")
    await bot.get_updates(allowed_updates=[*EVERYTHING, "my_chat_member"])
    chat = api.supergroup("指挥部", li, admins=[account], forum=True)
    said = chat.say(li, "/help @lianzhi_bot #火情 https://a.example a@b.example")
    chat.say(han, "好", reply_to=said.id, quote="/help")
    for kind in ("photo", "document", "voice", "audio", "video", "animation", "sticker"):
        chat.send(li, kind, name="a.bin", caption="" if kind == "sticker" else "图 #1")
    chat.send(li, "video_note")
    chat.album(li, [("photo", PNG), ("video", b"v")], caption="两张")
    live = chat.send_location(li, 31.2, 121.5, live_period=600)
    chat.move_location(live.id, 31.3, 121.5)
    chat.stop_location(live.id)
    chat.send_venue(li, 31.2, 121.5, "三号阀室", "长江路")
    chat.send_contact(li, "+8613800000000", "王")
    chat.send_poll(li, "几点?", ["八点", "九点"])
    chat.send_dice(li)
    chat.edit(said, "/help 2")
    chat.forward(han, said)
    chat.react(li, said, "👀")
    chat.pin(li, said)
    chat.rename(li, "新标题")
    topic = chat.topic(li, "物资")
    chat.say(li, "在话题里", thread=topic.id)
    chat.close_topic(li, topic.id)
    chat.join(han)
    chat.promote(han, "can_pin_messages")
    chat.mute(han)
    chat.leave(han, by=li)
    sent = await bot.send_message(chat.id, "按", reply_markup=BUTTONS)
    chat.press_now(li, sent.message_id, "收到")
    group = api.group("小组", li, account)
    group.migrate(li)
    private = api.private(li)
    private.say(li, "你好")
    private.block()
    chat.leave(account)
    updates = await bot.get_updates()
    assert len(updates) == 40
    found = await complaints(api)
    assert not found, "\n".join(found)


async def test_every_answer_to_a_method_is_valid(
    api: BotApi, account: BotAccount, bot: Bot
) -> None:
    """Requests of python-telegram-bot and the server's answers both pass aiogram's models."""
    li = api.user("李雷", "lilei", "zh-hans")
    chat = api.supergroup("指挥部", li, admins=[account], forum=True)
    said = chat.say(li, "在吗")
    await bot.get_me()
    await bot.get_chat(chat.id)
    await bot.get_chat(api.private(li).id)
    for person in (li.id, account.id):
        await bot.get_chat_member(chat.id, person)
    await bot.get_chat_administrators(chat.id)
    await bot.get_chat_member_count(chat.id)
    bold = MessageEntity(MessageEntity.BOLD, 0, 1)
    text = await bot.send_message(
        chat.id,
        "一二",
        entities=[bold],
        reply_markup=BUTTONS,
        reply_parameters=ReplyParameters(said.id, quote="在"),
    )
    await bot.edit_message_text("三", chat.id, text.message_id, reply_markup=BUTTONS)
    await bot.edit_message_reply_markup(chat.id, text.message_id, reply_markup=None)
    photo = await bot.send_photo(chat.id, PNG, caption="图")
    await bot.edit_message_caption(chat.id, photo.message_id, caption="新图")
    await bot.edit_message_media(InputMediaPhoto(PNG), chat.id, photo.message_id)
    await bot.send_document(chat.id, b"x", filename="a.txt")
    await bot.send_voice(chat.id, b"x", duration=3)
    await bot.send_audio(chat.id, b"x", title="t", performer="p")
    await bot.send_video(chat.id, b"x", width=10, height=20)
    await bot.send_animation(chat.id, b"x")
    await bot.send_video_note(chat.id, b"x", length=10)
    await bot.send_sticker(chat.id, b"x")
    await bot.send_venue(chat.id, 1.0, 2.0, "t", "a")
    await bot.send_contact(chat.id, "+86", "王")
    await bot.send_poll(chat.id, "?", ["a", "b"])
    await bot.send_dice(chat.id)
    await bot.send_media_group(
        chat.id, [InputMediaDocument(b"1", caption="一"), InputMediaDocument(b"2")]
    )
    live = await bot.send_location(chat.id, 1.0, 2.0, live_period=60)
    await bot.edit_message_live_location(chat.id, live.message_id, latitude=1.5, longitude=2.0)
    await bot.stop_message_live_location(chat.id, live.message_id)
    await bot.send_chat_action(chat.id, "typing")
    await bot.copy_message(chat.id, chat.id, photo.message_id)
    await bot.forward_message(chat.id, chat.id, said.id)
    await bot.set_message_reaction(chat.id, said.id, "👀")
    await bot.pin_chat_message(chat.id, said.id)
    await bot.get_chat(chat.id)
    await bot.unpin_chat_message(chat.id, said.id)
    scope = BotCommandScopeChat(chat.id)
    await bot.set_my_commands([BotCommand("help", "帮助")], scope, "zh")
    assert await bot.get_my_commands(scope, "zh") == (BotCommand("help", "帮助"),)
    await bot.delete_my_commands(scope, "zh")
    topic = await bot.create_forum_topic(chat.id, "物资")
    await bot.send_message(chat.id, "话题", message_thread_id=topic.message_thread_id)
    await bot.edit_forum_topic(chat.id, topic.message_thread_id, name="人员")
    await bot.close_forum_topic(chat.id, topic.message_thread_id)
    await bot.reopen_forum_topic(chat.id, topic.message_thread_id)
    await bot.delete_forum_topic(chat.id, topic.message_thread_id)
    await bot.delete_message(chat.id, photo.message_id)
    await bot.delete_messages(chat.id, [text.message_id, said.id])
    await bot.get_webhook_info()
    sent = await bot.send_document(chat.id, b"z")
    assert sent.document is not None
    await bot.get_file(sent.document.file_id)
    await bot.leave_chat(chat.id)
    assert [each.description for each in api.calls if not each.accepted] == []
    found = await complaints(api)
    assert not found, "\n".join(found)
