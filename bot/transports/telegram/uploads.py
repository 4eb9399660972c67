"""Files on their way to Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, TypedDict

from telegram import Bot, InlineKeyboardMarkup, InputFile, Message, MessageEntity, ReplyParameters
from telegram.error import BadRequest

from bot.transports.base import Media, Rejected, Sending
from bot.transports.telegram.compose import PHOTO_BYTES
from bot.transports.telegram.faults import says, translated
from bot.transports.telegram.inputs import input_file
from bot.transports.telegram.settings import MEGABYTE

_IN_MEMORY = MEGABYTE
_UPLOAD_SECONDS = 120.0
NOT_A_PHOTO = ("image_process_failed", "photo_invalid", "photo_ext_invalid", "photo_save")
"""What Telegram says of a picture that it does not take as one."""


class Common(TypedDict):
    """What every method takes that sends."""

    chat_id: int
    message_thread_id: int | None
    reply_parameters: ReplyParameters | None
    reply_markup: InlineKeyboardMarkup | None


class Captioned(Common):
    """What those take that send a file."""

    caption: str | None
    caption_entities: list[MessageEntity] | None


class TooLarge(Rejected):
    """Found while it was fetched; nothing was sent."""


class Uploads:
    """Sends files with their captions; every failure is a `SendFault`."""

    def __init__(self, bot: Bot, max_upload: int, answer_seconds: float) -> None:
        self._bot = bot
        self._max_upload = max_upload
        self.seconds = max(_UPLOAD_SECONDS, answer_seconds)

    async def upload(
        self, method: str, sending: Sending, captioned: Captioned, covered: bool
    ) -> str:
        """Send the payload's file; the new message's id."""
        stored = sending.payload.get("media")
        if not isinstance(stored, dict) or sending.open_media is None:
            raise Rejected("a payload without its file")
        media = Media.from_json(stored)
        async with self.spooled(sending.open_media(media)) as file:
            if method == "sendPhoto" and file.tell() > PHOTO_BYTES:
                method = "sendDocument"
            with translated():
                try:
                    message = await self.medium(
                        method, input_file(file, media), media, captioned, covered
                    )
                except BadRequest as error:
                    # Refused as a picture, so not shown: it can still go as a file.
                    if method != "sendPhoto" or not says(error, *NOT_A_PHOTO):
                        raise
                    message = await self.medium(
                        "sendDocument", input_file(file, media), media, captioned, covered
                    )
                return str(message.message_id)

    @asynccontextmanager
    async def spooled(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[IO[bytes]]:
        """The file on disk: an upload needs its length, a second try its beginning."""
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            size = 0
            async for chunk in chunks:
                size += len(chunk)
                if size > self._max_upload:
                    raise TooLarge("the file is larger than Telegram takes")
                file.write(chunk)
            yield file

    async def medium(
        self,
        method: str,
        file: InputFile | str,
        media: Media | None,
        common: Captioned,
        covered: bool,
    ) -> Message:
        """Send a file that is open, or that Telegram has by that id."""
        bot, hidden = self._bot, covered or None
        width, height, seconds = (
            (media.width, media.height, media.seconds) if media else (None, None, None)
        )
        slow = self.seconds
        match method:
            case "sendPhoto":
                return await bot.send_photo(
                    photo=file, has_spoiler=hidden, read_timeout=slow, **common
                )
            case "sendAnimation":
                return await bot.send_animation(
                    animation=file, width=width, height=height, duration=seconds,
                    has_spoiler=hidden, read_timeout=slow, **common,
                )  # fmt: skip
            case "sendVideo":
                return await bot.send_video(
                    video=file, width=width, height=height, duration=seconds,
                    supports_streaming=True, has_spoiler=hidden, read_timeout=slow, **common,
                )  # fmt: skip
            case "sendVoice":
                return await bot.send_voice(
                    voice=file, duration=seconds, read_timeout=slow, **common
                )
            case "sendAudio":
                return await bot.send_audio(
                    audio=file, duration=seconds, read_timeout=slow, **common
                )
            case "sendDocument":
                return await bot.send_document(document=file, read_timeout=slow, **common)
        raise Rejected(f"no such payload: {method}")
