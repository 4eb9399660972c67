"""The Bot with requests of our own: what comes in is made readable before types see it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Any

import structlog
from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.asking import trusted
from workflows.text import Json

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "message_reaction",
    "my_chat_member",
    "chat_member",
    "poll",
)
"""Reactions come only when asked for, and only to administrators:
https://core.telegram.org/bots/api#messagereactionupdated."""

POOL_SIZE = 64
CONNECT_SECONDS = 5.0
_POLL_SLACK_SECONDS = 10.0
DEEPEST = 64
"""Levels of an answer that are read where not all of them can be."""

_NESTING = re.compile(rb'[\[\]{}]|"(?:[^"\\]|\\.)*"', re.DOTALL)
_NAMED = 10
_UPDATE_ID = re.compile(rb'"update_id"\s*:\s*(\d{1,18})')
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_log = structlog.get_logger(__name__)


class ApiRequest(HTTPXRequest):
    """Requests whose answers are checked for shape, and never logged."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer; TelegramError if it cannot come from a Bot API server."""
        return _answer(payload)


class UpdatesRequest(HTTPXRequest):
    """Requests for updates: one malformed update does not take the others with it."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer with every update readable; TelegramError where none has an id."""
        answer = _answer(payload)
        result = answer.get("result")
        if isinstance(result, list):
            kept = [each for each in map(readable, result) if each is not None]
            if result and not kept:
                raise TelegramError("Updates without ids")
            answer["result"] = kept
        return answer


@dataclass(frozen=True, slots=True)
class Connection:
    """A Bot with a pool for calls and a connection of its own for getUpdates."""

    bot: Bot
    requests: tuple[HTTPXRequest, ...]

    @staticmethod
    def make(token: str, base_url: str, answer_seconds: float) -> Connection:
        """Nothing is connected before the first call."""
        calls = ApiRequest(
            connection_pool_size=POOL_SIZE,
            read_timeout=answer_seconds,
            write_timeout=answer_seconds,
            connect_timeout=CONNECT_SECONDS,
            pool_timeout=answer_seconds,
            media_write_timeout=answer_seconds,
            httpx_kwargs={"verify": trusted()},
        )
        updates = UpdatesRequest(
            connection_pool_size=2,
            read_timeout=_POLL_SLACK_SECONDS,
            write_timeout=_POLL_SLACK_SECONDS,
            connect_timeout=CONNECT_SECONDS,
            pool_timeout=_POLL_SLACK_SECONDS,
            httpx_kwargs={"verify": trusted()},
        )
        bot = Bot(
            token,
            base_url=f"{base_url}/bot",
            base_file_url=f"{base_url}/file/bot",
            request=calls,
            get_updates_request=updates,
        )
        return Connection(bot, (calls, updates))

    async def aclose(self) -> None:
        """Let go of connections; `Bot.shutdown` does so only where getMe had succeeded."""
        for request in self.requests:
            await request.shutdown()


def read_json(payload: bytes) -> Json:
    """JSON without lone surrogates; ValueError for anything else. What nests deeper than any update
    does, and than the reader can follow, is null."""
    try:
        return _loaded(payload)
    except RecursionError:
        return _loaded(_pruned(payload))


def _loaded(payload: bytes) -> Json:
    loaded: Json = json.loads(payload.decode("utf-8", "replace"))
    return _whole(loaded) if _ESCAPED_SURROGATE.search(payload) else loaded


def _pruned(payload: bytes) -> bytes:
    """The same JSON with null for what lies deeper than `DEEPEST`."""
    kept, depth, begin = list[bytes](), 0, 0
    whose = list[int]()
    for found in _NESTING.finditer(payload):
        sign = found.group()
        if sign in (b"{", b"["):
            depth += 1
            if depth == DEEPEST + 1:
                kept += [payload[begin : found.start()], b"null"]
                whose += _update_before(payload, found.start()) if len(whose) < _NAMED else []
        elif sign in (b"}", b"]"):
            if depth == DEEPEST + 1:
                begin = found.end()
            depth -= 1
    _log.warning("telegram.nests_too_deep", updates=sorted(set(whose)), bytes=len(payload))
    return b"".join((*kept, payload[begin:])) if depth <= DEEPEST else b""


def _update_before(payload: bytes, end: int) -> list[int]:
    """The id of the update that stands there, for the log: servers write it first."""
    begin = payload.rfind(b'"update_id"', 0, end)
    found = _UPDATE_ID.match(payload, begin) if begin >= 0 else None
    return [] if found is None else [int(found[1])]


def readable(raw: Json) -> dict[str, Json] | None:
    """An update that `Update.de_json` can read: itself, or what can be saved of it.

    A message with a time that nobody can read was written now. A broken message keeps its id, chat
    and sender, so that people see that there was something; one whose sender is unreadable is its
    chat's. None where there is not even an update id.
    """
    if not isinstance(raw, dict):
        return None
    update_id = raw.get("update_id")
    if not isinstance(update_id, int) or isinstance(update_id, bool):
        return None
    if _parses(raw):
        return raw
    saved: dict[str, Json] = {"update_id": update_id}
    for kind in ("message", "channel_post", "edited_message", "edited_channel_post"):
        message = raw.get(kind)
        if not isinstance(message, dict):
            continue
        timely: dict[str, Json] = dict(message)
        timely |= {key: int(time()) for key in ("date", "edit_date") if key in message}
        if _parses(whole := {**saved, kind: timely}):
            _log.warning("telegram.update_untimely", update=update_id)
            return whole
        if kind in ("message", "channel_post") and (rest := _remnant(timely)) is not None:
            saved[kind] = rest
    _log.warning("telegram.update_unreadable", update=update_id, kept=len(saved) > 1)
    return saved


def _remnant(message: Mapping[str, Json]) -> dict[str, Json] | None:
    """That there was a message: who wrote it where, as far as that can be read."""
    rest = {key: message[key] for key in ("message_id", "date", "chat") if key in message}
    for names in (("from", "sender_chat"), ("from",), ("sender_chat",)):
        named = {key: message[key] for key in names if key in message}
        if named and _parses({"update_id": 0, "message": {**rest, **named}}):
            return {**rest, **named}
    whose = {**rest, "sender_chat": rest.get("chat")}
    return whose if _parses({"update_id": 0, "message": whose}) else None


def _parses(raw: Mapping[str, Json]) -> bool:
    try:
        update = Update.de_json(dict(raw), None)
        for message in (
            update.message, update.edited_message, update.channel_post, update.edited_channel_post
        ):  # fmt: skip
            if message is not None:
                _check(message.message_id, message.chat.id, message.text, message.caption)
        # The library takes a user and a chat of any shape, and these are what we store by.
        for named in (update.effective_user, update.effective_sender, update.effective_chat):
            if named is not None:
                _check(named.id, named.id)
        if (query := update.callback_query) is not None:
            _check(query.message.message_id if query.message else 0, 0, query.id, query.data)
        if (reaction := update.message_reaction) is not None:
            _check(reaction.message_id, reaction.chat.id)
    except Exception:  # whatever a hostile update makes the types raise, it is unreadable
        return False
    return True


def _check(message_id: object, chat_id: object, *texts: object) -> None:
    if not isinstance(message_id, int) or not isinstance(chat_id, int):
        raise TypeError
    if not all(text is None or isinstance(text, str) for text in texts):
        raise TypeError


def _answer(payload: bytes) -> dict[str, Any]:
    try:
        loaded = read_json(payload)
    except ValueError as error:
        raise TelegramError("Invalid server response") from error
    if not isinstance(loaded, dict) or not ("result" in loaded or "description" in loaded):
        raise TelegramError("Invalid server response")
    if not isinstance(loaded.get("parameters", {}), dict):
        raise TelegramError("Invalid server response")
    return loaded


def _whole(value: Json) -> Json:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    return value
