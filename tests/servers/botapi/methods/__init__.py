"""The methods of the server and the parameters of each, as the Bot API documents them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.servers.botapi.methods import chat_methods, editing, media, sending
from tests.servers.botapi.methods.call import Call


@dataclass(frozen=True)
class Method:
    """A method: its documented name, what it does and its parameters (name to kind)."""

    name: str
    run: Callable[[Call], object]
    spec: Mapping[str, str]


def _spec(text: str) -> dict[str, str]:
    return {name: kind for name, _, kind in (each.partition(":") for each in text.split())}


_THREAD = "chat_id:c message_thread_id:i "
_SEND = (
    _THREAD + "business_connection_id:s direct_messages_topic_id:i disable_notification:b "
    "protect_content:b allow_paid_broadcast:b message_effect_id:s suggested_post_parameters:o "
    "reply_parameters:o reply_markup:o reply_to_message_id:i allow_sending_without_reply:b "
)
_CAPTION = "caption:s parse_mode:s caption_entities:a show_caption_above_media:b "
_EDIT = "chat_id:c message_id:i inline_message_id:s business_connection_id:s reply_markup:o "
_PLACE = (
    "latitude:f longitude:f horizontal_accuracy:f live_period:i heading:i proximity_alert_radius:i "
)
_SIZE = "duration:i width:i height:i thumbnail:x "
_TEXT = "text:s parse_mode:s entities:a link_preview_options:o disable_web_page_preview:b "
_COMMANDS = "scope:o language_code:s "
_TOPIC = "chat_id:c message_thread_id:i "
_POLL = (
    "question:s options:a question_parse_mode:s question_entities:a is_anonymous:b type:s "
    "allows_multiple_answers:b allows_revoting:b correct_option_id:i correct_option_ids:a "
    "explanation:s explanation_parse_mode:s explanation_entities:a open_period:i close_date:i "
    "is_closed:b "
)

_TABLE: tuple[tuple[str, Callable[[Call], object], str], ...] = (
    ("getMe", chat_methods.get_me, ""),
    ("getChat", chat_methods.get_chat, "chat_id:c"),
    ("getChatMember", chat_methods.get_chat_member, "chat_id:c user_id:i"),
    (
        "getChatAdministrators",
        chat_methods.get_chat_administrators,
        "chat_id:c return_bots:b",
    ),
    ("getChatMemberCount", chat_methods.get_chat_member_count, "chat_id:c"),
    ("leaveChat", chat_methods.leave_chat, "chat_id:c"),
    ("sendMessage", sending.send_message, _SEND + _TEXT),
    ("sendLocation", sending.send_location, _SEND + _PLACE),
    (
        "sendVenue",
        sending.send_venue,
        _SEND + _PLACE + "title:s address:s foursquare_id:s foursquare_type:s google_place_id:s "
        "google_place_type:s",
    ),
    (
        "sendContact",
        sending.send_contact,
        _SEND + "phone_number:s first_name:s last_name:s vcard:s",
    ),
    ("sendPoll", sending.send_poll, _SEND + _POLL),
    ("sendDice", sending.send_dice, _SEND + "emoji:s"),
    ("sendSticker", sending.send_sticker, _SEND + "sticker:x emoji:s"),
    ("sendChatAction", sending.send_chat_action, _THREAD + "action:s business_connection_id:s"),
    (
        "copyMessage",
        sending.copy_message,
        _SEND + _CAPTION + "from_chat_id:c message_id:i video_start_timestamp:i",
    ),
    (
        "forwardMessage",
        sending.forward_message,
        _THREAD + "from_chat_id:c message_id:i disable_notification:b protect_content:b "
        "video_start_timestamp:i direct_messages_topic_id:i message_effect_id:s "
        "suggested_post_parameters:o",
    ),
    ("sendPhoto", media.send_photo, _SEND + _CAPTION + "photo:x has_spoiler:b"),
    (
        "sendDocument",
        media.send_document,
        _SEND + _CAPTION + "document:x thumbnail:x disable_content_type_detection:b",
    ),
    ("sendVoice", media.send_voice, _SEND + _CAPTION + "voice:x duration:i"),
    (
        "sendAudio",
        media.send_audio,
        _SEND + _CAPTION + "audio:x duration:i performer:s title:s thumbnail:x",
    ),
    (
        "sendVideo",
        media.send_video,
        _SEND + _CAPTION + _SIZE + "video:x has_spoiler:b supports_streaming:b cover:x "
        "start_timestamp:i",
    ),
    (
        "sendAnimation",
        media.send_animation,
        _SEND + _CAPTION + _SIZE + "animation:x has_spoiler:b",
    ),
    (
        "sendVideoNote",
        media.send_video_note,
        _SEND + "video_note:x duration:i length:i thumbnail:x",
    ),
    ("sendMediaGroup", media.send_media_group, _SEND + "media:a"),
    ("getFile", media.get_file, "file_id:s"),
    ("editMessageText", editing.edit_message_text, _EDIT + _TEXT),
    ("editMessageCaption", editing.edit_message_caption, _EDIT + _CAPTION),
    ("editMessageMedia", editing.edit_message_media, _EDIT + "media:o"),
    ("editMessageReplyMarkup", editing.edit_message_reply_markup, _EDIT),
    ("editMessageLiveLocation", editing.edit_message_live_location, _EDIT + _PLACE),
    ("stopMessageLiveLocation", editing.stop_message_live_location, _EDIT),
    ("deleteMessage", editing.delete_message, "chat_id:c message_id:i"),
    ("deleteMessages", editing.delete_messages, "chat_id:c message_ids:a"),
    (
        "setMessageReaction",
        editing.set_message_reaction,
        "chat_id:c message_id:i reaction:a is_big:b",
    ),
    (
        "pinChatMessage",
        editing.pin_chat_message,
        "chat_id:c message_id:i disable_notification:b business_connection_id:s",
    ),
    (
        "unpinChatMessage",
        editing.unpin_chat_message,
        "chat_id:c message_id:i business_connection_id:s",
    ),
    (
        "answerCallbackQuery",
        chat_methods.answer_callback_query,
        "callback_query_id:s text:s show_alert:b url:s cache_time:i",
    ),
    ("setMyCommands", chat_methods.set_my_commands, _COMMANDS + "commands:a"),
    ("getMyCommands", chat_methods.get_my_commands, _COMMANDS),
    ("deleteMyCommands", chat_methods.delete_my_commands, _COMMANDS),
    (
        "createForumTopic",
        chat_methods.create_forum_topic,
        "chat_id:c name:s icon_color:i icon_custom_emoji_id:s",
    ),
    (
        "editForumTopic",
        chat_methods.edit_forum_topic,
        _TOPIC + "name:s icon_custom_emoji_id:s",
    ),
    ("closeForumTopic", chat_methods.close_forum_topic, _TOPIC),
    ("reopenForumTopic", chat_methods.reopen_forum_topic, _TOPIC),
    ("deleteForumTopic", chat_methods.delete_forum_topic, _TOPIC),
)

METHODS: Mapping[str, Method] = {
    name.lower(): Method(name, run, _spec(spec)) for name, run, spec in _TABLE
}

UPDATE_SPECS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    name.lower(): (name, _spec(spec))
    for name, spec in (
        ("getUpdates", "offset:i limit:i timeout:i allowed_updates:a"),
        (
            "setWebhook",
            "url:s certificate:x ip_address:s max_connections:i allowed_updates:a "
            "drop_pending_updates:b secret_token:s",
        ),
        ("deleteWebhook", "drop_pending_updates:b"),
        ("getWebhookInfo", ""),
    )
}
