"""The web rooms as a network: for them, we are the server."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from aiohttp import web

from bot.richtext import safe_file_name
from bot.transports.base import (
    AskKnown,
    Finding,
    Limits,
    Media,
    MediaUnavailable,
    Outgoing,
    Payload,
    Reaction,
    RoomGone,
    Sending,
    Take,
    TargetGone,
    Unreachable,
    Wiring,
)
from bot.transports.web import events, files, invites, words
from bot.transports.web.access import Gate
from bot.transports.web.actions import Actions
from bot.transports.web.checks import findings
from bot.transports.web.desk import Desk
from bot.transports.web.files import FileStore, FileTooBig
from bot.transports.web.hub import Hub
from bot.transports.web.rooms import Rooms
from bot.transports.web.server import Server
from bot.transports.web.session import Session
from bot.transports.web.settings import WebSettings
from storage import StoreUnavailable
from storage.tables import WebEvent
from workflows.errors import Refusal
from workflows.text import Json, Msg, _

WATCH_SECONDS = 1.0
"""How soon an open page notices that its invitation was revoked."""


_FINER = frozenset(
    (
        ("voice", "audio"),
        ("sticker", "photo"),
        ("animation", "photo"),
        ("animation", "video"),
    )
)
"""Kinds that a sender tells and bytes do not, with the kind that the bytes have."""


class WebTransport:
    """Serves the rooms; see `bot.transports.base.Transport` for what each method promises."""

    network = "web"
    idempotent = True
    limits = Limits()

    def __init__(self, wiring: Wiring) -> None:
        assert isinstance(wiring.section, WebSettings)
        self._settings = wiring.section
        self._store = wiring.store
        self._catalogues = wiring.catalogues
        self._now = wiring.now
        self._data = wiring.data
        self._rooms = Rooms(wiring.store, wiring.catalogues, wiring.rooms)
        self._files = FileStore(wiring.data / "media")
        self._hub = Hub()
        self._languages: dict[str, str] = {wish.room: wish.language for wish in wiring.rooms}
        self._actions = Actions()
        self._desk: Desk | None = None
        self._runner: web.AppRunner | None = None
        self._watch: asyncio.Task[None] | None = None
        self._address = ""
        self.moved = False
        """Whether the default port was taken and the next free one is used."""

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the rooms; empty before `start`."""
        return self._address

    @property
    def public_address(self) -> str:
        """Where people find the rooms: `public_url`, or else `address`."""
        return self._settings.public_url or self._address

    @property
    def handles(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset()

    def trusted(self, accounts: frozenset[str]) -> frozenset[str]:
        """Whoever sits at this machine, where its rooms are open to it alone."""
        return frozenset(
            each
            for each in accounts
            if self._settings.open
            and each.startswith("web:")
            and not each.startswith("web:invite-")
        )

    def announce(self) -> tuple[Msg, ...]:
        """Where the rooms are."""
        return (_("The web rooms are open at {address}", address=self.public_address),)

    async def start(self) -> None:
        """Open the port. Raises `Refusal` if it is taken or not ours."""
        if self._runner is not None:
            return
        signer = await invites.signer(self._store)
        gate = Gate(self._settings, signer, self._store, self._now)
        self._desk = Desk(self._store, signer, self._now, self._hub.show, self._settings.public_url)
        session = Session(gate, self._hub, self._rooms, self._catalogues, self._actions.submit)
        server = Server(
            gate, self._rooms, self._store, self._files, signer, self._catalogues, session
        )
        self._files.sweep()
        self._runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            self._address = await self._bind(self._runner)
        except BaseException:
            await self.aclose()
            raise
        self._watch = asyncio.create_task(self._watch_invites())

    async def _bind(self, runner: web.AppRunner) -> str:
        listen = self._settings.address
        chosen = "listen" in self._settings.model_fields_set
        ports = (*self._settings.ports, *(() if chosen else (0,)))
        for port in ports:
            try:
                await web.TCPSite(runner, listen.host, port).start()
            except OSError as error:
                if error.errno == errno.EADDRINUSE and port != ports[-1]:
                    continue
                raise _cannot_listen(self._settings.listen, error) from None
            self.moved = port != listen.port
            return listen.url(int(runner.addresses[0][1]))
        raise AssertionError("the last port raises")

    async def listen(self, cursor: str | None, take: Take) -> None:
        """Offer each action until it is taken; what fails is raised, and offered again later."""
        await self._actions.offer(self._started(), take)

    def compose(self, outgoing: Outgoing) -> list[Payload]:
        """One message, whatever its length."""

        def say(msg: Msg) -> str:
            return words.said(self._catalogues, msg, outgoing.language)

        return [events.payload(outgoing, say)]

    async def send(self, sending: Sending) -> str:
        """Store and show it; a repeated `txn` is the same message."""
        self._expect(sending.room)
        media = await self._bring(sending)
        reply_to = (
            int(sending.reply_to) if sending.reply_to and sending.reply_to.isdigit() else None
        )
        body = events.relayed(_marked(sending), reply_to, media)
        try:
            async with self._store.write() as uow:
                event_id, _new = await uow.web.post(
                    sending.room, sending.txn, body, self._now(), None
                )
                event = await uow.web.get(event_id)
        except StoreUnavailable as error:
            raise Unreachable(str(error)) from error
        if event is not None:
            self._hub.show(event)
        await self._follow_language(sending)
        return str(event_id)

    async def edit(self, sending: Sending) -> None:
        """Make the target read the payload."""
        self._expect(sending.room)
        media = await self._bring(sending)
        try:
            async with self._store.write() as uow:
                event = await uow.web.get(_event_id(sending))
                if event is None or event.deleted_at is not None:
                    raise TargetGone("no such message")
                reply_to = event.body.get("reply_to")
                body = events.relayed(_marked(sending), reply_to, media)
                body |= {key: event.body[key] for key in events.KEPT if event.body.get(key)}
                if sending.payload.get("author"):
                    body = events.edited(body, self._now())
                await uow.web.edit(_event_id(sending), body, self._now())
        except StoreUnavailable as error:
            raise Unreachable(str(error)) from error
        await self._show(_event_id(sending))
        await self._follow_language(sending)

    async def delete(self, sending: Sending) -> None:
        """Leave a line that says that a message was here."""
        try:
            async with self._store.write() as uow:
                await uow.web.delete(_event_id(sending), self._now())
        except (StoreUnavailable, TargetGone) as error:
            if isinstance(error, TargetGone):
                return
            raise Unreachable(str(error)) from error
        await self._show(_event_id(sending))

    def compose_reactions(self, reactions: tuple[Reaction, ...]) -> Payload:
        """All of them, with names."""
        return {"reactions": {each.emoji: dict(each.people) for each in reactions}}

    async def react(self, sending: Sending) -> None:
        """Show other rooms' people among those who reacted to the target."""
        await self._mark(sending, lambda body: events.reacted_elsewhere(body, sending.payload))

    async def pin(self, sending: Sending, *, pinned: bool) -> None:
        """Show the target as pinned, or no more."""
        by = str(sending.payload.get("by") or "?") if pinned else ""
        await self._mark(sending, lambda body: events.pinned(body, by))

    async def _mark(self, sending: Sending, marked: Callable[[events.Body], events.Body]) -> None:
        self._expect(sending.room)
        try:
            async with self._store.write() as uow:
                event = await uow.web.get(_event_id(sending))
                if event is None or event.deleted_at is not None:
                    raise TargetGone("no such message")
                await uow.web.edit(_event_id(sending), marked(event.body), self._now())
        except StoreUnavailable as error:
            raise Unreachable(str(error)) from error
        await self._show(_event_id(sending))

    async def find_sent(self, sending: Sending, known: AskKnown) -> str | bool:
        """A repeated `txn` is shown once, so nothing needs to be found."""
        return True

    def open_media(self, media: Media) -> AsyncIterator[bytes]:
        """The bytes of a file that was uploaded here."""
        return self._open(media)

    async def _open(self, media: Media) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._files.read(dict(media.ref).get("sha256", "")):
                yield chunk
        except FileNotFoundError as error:
            raise TargetGone("the file is not there") from error
        except (OSError, ValueError) as error:
            raise Unreachable(str(error)) from error

    async def answer_press(self, press: str, text: str) -> None:
        """Show `text` for a moment to the page where the button was pressed."""
        client = self._hub.client(press)
        if client is not None and text:
            client.tell({"op": "toast", "text": text})

    async def offer_commands(self, menus: Mapping[str, tuple[tuple[str, str], ...]]) -> None:
        """Suggest these commands from now on, in open pages too."""
        self._rooms.menus = menus
        for room in self._rooms.ids:
            commands = self._rooms.commands(self._languages[room])
            self._hub.tell(room, {"op": "commands", "commands": commands})

    async def check(self, rooms: tuple[str, ...]) -> tuple[Finding, ...]:
        """The address, how people come in, and the folder for files."""
        ours = None if self._address else await invites.installation(self._store)
        return await findings(
            self._settings, self._data, self._address, ours, rooms, self._rooms.ids
        )

    async def aclose(self) -> None:
        """Close the port and every socket."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        for client in self._hub.clients():
            client.drop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _started(self) -> Desk:
        if self._desk is None:
            raise RuntimeError("start() comes first")
        return self._desk

    def _expect(self, room: str) -> None:
        if room not in self._rooms:
            raise RoomGone(f"{room} is not configured")

    async def _bring(self, sending: Sending) -> list[Json]:
        """The files of a message, copied into our folder; one that is too big only by name."""
        brought: list[Json] = []
        listed = sending.payload.get("media")
        for each in listed if isinstance(listed, list) else ():
            assert isinstance(each, dict)
            media = Media.from_json(each)
            if media.network != self.network:
                media = await self._copy(media, sending)
            brought.append(media.to_json())
        return brought

    async def _copy(self, media: Media, sending: Sending) -> Media:
        if sending.open_media is None or (media.size or 0) > files.FILE_LIMIT:
            return _only_named(media)
        try:
            stored = await self._files.keep(sending.open_media(media))
        except FileTooBig:
            return _only_named(media)
        except MediaUnavailable as fault:
            if not fault.forever:
                raise
            return _only_named(media)
        except OSError as error:
            raise Unreachable(os.strerror(error.errno or 0)) from error
        described = files.describe(stored, media.name, media.mime)
        described = replace(described, covered=media.covered)
        if (media.kind, described.kind) in _FINER:
            return replace(described, kind=media.kind)
        return described

    async def _follow_language(self, sending: Sending) -> None:
        """When the room's language has changed, the page around the messages changes too."""
        language = sending.payload.get("language")
        if not isinstance(language, str) or self._languages.get(sending.room) == language:
            return
        self._languages[sending.room] = language
        self._hub.tell(
            sending.room,
            {"op": "words", "language": language, "words": self._rooms.words(language)},
        )
        commands = self._rooms.commands(language)
        self._hub.tell(sending.room, {"op": "commands", "commands": commands})

    async def _show(self, event_id: int) -> None:
        with suppress(StoreUnavailable):
            async with self._store.read() as uow:
                event: WebEvent | None = await uow.web.get(event_id)
            if event is not None:
                self._hub.show(event)

    async def _watch_invites(self) -> None:
        """Close pages whose invitation was revoked or is past."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if not any(client.invite for client in self._hub.clients()):
                continue
            with suppress(StoreUnavailable):
                holding = await invites.holding(self._store, self._now())
                for client in self._hub.clients():
                    if client.invite is not None and client.invite not in holding:
                        self._hub.leave(client)
                        client.tell({"op": "ended"})
                        client.finish()


def _marked(sending: Sending) -> Payload:
    """The payload with the line that stands above it, which the delivery hands over apart."""
    return sending.payload if sending.mark is None else {**sending.payload, "mark": sending.mark}


def _event_id(sending: Sending) -> int:
    if sending.target is None or not sending.target.isdigit():
        raise TargetGone("not an id of ours")
    return int(sending.target)


def _only_named(media: Media) -> Media:
    return Media("web", "document", safe_file_name(media.name), media.mime, (), media.size)


def _cannot_listen(listen: str, error: OSError) -> Refusal:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return Refusal(
        "web-listen",
        _(
            "[web] listen: {address} cannot be used ({reason}). Choose another port there, or"
            " end the program that has it.",
            address=listen,
            reason=reason,
        ),
    )
