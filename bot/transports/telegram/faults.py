"""What python-telegram-bot raises, as what the border knows.

The words of refusals are those of the public Bot API server; it has no codes for them:
https://github.com/tdlib/telegram-bot-api (Client.cpp).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.transports.base import (
    AccountRefused,
    AnswerLost,
    RateLimited,
    Rejected,
    RoomGone,
    RoomMoved,
    SendFault,
    TargetGone,
    ThreadGone,
    ThreadRefused,
    Unreachable,
)
from bot.transports.telegram.ids import room

NOT_MODIFIED = "message is not modified"
NOT_FOUND = ("message to edit not found", "message_id_invalid", "message not found")
NOT_OURS = ("message can't be edited", "message_edit_time_expired")
NO_TEXT = "there is no text in the message to edit"
NO_CAPTION = "there is no caption in the message to edit"

_ROOM_GONE = (
    "chat not found",
    "not enough rights to send text messages",
    "not enough rights to send messages",
    "have no rights to send a message",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_admin_required",
    "channel_private",
    "peer_id_invalid",
    "group chat was deactivated",
)
_TOPIC_GONE = (
    "message thread not found",
    "topic_closed",
    "topic_deleted",
    "topic_id_invalid",
)
NO_TOPICS = ("not a forum", "not enough rights", "chat_admin_required", "need administrator")
_TARGET_GONE = (*NOT_FOUND, *NOT_OURS, "message to be replied not found", "message to delete")
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_SECRET = re.compile(r"\d{4,}:[A-Za-z0-9_-]{8,}", re.ASCII)
_UNTOLD_PAUSE = timedelta(seconds=5)


class TokenRefused(AccountRefused):
    """Telegram does not take the bot's token."""


class AnotherPoller(Unreachable):
    """Another process asks for this bot's updates, or a webhook takes them (409)."""


def says(error: TelegramError, *words: str) -> bool:
    """Whether the refusal contains any of the phrases, in any case."""
    message = error.message.lower()
    return any(each in message for each in words)


def fault_of(error: Exception) -> SendFault:
    """What is known after a call failed so. Never holds the token."""
    reason = _SECRET.sub("…", str(error))[:300]
    if isinstance(error.__cause__, TelegramError):
        # The body was no JSON: something before the Bot API answered.
        return AnswerLost(reason)
    match error:
        case RetryAfter():
            after = error.retry_after
            return RateLimited(
                after if isinstance(after, timedelta) else timedelta(seconds=after), reason
            )
        case ChatMigrated():
            return RoomMoved(room(error.new_chat_id))
        case Forbidden():
            return RoomGone(reason)
        case InvalidToken():
            return TokenRefused(reason)
        case Conflict():
            return AnotherPoller(reason)
        case BadRequest():
            return _refusal(error, reason)
        case NetworkError():
            return _network(error, reason)
    return AnswerLost(reason or type(error).__name__)


def _refusal(error: BadRequest, reason: str) -> SendFault:
    if says(error, *_TOPIC_GONE):
        return ThreadGone(reason)
    if says(error, *_ROOM_GONE):
        return RoomGone(reason)
    if says(error, *_TARGET_GONE):
        return TargetGone(reason)
    return Rejected(reason)


def topic_refusal(error: BadRequest) -> SendFault:
    """Why a topic was not opened: the group has none, the bot may not, or the name is refused."""
    fault = fault_of(error)
    refused = says(error, *NO_TOPICS) or isinstance(fault, Rejected)
    return ThreadRefused(fault.reason) if refused else fault


def _network(error: NetworkError, reason: str) -> SendFault:
    if isinstance(error.__cause__, _NOT_SENT):
        return Unreachable(reason)
    if error.__cause__ is None and says(error, "too many requests"):
        return RateLimited(_UNTOLD_PAUSE, reason)
    if error.__cause__ is None and says(error, "request entity too large", "content too large"):
        return Rejected(reason)
    return AnswerLost(reason)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a call raises into a `SendFault`; a nonsensical answer is `AnswerLost`."""
    try:
        yield
    except TelegramError as error:
        raise fault_of(error) from error
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise AnswerLost(f"nonsense in the answer: {type(error).__name__}") from error
