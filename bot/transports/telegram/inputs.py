"""Files as python-telegram-bot takes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from mimetypes import guess_extension
from typing import IO, TypeAlias

from telegram import (
    InputFile,
    InputMediaAnimation,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    MessageEntity,
)

from bot.richtext import safe_text
from bot.transports.base import Media, Rejected, Sending
from bot.transports.telegram.compose import COVERED, PHOTO_BYTES, marked

Grouped: TypeAlias = InputMediaPhoto | InputMediaVideo | InputMediaDocument | InputMediaAudio
"""What an album may hold."""

Input: TypeAlias = Grouped | InputMediaAnimation

Spooled = Callable[[AsyncIterator[bytes]], AbstractAsyncContextManager[IO[bytes]]]
"""A file on disk for as long as it is uploaded."""


def input_file(file: IO[bytes], media: Media, *, attach: bool = False) -> InputFile:
    """The file under a name that shows its kind; with `attach` as one of several."""
    file.seek(0)
    name = safe_text(media.name).replace("/", "_").replace("\n", " ").strip() or media.kind
    if "." not in name:
        name += guess_extension(media.mime.partition(";")[0]) or ""
    return InputFile(file, filename=name, attach=attach, read_file_handle=False)


async def input_media(sending: Sending, spooled: Spooled, open_files: AsyncExitStack) -> Input:
    """The payload's file with its caption. The file stays open as long as `open_files`.

    https://core.telegram.org/bots/api#inputmedia: there is none for a voice message, which goes
    as audio.
    """
    payload = marked(sending.payload, sending.mark)
    method, stored = str(payload["method"]), payload.get("media")
    caption, given = payload.get("caption"), payload.get("caption_entities")
    entities = [
        MessageEntity.de_json(each, None)
        for each in (given if isinstance(given, list) else [])
        if isinstance(each, dict)
    ]
    text = caption if isinstance(caption, str) and caption else None
    covered = payload.get(COVERED) is True
    if isinstance(file_id := payload.get("file_id"), str):
        return _made(method, file_id, text, entities, None, covered)
    if not isinstance(stored, dict) or sending.open_media is None:
        raise Rejected("a payload without its file")
    media = Media.from_json(stored)
    file = await open_files.enter_async_context(spooled(sending.open_media(media)))
    if method == "sendPhoto" and file.tell() > PHOTO_BYTES:
        method = "sendDocument"
    return _made(method, input_file(file, media, attach=True), text, entities, media, covered)


def _made(
    method: str,
    file: InputFile | str,
    caption: str | None,
    entities: list[MessageEntity],
    media: Media | None,
    covered: bool,
) -> Input:
    width, height, seconds = (
        (media.width, media.height, media.seconds) if media else (None, None, None)
    )
    match method:
        case "sendPhoto":
            return InputMediaPhoto(
                file, caption, caption_entities=entities, has_spoiler=covered or None
            )
        case "sendVideo":
            return InputMediaVideo(
                file, caption, width, height, seconds, caption_entities=entities,
                supports_streaming=True, has_spoiler=covered or None,
            )  # fmt: skip
        case "sendAnimation":
            return InputMediaAnimation(
                file, caption, None, width, height, seconds, caption_entities=entities,
                has_spoiler=covered or None,
            )  # fmt: skip
        case "sendAudio" | "sendVoice":
            return InputMediaAudio(file, caption, duration=seconds, caption_entities=entities)
    return InputMediaDocument(file, caption, caption_entities=entities)
