"""What a Telegram message holds, in the neutral form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from mimetypes import guess_extension

from telegram import (
    Chat,
    ChatFullInfo,
    ChecklistTask,
    Message,
    MessageEntity,
    MessageOrigin,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    Poll,
    Sticker,
)

from bot.richtext import AccountOf, Html, TgEntity, from_plain, from_telegram, safe_file_name
from bot.richtext.telegram import Units
from bot.transports import polls
from bot.transports.base import Content, Media, MediaKind
from bot.transports.location import Location, ended, words
from bot.transports.media import sign
from bot.transports.telegram.ids import NETWORK, account
from workflows.text import Msg, _

SERVICE = (
    "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo",
    "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created",
    "message_auto_delete_timer_changed", "pinned_message", "successful_payment",
    "refunded_payment", "users_shared", "chat_shared", "connected_website", "passport_data",
    "write_access_allowed", "proximity_alert_triggered", "boost_added", "chat_background_set",
    "forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
    "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created",
    "giveaway_completed", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
    "video_chat_participants_invited", "web_app_data", "checklist_tasks_done",
    "checklist_tasks_added", "gift", "unique_gift", "gift_upgrade_sent",
    "paid_message_price_changed", "direct_message_price_changed", "suggested_post_approved",
    "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid",
    "suggested_post_refunded", "chat_owner_left", "chat_owner_changed", "managed_bot_created",
    "poll_option_added", "poll_option_deleted",
)  # fmt: skip
"""Fields of service messages: https://core.telegram.org/bots/api#message.

`inbound` tells of those that matter in other rooms: who came and went, topics, pins, the name of
the group, a call that begins, what is ticked or added in a list or a poll. The others are for the
group alone: its looks and rules, gifts and money, the plan and the end of a call that nobody can
join from elsewhere.
"""

_COMMAND = re.compile(r"([/!／！][^\s@]{1,64})@(\w{3,64})(?=\s|$)")
_QUOTED_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Known:
    """What is needed to read a message: who we are, whom we know, what we may fetch."""

    bot_id: int
    username: str | None
    account_of: AccountOf
    max_download: int
    """Bytes."""


def is_service(message: Message) -> bool:
    """Whether this reports an event of the chat instead of somebody's words."""
    return any(getattr(message, name) for name in SERVICE)


def shown_anew(message: Message) -> Message | None:
    """The list or poll in which a service message says that something was ticked or added."""
    for listed in (message.checklist_tasks_done, message.checklist_tasks_added):
        if listed is not None:
            return listed.checklist_message
    for asked in (message.poll_option_added, message.poll_option_deleted):
        if asked is not None and isinstance(asked.poll_message, Message):
            return asked.poll_message
    return None


def content_of(message: Message, known: Known) -> Content:
    """The content of a message that is no service message; never empty."""
    written = message.text or message.caption or ""
    entities = message.entities if message.text else message.caption_entities
    html = html_of(written, entities, known.account_of)
    text, cut = _own_suffix_cut(written, known.username)
    media = _media(message)
    if media is not None:
        reachable = media.size is None or media.size <= known.max_download
        covered = bool(message.has_media_spoiler)
        media = replace(media, link=message.link, reachable=reachable, covered=covered)
    uncarried = None if media else _uncarried(message)
    location = _location(message)
    if location is not None:
        over = message.location is not None and message.edit_date and not location.live
        uncarried = ended(location) if over else words(location, message.date)
    if uncarried is None and media is None and not written:
        uncarried = _("A kind of message that cannot be shown here")
    return Content(
        html=html,
        media=(media,) if media else (),
        uncarried=uncarried,
        text=text,
        mentions=_mentions(written, entities, cut, known.account_of),
        location=location,
        forwarded=origin_name(message.forward_origin) if message.forward_origin else None,
        poll=message.poll.id if message.poll else None,
        album=message.media_group_id if media else None,
        quote=_chosen(message, known),
    )


def html_of(text: str, entities: Sequence[MessageEntity], account_of: AccountOf) -> Html:
    """A text with the library's entities as the neutral form."""
    return from_telegram(text, [_entity(each) for each in entities], account_of)


def quoted(message: Message, known: Known) -> Html | None:
    """The words that a message answers, as far as the update tells them; about 300 characters."""
    if message.quote is not None:
        return html_of(message.quote.text, message.quote.entities or (), known.account_of)
    target = message.reply_to_message
    if target is None:
        return None
    text = (target.text or target.caption or "")[:_QUOTED_CHARACTERS]
    entities = target.entities if target.text else target.caption_entities
    if text:
        return html_of(text, entities, known.account_of)
    media = _media(target)
    return None if media is None else from_plain(sign(media))


def _chosen(message: Message, known: Known) -> Html | None:
    if message.quote is None or not message.quote.is_manual:
        return None
    return html_of(message.quote.text, message.quote.entities or (), known.account_of)


def title_of(chat: Chat | ChatFullInfo) -> str:
    """How the chat is called; a person's name in private."""
    return chat.title or " ".join(filter(None, (chat.first_name, chat.last_name)))


def origin_name(origin: MessageOrigin) -> str:
    """Who first wrote a forwarded message."""
    match origin:
        case MessageOriginUser():
            return origin.sender_user.full_name
        case MessageOriginHiddenUser():
            return origin.sender_user_name
        case MessageOriginChat():
            return title_of(origin.sender_chat)
        case MessageOriginChannel():
            return title_of(origin.chat)
    return "?"


def _entity(entity: MessageEntity) -> TgEntity:
    return TgEntity(
        type=str(entity.type),
        offset=entity.offset,
        length=entity.length,
        url=entity.url,
        language=entity.language,
        user_id=entity.user.id if entity.user else None,
    )


def _own_suffix_cut(text: str, username: str | None) -> tuple[str, tuple[int, int]]:
    """`/help@us x` as `/help x`, and what was cut; another bot's command stays as it is."""
    found = _COMMAND.match(text)
    if found is None or username is None or found[2].lower() != username.lower():
        return text, (0, 0)
    start, end = found.end(1), found.end(2)
    return text[:start] + text[end:], (start, end)


def _mentions(
    text: str, entities: Sequence[MessageEntity], cut: tuple[int, int], account_of: AccountOf
) -> tuple[tuple[int, int, str], ...]:
    units: Units | None = None
    found = []
    for entity in entities:
        if entity.type not in (MessageEntity.MENTION, MessageEntity.TEXT_MENTION):
            continue
        units = units or Units(text)
        start = units.char(max(entity.offset, 0))
        end = min(units.char(entity.offset + entity.length, up=True), len(text))
        key = str(entity.user.id) if entity.user else text[start:end]
        mentioned = account_of(key)
        gone = cut[1] - cut[0]
        if mentioned and start < end and not (start < cut[1] and cut[0] < end):
            shift = gone if start >= cut[1] else 0
            found.append((start - shift, end - shift, mentioned))
    return tuple(found)


def _media(message: Message) -> Media | None:
    if message.photo:
        photo = max(message.photo, key=lambda size: size.width * size.height)
        return _file(
            "photo", "photo", photo.file_id, photo.file_unique_id, None, "image/jpeg",
            photo.file_size, photo.width, photo.height,
        )  # fmt: skip
    if animation := message.animation:
        return _file(
            "animation", "animation", animation.file_id, animation.file_unique_id,
            animation.file_name, animation.mime_type or "video/mp4", animation.file_size,
            animation.width, animation.height, animation.duration,
        )  # fmt: skip
    if video := message.video:
        return _file(
            "video", "video", video.file_id, video.file_unique_id, video.file_name,
            video.mime_type or "video/mp4", video.file_size, video.width, video.height,
            video.duration,
        )  # fmt: skip
    if note := message.video_note:
        return _file(
            "video", "video_note", note.file_id, note.file_unique_id, None, "video/mp4",
            note.file_size, note.length, note.length, note.duration,
        )  # fmt: skip
    if voice := message.voice:
        return _file(
            "voice", "voice", voice.file_id, voice.file_unique_id, None,
            voice.mime_type or "audio/ogg", voice.file_size, seconds=voice.duration,
        )  # fmt: skip
    if audio := message.audio:
        return _file(
            "audio", "audio", audio.file_id, audio.file_unique_id, audio.file_name,
            audio.mime_type or "audio/mpeg", audio.file_size, seconds=audio.duration,
        )  # fmt: skip
    if sticker := message.sticker:
        return _sticker(sticker)
    if document := message.document:
        return _file(
            "document", "document", document.file_id, document.file_unique_id,
            document.file_name, document.mime_type or "application/octet-stream",
            document.file_size,
        )  # fmt: skip
    return None


def _sticker(sticker: Sticker) -> Media | None:
    """As a picture, or as a video without sound; vector stickers by their thumbnail."""
    emoji = sticker.emoji or ""
    if sticker.is_video:
        return _file(
            "animation", "sticker", sticker.file_id, sticker.file_unique_id,
            f"{emoji or 'sticker'}.webm", "video/webm", sticker.file_size,
            sticker.width, sticker.height,
        )  # fmt: skip
    shown = sticker.thumbnail if sticker.is_animated else sticker
    if shown is None:
        return None
    return _file(
        "sticker", "sticker", shown.file_id, shown.file_unique_id, f"{emoji or 'sticker'}.webp",
        "image/webp", shown.file_size, shown.width, shown.height,
    )  # fmt: skip


def _file(
    kind: MediaKind,
    type: str,
    file_id: str,
    unique_id: str,
    name: str | None,
    mime: str,
    size: int | None,
    width: int | None = None,
    height: int | None = None,
    seconds: int | timedelta | None = None,
) -> Media:
    suffix = ".ogg" if mime == "audio/ogg" else guess_extension(mime) or ""
    return Media(
        network=NETWORK,
        kind=kind,
        name=safe_file_name(name or f"{type}-{unique_id}{suffix}", type),
        mime=mime,
        ref=(("file_id", file_id), ("type", type)),
        size=size,
        width=width,
        height=height,
        seconds=round(seconds.total_seconds()) if isinstance(seconds, timedelta) else seconds,
    )


def _uncarried(message: Message) -> Msg | None:
    if sticker := message.sticker:
        return _("Sticker {emoji}", emoji=sticker.emoji or "")
    if contact := message.contact:
        name = " ".join(filter(None, (contact.first_name, contact.last_name)))
        return _("Contact: {name}, {phone}", name=name, phone=contact.phone_number)
    if poll := message.poll:
        return poll_words(poll)
    if dice := message.dice:
        return _("Dice {emoji}: {value}", emoji=dice.emoji, value=dice.value)
    if game := message.game:
        return _("Game: {title}", title=game.title)
    if invoice := message.invoice:
        return _("Invoice: {title}", title=invoice.title)
    if checklist := message.checklist:
        return _(
            "Checklist: {title} Items: {items}",
            title=checklist.title,
            items=" / ".join(map(_task, checklist.tasks)),
        )
    if message.story:
        return _("A story")
    if message.paid_media:
        return _("Paid media")
    if message.giveaway or message.giveaway_winners:
        return _("A giveaway")
    return None


def _task(task: ChecklistTask) -> str:
    done = task.completed_by_user or task.completed_by_chat
    return f"✅ {task.text}" if done else task.text


def poll_words(poll: Poll) -> Msg:
    """What is said of a poll as it stands."""
    options = [(each.text, each.voter_count) for each in poll.options]
    counted = poll.total_voter_count > 0
    return polls.words(poll.question, options, counted=counted, over=poll.is_closed)


def _location(message: Message) -> Location | None:
    if venue := message.venue:
        point = venue.location
        return Location(point.latitude, point.longitude, venue.title, venue.address)
    if (place := message.location) is None:
        return None
    period: object = place.live_period
    if isinstance(period, timedelta):
        period = round(period.total_seconds())
    return Location(
        place.latitude, place.longitude, live=period if isinstance(period, int) else None
    )


def chat_account(chat: Chat) -> str:
    """The account of a chat that speaks for itself."""
    return account(chat.id)
