"""Sending, editing and deleting: one stored payload, one call."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace

from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import BadRequest

from bot.richtext import TELEGRAM_CAPTION, utf16_length
from bot.transports.base import (
    RENEWED,
    MediaUnavailable,
    Payload,
    Rejected,
    SendFault,
    Sending,
    TargetGone,
    ThreadGone,
)
from bot.transports.telegram.compose import COVERED, OTHERWISE, marked, without_file
from bot.transports.telegram.faults import (
    NO_CAPTION,
    NO_TEXT,
    NO_TOPICS,
    NOT_MODIFIED,
    fault_of,
    says,
    topic_refusal,
    translated,
)
from bot.transports.telegram.ids import place
from bot.transports.telegram.inputs import input_media
from bot.transports.telegram.uploads import NOT_A_PHOTO, Captioned, Common, TooLarge, Uploads

_ABSENT = ("message to delete not found", "message_id_invalid", "message identifier is not")
_NOT_PINNED = ("message to unpin not found", "chat_not_modified", "message not found")
ON_MAP = ("sendLocation", "sendVenue")
TOPIC = "createForumTopic"
_SAME_TOPIC = ("topic_not_modified",)
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Calls:
    """Carries payloads out; every failure is a `SendFault`."""

    def __init__(self, bot: Bot, max_upload: int, answer_seconds: float) -> None:
        self._bot = bot
        self._uploads = Uploads(bot, max_upload, answer_seconds)
        self.upload_seconds = self._uploads.seconds
        self.spooled = self._uploads.spooled

    async def send(self, sending: Sending) -> str:
        """Post the payload; the new message's id."""
        try:
            return await self._send(sending, marked(sending.payload, sending.mark))
        except (MediaUnavailable, Rejected) as fault:
            if (absent := _words(sending, fault)) is None:
                raise
            return await self._send(sending, marked(absent, sending.mark))

    async def _send(self, sending: Sending, payload: Payload) -> str:
        to, thread = place(sending.room), sending.thread or ""
        if _string(payload, "method") == TOPIC:
            return await self._open_topic(to.chat, _string(payload, "name"))
        common: Common = {
            "chat_id": to.chat,
            "message_thread_id": int(thread) if thread.isdecimal() else to.thread,
            "reply_parameters": reply_to(sending.reply_to),
            "reply_markup": _markup(payload),
        }
        method = _string(payload, "method")
        if method == "sendMessage":
            with translated():
                message = await self._bot.send_message(
                    text=_string(payload, "text"),
                    entities=_entities(payload, "entities"),
                    link_preview_options=_NO_PREVIEW,
                    **common,
                )
                return str(message.message_id)
        if method in ON_MAP:
            with translated():
                return await self._place(method, payload, common)
        captioned: Captioned = {
            **common,
            "caption": _string(payload, "caption") or None,
            "caption_entities": _entities(payload, "caption_entities") or None,
        }
        covered = payload.get(COVERED) is True
        if file_id := _string(payload, "file_id"):
            with translated():
                message = await self._uploads.medium(method, file_id, None, captioned, covered)
                return str(message.message_id)
        return await self._uploads.upload(method, sending, captioned, covered)

    async def _open_topic(self, chat: int, name: str) -> str:
        with translated():
            try:
                topic = await self._bot.create_forum_topic(chat, name)
            except BadRequest as error:
                raise topic_refusal(error) from error
            return str(topic.message_thread_id)

    async def _rename_topic(self, sending: Sending) -> None:
        """Whoever opened it may name it; where that is refused, the old name stays."""
        chat, name = place(sending.room).chat, _string(sending.payload, "name")
        try:
            await self._bot.edit_forum_topic(chat, _target(sending), name=name)
        except BadRequest as error:
            fault = fault_of(error)
            if isinstance(fault, ThreadGone):
                raise TargetGone(fault.reason) from error
            if not says(error, *_SAME_TOPIC, *NO_TOPICS):
                raise

    async def edit(self, sending: Sending) -> None:
        """Make the target read the payload; a target that does already is success."""
        try:
            with translated():
                await self._edit(sending)
        except _Unchanged:
            return

    async def probe(self, sending: Sending) -> None:
        """Edit as `edit`, but let the library's own errors through."""
        await self._edit_as(sending, _is_text(sending.payload))

    async def delete(self, sending: Sending) -> None:
        """Take the target back; its absence is success."""
        with translated():
            try:
                await self._bot.delete_message(place(sending.room).chat, _target(sending))
            except BadRequest as error:
                if not says(error, *_ABSENT):
                    raise

    async def pin(self, sending: Sending, *, pinned: bool) -> None:
        """Pin the target without a sound, or unpin it; one that is not pinned is success."""
        chat, target = place(sending.room).chat, _target(sending)
        with translated():
            if pinned:
                await self._bot.pin_chat_message(chat, target, disable_notification=True)
                return
            try:
                await self._bot.unpin_chat_message(chat, message_id=target)
            except BadRequest as error:
                if not says(error, *_NOT_PINNED):
                    raise

    async def _edit(self, sending: Sending) -> None:
        if RENEWED in sending.payload:
            try:
                await self._replace_file(sending)
                return
            except (MediaUnavailable, Rejected, TargetGone) as fault:
                if (words := _words(sending, fault)) is None:
                    raise
                sending = replace(sending, payload=words)
        is_text = _is_text(sending.payload)
        try:
            if _string(sending.payload, "method") == TOPIC:
                await self._rename_topic(sending)
            elif _string(sending.payload, "method") in ON_MAP:
                await self._move(sending)
            else:
                await self._edit_as(sending, is_text)
        except BadRequest as error:
            if says(error, NOT_MODIFIED):
                raise _Unchanged from error
            if not says(error, NO_TEXT if is_text else NO_CAPTION):
                raise
            if not is_text and OTHERWISE not in sending.payload:
                absent = without_file(sending.payload) or sending.payload
                sending = replace(sending, payload=absent)
            try:
                await self._edit_as(sending, not is_text)
            except BadRequest as second:
                if says(second, NOT_MODIFIED):
                    raise _Unchanged from second
                raise

    async def _replace_file(self, sending: Sending) -> None:
        """https://core.telegram.org/bots/api#editmessagemedia."""
        async with AsyncExitStack() as open_files:
            media = await input_media(sending, self.spooled, open_files)
            with translated():
                try:
                    await self._bot.edit_message_media(
                        media,
                        chat_id=place(sending.room).chat,
                        message_id=_target(sending),
                        reply_markup=_markup(sending.payload),
                        read_timeout=self.upload_seconds,
                    )
                except BadRequest as error:
                    if says(error, NOT_MODIFIED):
                        return
                    if not isinstance(media, InputMediaPhoto) or not says(error, *NOT_A_PHOTO):
                        raise
                else:
                    return
        file = {**sending.payload, "method": "sendDocument"}
        await self._replace_file(replace(sending, payload=file))

    async def _place(self, method: str, payload: Payload, common: Common) -> str:
        latitude, longitude = _number(payload, "latitude"), _number(payload, "longitude")
        if method == "sendVenue":
            message = await self._bot.send_venue(
                latitude=latitude, longitude=longitude, title=_string(payload, "title"),
                address=_string(payload, "address"), **common,
            )  # fmt: skip
        else:
            message = await self._bot.send_location(
                latitude=latitude, longitude=longitude, live_period=_live(payload), **common
            )
        return str(message.message_id)

    async def _move(self, sending: Sending) -> None:
        """A live location goes on or ends; a fixed one stays where it is."""
        payload, chat = sending.payload, place(sending.room).chat
        if _string(payload, "method") == "sendVenue":
            return
        if _live(payload) is None:
            await self._bot.stop_message_live_location(chat, _target(sending))
            return
        await self._bot.edit_message_live_location(
            chat,
            _target(sending),
            latitude=_number(payload, "latitude"),
            longitude=_number(payload, "longitude"),
        )

    async def _edit_as(self, sending: Sending, is_text: bool) -> None:
        payload, chat = marked(sending.payload, sending.mark), place(sending.room).chat
        target = _target(sending)
        if _string(payload, "method") in ON_MAP:
            # Nothing changes; what is answered tells whether it is there.
            await self._bot.edit_message_reply_markup(chat, target, reply_markup=_markup(payload))
            return
        text = _string(payload, "text") or _string(payload, "caption")
        entities = _entities(payload, "entities") or _entities(payload, "caption_entities")
        if is_text:
            await self._bot.edit_message_text(
                text=text,
                chat_id=chat,
                message_id=target,
                entities=entities,
                link_preview_options=_NO_PREVIEW,
                reply_markup=_markup(payload),
            )
            return
        if utf16_length(text) > TELEGRAM_CAPTION:
            raise Rejected("the text is longer than a caption may be")
        await self._bot.edit_message_caption(
            chat_id=chat,
            message_id=target,
            caption=text,
            caption_entities=entities,
            reply_markup=_markup(payload),
        )


class _Unchanged(Exception):
    """The target reads so already."""


def reply_to(remote: str | None) -> ReplyParameters | None:
    """What an answer to that message is sent with."""
    if remote is None or not remote.isdecimal():
        return None
    return ReplyParameters(int(remote), allow_sending_without_reply=True)


def _words(sending: Sending, fault: SendFault) -> Payload | None:
    """What is said where the file cannot go; None where it may go later, or holds no words."""
    if isinstance(fault, MediaUnavailable) and not fault.forever:
        return None
    if isinstance(fault, TooLarge) and isinstance(other := sending.payload.get(OTHERWISE), dict):
        return other
    return without_file(sending.payload)


def _target(sending: Sending) -> int:
    if sending.target is None or not sending.target.isdecimal():
        raise TargetGone("no message id of Telegram's")
    return int(sending.target)


def _is_text(payload: Payload) -> bool:
    return _string(payload, "method") == "sendMessage"


def _string(payload: Payload, key: str) -> str:
    value = payload.get(key)
    return value if isinstance(value, str) else ""


def _number(payload: Payload, key: str) -> float:
    value = payload.get(key)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _live(payload: Payload) -> int | None:
    value = payload.get("live_period")
    return value if isinstance(value, int) else None


def _entities(payload: Payload, key: str) -> list[MessageEntity]:
    value = payload.get(key)
    if not isinstance(value, list):
        return []
    return [MessageEntity.de_json(each, None) for each in value if isinstance(each, dict)]


def _markup(payload: Payload) -> InlineKeyboardMarkup | None:
    value = payload.get("reply_markup")
    return InlineKeyboardMarkup.de_json(value, None) if isinstance(value, dict) else None
