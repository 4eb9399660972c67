"""Several files as one album.

https://core.telegram.org/bots/api#sendmediagroup: 2 to 10 files; documents and audio files only
among themselves, photos and videos with one another. All or none of them arrive, with ids that
follow one another in a supergroup.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from telegram import Bot, InputMediaAnimation, InputMediaDocument
from telegram.error import BadRequest, TelegramError

from bot.transports.base import AnswerLost, KnownIds, Payload, Rejected, Sending
from bot.transports.telegram.calls import Calls, reply_to
from bot.transports.telegram.compose import NAMED
from bot.transports.telegram.faults import NOT_MODIFIED, fault_of, says, translated
from bot.transports.telegram.finding import find_sent
from bot.transports.telegram.ids import place
from bot.transports.telegram.inputs import Grouped, input_media

MOST = 10
_KINDS = {
    "sendPhoto": "seen",
    "sendVideo": "seen",
    "sendDocument": "document",
    "sendAudio": "audio",
}
_CAPTION = ("caption", "caption_entities")


def together(payloads: Sequence[Payload]) -> int:
    """How many of these, from the first on, can be one album."""
    kinds: list[str | None] = []
    for payload in payloads[:MOST]:
        kind = _KINDS.get(str(payload.get("method")))
        if kind is None or "reply_markup" in payload or kind != (kinds or [kind])[0]:
            break
        kinds.append(kind)
    return len(kinds)


def captioned(payloads: Sequence[Payload]) -> list[Payload]:
    """The files with the captions that they have in the album: who sent it all is said once, and
    clients show a caption below an album only if it is the only one."""
    words = any(payload.get("caption") and not payload.get(NAMED) for payload in payloads)
    made = []
    for number, payload in enumerate(payloads):
        bare = bool(payload.get(NAMED)) and (words or number > 0)
        made.append({k: v for k, v in payload.items() if not (bare and k in _CAPTION)})
    return made


class AlbumCalls:
    """Posts albums and looks for lost ones."""

    def __init__(self, bot: Bot, calls: Calls, upload_seconds: float) -> None:
        self._bot = bot
        self._calls = calls
        self._upload_seconds = upload_seconds

    async def send(self, sendings: Sequence[Sending]) -> tuple[str, ...]:
        """Post the album; the id of each file. `Rejected` where it has to go file by file."""
        first, to = sendings[0], place(sendings[0].room)
        thread = first.thread or ""
        async with AsyncExitStack() as open_files:
            media = [await self._input(each, open_files) for each in _shown(sendings)]
            with translated():
                messages = await self._bot.send_media_group(
                    chat_id=to.chat,
                    media=media,
                    message_thread_id=int(thread) if thread.isdecimal() else to.thread,
                    reply_parameters=reply_to(first.reply_to),
                    read_timeout=self._upload_seconds,
                )
                ids = tuple(str(message.message_id) for message in messages)
        if len(ids) != len(sendings):
            raise AnswerLost("an album with another number of files")
        return ids

    async def find(
        self,
        sendings: Sequence[Sending],
        known: KnownIds,
        met: Collection[int],
        floor: int | None,
        note: Callable[[int], object],
    ) -> tuple[str, ...] | bool:
        """The ids if it arrived; see `finding`."""
        shown = _shown(sendings)
        first = await find_sent(self._calls, shown[0], known, met, floor, note)
        if not isinstance(first, str):
            return first
        ids = [first]
        taken = {*known.remotes, *map(str, met)}
        for number, each in enumerate(shown[1:], 1):
            target = str(int(first) + number)
            if target in taken:
                return True
            try:
                await self._calls.probe(replace(each, target=target))
            except BadRequest as error:
                if not says(error, NOT_MODIFIED):
                    return True
            except TelegramError as error:
                raise fault_of(error) from error
            ids.append(target)
        return tuple(ids)

    async def _input(self, sending: Sending, open_files: AsyncExitStack) -> Grouped:
        made = await input_media(sending, self._calls.spooled, open_files)
        if isinstance(made, InputMediaAnimation) or (
            sending.payload["method"] == "sendPhoto" and isinstance(made, InputMediaDocument)
        ):
            raise Rejected("a file that no album takes so")
        return made


def _shown(sendings: Sequence[Sending]) -> list[Sending]:
    payloads = captioned([each.payload for each in sendings])
    return [
        replace(each, payload=payload) for each, payload in zip(sendings, payloads, strict=True)
    ]
