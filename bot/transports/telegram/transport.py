"""The Telegram transport: each part of the port handed to the module that knows how."""

from __future__ import annotations

import logging
import warnings
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog
from telegram import Bot, Update, User
from telegram.error import InvalidToken, TelegramError
from telegram.warnings import PTBDeprecationWarning

from bot.catalogues import Spoken
from bot.richtext import Html
from bot.transports.base import (
    AnswerLost,
    AskKnown,
    Content,
    Edited,
    Finding,
    Inbound,
    Media,
    Outgoing,
    Payload,
    Reaction,
    Rejected,
    Said,
    Sender,
    Sending,
    Take,
    Wiring,
)
from bot.transports.telegram import albums, compose, menus as command_menus, receiving
from bot.transports.telegram.calls import TOPIC, Calls
from bot.transports.telegram.checks import Checks
from bot.transports.telegram.connection import Connection
from bot.transports.telegram.contents import Known, poll_words
from bot.transports.telegram.doubts import Doubts
from bot.transports.telegram.downloads import Downloads
from bot.transports.telegram.faults import translated
from bot.transports.telegram.handles import Handles
from bot.transports.telegram.ids import NETWORK, place, room as room_of
from bot.transports.telegram.inbound import Reader
from bot.transports.telegram.settings import MEGABYTE, TelegramSettings, bot_id
from storage import StoreUnavailable
from workflows.errors import Refusal
from workflows.text import Msg, _

_START_SECONDS = 1.5
_PRESS_SECONDS = 5.0
_PRESS_CHARACTERS = 200
_CHATS, _IDS = 2000, 200
_HEARINGS = 3
"""How often a topic whose making was not answered is looked for among those heard of."""
_log = structlog.get_logger(__name__)


class _Asked(NamedTuple):
    """Where a poll stands, and whose it is."""

    room: str
    remote: str
    sender: Sender | None


class TelegramTransport:
    """Telegram by the Bot API. Made by `NETWORK.build`; owns its connections."""

    network = NETWORK
    idempotent = False
    kept = timedelta(hours=24)
    """How long updates wait: https://core.telegram.org/bots/api#getting-updates."""
    any_message = False
    reopens = False

    def __init__(self, wiring: Wiring) -> None:
        settings = wiring.section
        assert isinstance(settings, TelegramSettings)
        # httpx logs each request's address, which holds the token.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        # A duration is read whether it is a number, as now, or a timedelta, as it will be.
        warnings.filterwarnings("ignore", category=PTBDeprecationWarning, message=".*timedelta")
        token = settings.read_token()
        base = settings.api_base_url
        self.settings = settings
        self.limits = settings.quotas.limits()
        self._wiring = wiring
        self._bot_id = bot_id(token)
        self._connection = Connection.make(token, base, settings.answer_seconds)
        self._bot: Bot = self._connection.bot
        self._calls = Calls(self._bot, settings.max_upload_mb * MEGABYTE, settings.answer_seconds)
        self._albums = albums.AlbumCalls(self._bot, self._calls, self._calls.upload_seconds)
        self._downloads = Downloads(self._bot, base, token, settings.answer_seconds)
        self._handles = Handles(wiring.store)
        self._me: User | None = None
        self._reader: Reader | None = None
        self._polls: OrderedDict[str, _Asked] = OrderedDict()
        self._doubts = Doubts(self._calls, self._albums)
        self._forums: OrderedDict[int, bool] = OrderedDict()
        self._unheard: OrderedDict[str, int] = OrderedDict()

    @property
    def handles(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset({self._me.username} if self._me and self._me.username else ())

    def trusted(self, accounts: frozenset[str]) -> frozenset[str]:
        """Nobody: Telegram tells nothing of that kind."""
        return frozenset()

    def announce(self) -> tuple[Msg, ...]:
        """Nothing."""
        return ()

    async def start(self) -> None:
        """Ask who we are; raises `Refusal` on a token that Telegram refuses.

        An outage is no reason not to start: `listen` asks again.
        """
        await self._doubts.inherit(self._wiring.store)
        try:
            self._me = await self._bot.get_me(
                connect_timeout=_START_SECONDS, read_timeout=_START_SECONDS
            )
        except InvalidToken as error:
            if error.__cause__ is None:
                raise Refusal(
                    "telegram-token",
                    _(
                        "Telegram refuses the bot's token. "
                        "Ask @BotFather for it (/token) and put it into the configuration."
                    ),
                ) from error
        except (TelegramError, KeyError, TypeError, ValueError) as error:
            _log.warning("telegram.not_reached_at_start", error=type(error).__name__)

    async def listen(self, cursor: str | None, take: Take) -> None:
        """Hand over batches for ever; raises `SendFault` and what `take` raises."""
        if self._me is None:
            with translated():
                self._me = await self._bot.get_me()
        known = Known(
            bot_id=self._bot_id,
            username=self._me.username,
            account_of=self._handles.account_of,
            max_download=self.settings.max_download_mb * MEGABYTE,
        )
        # A new reader, since what was read but not taken will be read again.
        self._reader = Reader(known, self._wiring.now)
        if self.settings.mode == "webhook":
            await receiving.Webhook(self._bot, self.settings, self._read).serve(take)
        else:
            await receiving.poll(self._bot, cursor, take, self._read, self.settings.poll_seconds)

    def compose(self, outgoing: Outgoing) -> list[Payload]:
        """The calls that show `outgoing`, in order. Pure."""
        return compose.compose(outgoing, self._say, self.settings.max_upload_mb * MEGABYTE)

    def compose_thread(self, room: str, title: str, language: str) -> Payload | None:
        """A topic, unless the group is known to be no forum."""
        to = place(room)
        if to.thread is not None or not to.is_supergroup or not self._forums.get(to.chat, True):
            return None
        return compose.compose_topic(title)

    def main(self, room: str) -> str | None:
        """The group of a topic."""
        to = place(room)
        return None if to.thread is None else room_of(to.chat)

    async def open_room(
        self, beside: str, key: str, title: str, language: str, invited: tuple[str, ...]
    ) -> str:
        """A topic of the group, whose people are in it already."""
        whole = beside.partition("/")[0]
        payload = self.compose_thread(whole, title, language)
        if payload is None:
            raise Rejected("the group has no topics")
        return f"{whole}/{await self.send(Sending(whole, payload, key))}"

    def album(self, payloads: Sequence[Payload]) -> int:
        """See `albums`. Pure."""
        return albums.together(payloads)

    async def send_album(self, sendings: Sequence[Sending]) -> tuple[str, ...]:
        """Post files as one album; their ids."""
        first = sendings[0]
        async with self._doubts.sending(first):
            remotes = await self._albums.send(sendings)
            for remote in remotes:
                self._doubts.meet(place(first.room).chat, int(remote))
        return remotes

    async def find_album(
        self, sendings: Sequence[Sending], known: AskKnown
    ) -> tuple[str, ...] | bool:
        """As `find_sent`, file by file."""
        return await self._doubts.find_album(sendings, known)

    def join(self, payloads: Sequence[Payload]) -> Payload | None:
        """Texts as one text. Pure."""
        return compose.join(payloads)

    async def send(self, sending: Sending) -> str:
        """Post a message; its id."""
        async with self._doubts.sending(sending):
            remote = await self._calls.send(sending)
            self._doubts.meet(place(sending.room).chat, int(remote))
        return remote

    async def edit(self, sending: Sending) -> None:
        """Make the target read the payload."""
        await self._calls.edit(sending)

    async def delete(self, sending: Sending) -> None:
        """Take the target back."""
        await self._calls.delete(sending)

    def compose_reactions(self, reactions: tuple[Reaction, ...]) -> None:
        """None: a bot has one reaction on a message and can show nobody's name with it."""
        return None

    async def react(self, sending: Sending) -> None:
        """Never ordered; see `compose_reactions`."""
        raise Rejected("others' reactions cannot be shown on Telegram")

    async def pin(self, sending: Sending, *, pinned: bool) -> None:
        """Pin the target without a sound, or unpin it."""
        await self._calls.pin(sending, pinned=pinned)

    async def find_sent(self, sending: Sending, known: AskKnown) -> str | bool:
        """See `doubts`; a topic is found once Telegram has told of it."""
        if sending.payload.get("method") == TOPIC:
            return await self._find_topic(sending)
        return await self._doubts.find(sending, known)

    async def _find_topic(self, sending: Sending) -> str | bool:
        """Telegram tells the bot of the topics that it has opened, soon after."""
        name = sending.payload.get("name")
        async with self._wiring.store.read() as uow:
            found = await uow.threads.unclaimed(sending.room, str(name))
        if found is not None:
            self._unheard.pop(sending.txn, None)
            return found
        asked = self._unheard[sending.txn] = self._unheard.get(sending.txn, 0) + 1
        if len(self._unheard) > _IDS:
            self._unheard.popitem(last=False)
        if asked < _HEARINGS:
            raise AnswerLost("not heard of yet")
        return True

    def open_media(self, media: Media) -> AsyncIterator[bytes]:
        """The bytes of a file that lies on Telegram."""
        return self._downloads.open(media)

    async def answer_press(self, press: str, text: str) -> None:
        """Stop the button's waiting sign, with a short notice if there is one."""
        try:
            await self._bot.answer_callback_query(
                press,
                text[:_PRESS_CHARACTERS] or None,
                read_timeout=_PRESS_SECONDS,
                connect_timeout=_PRESS_SECONDS,
            )
        except Exception as error:  # decoration: it may not hold up or fail anything
            _log.info("telegram.press_not_answered", error=type(error).__name__)

    async def offer_commands(self, menus: Mapping[str, tuple[tuple[str, str], ...]]) -> None:
        """Show the command menu, by language."""
        await command_menus.offer(self._bot, menus)

    async def check(self, rooms: tuple[str, ...]) -> tuple[Finding, ...]:
        """Try token, way in, privacy mode, rights in each room and the clock."""
        return await Checks(self._bot, self.settings, self._wiring.now).run(rooms)

    async def aclose(self) -> None:
        """Let go of connections; safe to call twice."""
        await self._downloads.aclose()
        await self._connection.aclose()

    async def _read(self, updates: Sequence[Update]) -> tuple[Inbound, ...]:
        assert self._reader is not None
        await self._handles.learn(updates)
        read = []
        for update in updates:
            try:
                inbound = await self._one(update)
            except StoreUnavailable:
                raise
            except Exception as error:  # one poison update must not stop those behind it
                _log.warning(
                    "telegram.update_unreadable",
                    update=update.update_id,
                    error=type(error).__name__,
                )
            else:
                read += [] if inbound is None else [inbound]
        return tuple(read)

    async def _one(self, update: Update) -> Inbound | None:
        assert self._reader is not None
        self._note_forum(update)
        inbound = await self._stopped(update) or self._reader.read(update)
        if inbound is not None:
            self._remember_poll(inbound)
            if inbound.remote is not None:
                self._doubts.meet(place(inbound.room).chat, int(inbound.remote))
        return inbound

    def _note_forum(self, update: Update) -> None:
        """Whether the group has topics: https://core.telegram.org/bots/api#chat, "is_forum"."""
        if (chat := update.effective_chat) is None or chat.type != chat.SUPERGROUP:
            return
        self._forums[chat.id] = chat.is_forum is True
        self._forums.move_to_end(chat.id)
        if len(self._forums) > _CHATS:
            self._forums.popitem(last=False)

    async def _stopped(self, update: Update) -> Inbound | None:
        """The result of a poll that a person made: told once, at its end, without its place.

        https://core.telegram.org/bots/api#update, "poll".
        """
        if (poll := update.poll) is None or not poll.is_closed:
            return None
        if (asked := self._polls.get(str(poll.id))) is None:
            async with self._wiring.store.read() as uow:
                found = await uow.messages.with_poll(NETWORK, str(poll.id))
                asker = await uow.people.account(found[0].account or "") if found else None
            if found is None or asker is None:
                return None
            sender = Sender(asker.id, asker.name, asker.handle, asker.language)
            asked = _Asked(found[0].room, found[1], sender)
        said = Content(Html(""), uncarried=poll_words(poll), poll=str(poll.id))
        return Inbound(
            key=f"{NETWORK}:{self._bot_id}:{update.update_id}",
            room=asked.room,
            at=self._wiring.now(),
            event=Edited(asked.remote, said),
            sender=asked.sender,
            remote=asked.remote,
        )

    def _remember_poll(self, inbound: Inbound) -> None:
        """Its end may come in the same batch, before the store knows of it."""
        event = inbound.event
        if not isinstance(event, Said) or event.content.poll is None or inbound.remote is None:
            return
        asked = _Asked(inbound.room, inbound.remote, inbound.sender)
        self._polls[event.content.poll] = asked
        if len(self._polls) > _IDS:
            self._polls.popitem(last=False)

    def _say(self, msg: Msg, language: str) -> str:
        catalogues = self._wiring.catalogues
        spoken: tuple[Spoken, ...] = (
            ("zh", "en") if language == "both" else (("zh",) if language == "zh" else ("en",))
        )
        params = {name: str(value) for name, value in msg.params}
        return " / ".join(catalogues.text(msg.id, each).format_map(params) for each in spoken)
