"""The transport: one Matrix account as a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import quote

import structlog

from bot.catalogues import Spoken
from bot.richtext import Html, from_plain
from bot.transports.base import (
    RENEWED,
    AskKnown,
    Finding,
    Limits,
    Media,
    MediaUnavailable,
    Outgoing,
    Payload,
    Reaction,
    Rejected,
    RoomGone,
    SendFault,
    Sending,
    Take,
    TargetGone,
    Wiring,
)
from bot.transports.matrix import marks
from bot.transports.matrix.calls import API
from bot.transports.matrix.checking import check
from bot.transports.matrix.client import Client
from bot.transports.matrix.composing import (
    SIGN,
    compose,
    marked,
    related,
    revised,
    without_file,
)
from bot.transports.matrix.listening import Listener
from bot.transports.matrix.media import TooLarge, download, upload, upload_limit
from bot.transports.matrix.opening import open_room
from bot.transports.matrix.reading import Reader
from bot.transports.matrix.rooms import Rooms
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.shapes import Body, Lately, mapping, text
from workflows.text import Json, Msg

_log = structlog.get_logger(__name__)

DECORATING = 4
"""Reactions on their way at the same time; more wait, and beyond `WAITING` are left out."""
WAITING = 50


class MatrixTransport:
    """One account on one homeserver."""

    network = "matrix"
    idempotent = True
    any_message = True
    reopens = True
    limits = Limits()

    def __init__(self, wiring: Wiring) -> None:
        assert isinstance(wiring.section, MatrixSettings)
        self._wiring = wiring
        self._client = Client(wiring.section, wiring.data)
        rooms = Rooms()
        reader = Reader(self._client, rooms, wiring.store, wiring.now)
        self._listener = Listener(
            self._client,
            rooms,
            reader,
            welcome=self._welcome,
            now=wiring.now,
            gap_limit=wiring.section.gap_events,
        )
        self._max_upload: int | None = None
        self._uploaded: Lately[str, Body] = Lately(200)
        self._decorations: set[asyncio.Task[None]] = set()
        self._decorating = asyncio.Semaphore(DECORATING)

    @property
    def device_id(self) -> str:
        """The device that the account is logged in as; empty before the first login."""
        return self._client.device_id

    def _welcome(self, room: str, inviter: str) -> bool:
        known = any(wish.room == f"matrix:{room}" for wish in self._wiring.rooms)
        return known or f"matrix:{inviter}" in self._wiring.admins

    @property
    def handles(self) -> frozenset[str]:
        """See `Transport`."""
        return frozenset()

    def trusted(self, accounts: frozenset[str]) -> frozenset[str]:
        """Nobody: power levels are not trusted."""
        return frozenset()

    def announce(self) -> tuple[Msg, ...]:
        """Nothing."""
        return ()

    async def start(self) -> None:
        """Log in; an outage is left to `listen`. Raises `Refusal`."""
        try:
            async with asyncio.timeout(5):
                await self._client.connect()
        except (SendFault, TimeoutError) as fault:
            _log.warning("matrix.start.unreachable", reason=str(fault))

    async def listen(self, cursor: str | None, take: Take) -> None:
        """Hand over one batch for each sync; see `Transport`."""
        await self._client.ready()
        self._max_upload = await upload_limit(self._client)
        await self._listener.run(cursor, take)

    def compose(self, outgoing: Outgoing) -> list[Payload]:
        """The events for `outgoing`; see `composing`."""
        return compose(outgoing, self._say, self._max_upload)

    def compose_thread(self, room: str, title: str, language: str) -> Payload:
        """A message that names the thread and is its root."""
        html = Html(f"{SIGN} <b>{from_plain(title)}</b>")
        return compose(Outgoing(html, language), self._say)[0]

    async def open_room(
        self, beside: str, key: str, title: str, language: str, invited: tuple[str, ...]
    ) -> str:
        """A room to which people are invited, encrypted where the one beside it is."""
        secret = await self._client.is_encrypted(beside.removeprefix("matrix:"))
        return await open_room(self._client, key, title, invited, secret=secret)

    def _say(self, msg: Msg, language: str) -> str:
        params = {name: str(value) for name, value in msg.params}

        def said(spoken: Spoken) -> str:
            return self._wiring.catalogues.text(msg.id, spoken).format_map(params)

        if language in ("zh", "en"):
            return said("zh" if language == "zh" else "en")
        return f"{said('zh')} {said('en')}"

    async def send(self, sending: Sending) -> str:
        """Post a message; its event id. Raises `SendFault`."""
        room = _room(sending)
        content = await self._content(room, sending)
        if sending.mark:
            content = marked(content, sending.mark)
        if (relation := related(sending)) is not None:
            content["m.relates_to"] = relation
        kind = text(sending.payload, "type") or "m.room.message"
        event_id = await self._client.send(room, kind, content, sending.txn)
        self._decorate(room, event_id, sending)
        return event_id

    async def edit(self, sending: Sending) -> None:
        """Replace what `target` says; a file that is still the same is not sent again. Raises
        `SendFault`."""
        room, target = _room(sending), sending.target
        if target is None:
            raise Rejected("an edit without a target")
        if "media" in sending.payload and RENEWED not in sending.payload:
            content = dict(mapping(sending.payload.get("content")))
            try:
                content |= await self._kept_file(room, target)
            except TargetGone:
                absent = without_file(sending.payload)
                if mapping(sending.payload["media"]).get("size") is None or absent is None:
                    absent = mapping(sending.payload.get("otherwise")) or absent
                if absent is None:
                    raise
                content = dict(absent)
        else:
            content = await self._content(room, sending)
        await self._client.send(room, "m.room.message", revised(content, target), sending.txn)

    async def delete(self, sending: Sending) -> None:
        """Redact `target`. Raises `SendFault`."""
        room, target = _room(sending), sending.target
        if target is None:
            raise Rejected("a deletion without a target")
        path = f"{API}/rooms/{quote(room)}/redact/{quote(target)}/{quote(sending.txn, safe='')}"
        try:
            await self._client.call("PUT", path, {})
        except TargetGone:
            _log.info("matrix.redact.absent", room=room, target=target)
        except RoomGone as fault:
            # Others' messages are taken back by moderators only; writing may be allowed still.
            raise Rejected(fault.reason) from fault

    def compose_reactions(self, reactions: tuple[Reaction, ...]) -> Payload:
        """One reaction by the bot for each emoji."""
        return {"reactions": [each.emoji for each in reactions]}

    async def react(self, sending: Sending) -> None:
        """Make the bot's reactions on the target those of the payload. Raises `SendFault`."""
        await marks.react(self._client, sending)

    async def pin(self, sending: Sending, *, pinned: bool) -> None:
        """Pin or unpin the target. `Rejected` where the bot lacks the power."""
        await marks.pin(self._client, sending, pinned=pinned)

    async def find_sent(self, sending: Sending, known: AskKnown) -> str | bool:
        """False: repeating a transaction shows nothing twice, so that nobody needs to look."""
        return False

    async def open_media(self, media: Media) -> AsyncIterator[bytes]:
        """The bytes of a file on this homeserver. Raises `SendFault`."""
        async for chunk in download(self._client, media):
            yield chunk

    async def answer_press(self, press: str, text: str) -> None:
        """Matrix has no buttons: presses are reactions and replies."""

    async def offer_commands(self, menus: Mapping[str, tuple[tuple[str, str], ...]]) -> None:
        """Matrix has no command menu."""

    async def check(self, rooms: tuple[str, ...]) -> tuple[Finding, ...]:
        """Look at the login and everything that these rooms need; see `checking`."""
        return await check(self._client, rooms, self._wiring.now)

    async def export_keys(self, path: Path, passphrase: str) -> None:
        """Write the keys of all encrypted rooms to a file; see `Client.export_keys`."""
        await self._client.export_keys(path, passphrase)

    async def import_keys(self, path: Path, passphrase: str) -> None:
        """Add the keys of such a file; see `Client.import_keys`."""
        await self._client.import_keys(path, passphrase)

    async def aclose(self) -> None:
        """Stop what runs beside the loop and close the connections."""
        tasks = list(self._decorations)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._listener.aclose()
        await self._client.aclose()

    async def _content(self, room: str, sending: Sending) -> Body:
        """The event's content with its file, or with a line in place of one that cannot go."""
        content = dict(mapping(sending.payload.get("content")))
        if "media" not in sending.payload:
            return content
        try:
            return content | await self._file(room, sending, content)
        except TooLarge:
            line = mapping(sending.payload.get("otherwise")) or without_file(sending.payload)
            if not line:
                raise
            return dict(line)
        except (MediaUnavailable, Rejected) as fault:
            passing = isinstance(fault, MediaUnavailable) and not fault.forever
            absent = without_file(sending.payload)
            if passing or absent is None:
                raise
            return absent

    async def _file(self, room: str, sending: Sending, content: Body) -> Body:
        """The uploaded file's part of the content; a retry does not upload again."""
        known = self._uploaded.get(sending.txn)
        if known is None:
            if sending.open_media is None:
                raise Rejected("a file without its bytes")
            media = Media.from_json(mapping(sending.payload["media"]))
            secret = await self._client.is_encrypted(room)
            known = await upload(self._client, media, sending.open_media, secret=secret)
            self._uploaded.put(sending.txn, known)
        info: dict[str, Json] = {**mapping(content.get("info")), "size": known["size"]}
        return {"info": info, **{key: known[key] for key in ("url", "file") if key in known}}

    async def _kept_file(self, room: str, target: str) -> Body:
        path = f"{API}/rooms/{quote(room)}/event/{quote(target)}"
        try:
            raw = await self._client.call("GET", path)
        except RoomGone as fault:
            raise TargetGone(fault.reason) from fault
        content = mapping(self._opened(room, raw).get("content"))
        # The server bundles the latest edit; the event itself stays as it was first written:
        # https://spec.matrix.org/v1.11/client-server-api/#server-side-aggregation-of-mreplace-relationships
        latest = mapping(mapping(mapping(raw.get("unsigned")).get("m.relations")).get("m.replace"))
        if latest:
            new = mapping(mapping(self._opened(room, latest).get("content")).get("m.new_content"))
            content = new or content
        kept: Body = {key: content[key] for key in ("url", "file", "info") if key in content}
        if not kept.keys() & {"url", "file"}:
            raise TargetGone("the file of the message is not there")
        return kept

    def _opened(self, room: str, raw: Body) -> Body:
        if text(raw, "type") != "m.room.encrypted":
            return raw
        return self._client.opened(room, raw) or raw

    def _decorate(self, room: str, event_id: str, sending: Sending) -> None:
        keys = sending.payload.get("reactions")
        if not isinstance(keys, list) or len(self._decorations) >= WAITING:
            return
        task = asyncio.create_task(self._react(room, event_id, keys, sending.txn))
        self._decorations.add(task)
        task.add_done_callback(self._decorations.discard)

    async def _react(self, room: str, event_id: str, keys: list[Json], txn: str) -> None:
        async with self._decorating:
            for number, key in enumerate(keys, 1):
                relation: Json = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
                content: Body = {"m.relates_to": relation}
                try:
                    await self._client.send(room, "m.reaction", content, f"{txn}-r{number}")
                except SendFault as fault:
                    _log.info("matrix.reaction.left_out", room=room, reason=fault.reason)
                    return


def _room(sending: Sending) -> str:
    return sending.room.removeprefix("matrix:")
