"""A person whose client encrypts: acts by plain requests, writes and reads sealed rooms by nio.

Two devices of one account: what the plain one fetches takes nothing away from the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import nio
from nio.crypto import decrypt_attachment, encrypt_attachment

from tests.integration.matrix.friend import Friend
from tests.servers.matrixevents import Body, Event, listing, mapping, text_of
from tests.servers.person import Person
from workflows.text import Json


class SealedPerson(Person):
    """As `Person`; in `sealed` rooms everything but reactions is encrypted."""

    def __init__(
        self, http: aiohttp.ClientSession, url: str, token: str, friend: Friend, sealed: set[str]
    ) -> None:
        super().__init__(http, url, friend.user_id, token)
        self._friend = friend
        self.sealed = sealed

    async def send(
        self, room: str, kind: str, content: Mapping[str, Json], *, txn: str | None = None
    ) -> str:
        """Any event; gives its id."""
        if room not in self.sealed or kind == "m.reaction":
            return await super().send(room, kind, content, txn=txn)
        await self._friend.sync()
        return await self._friend._send(room, kind, dict(content))

    async def timeline(self, room: str) -> list[Event]:
        """Every event of the room, opened where the key is there, the oldest first."""
        seen: list[Event] = []
        query = {"dir": "b", "limit": "500"}
        while True:
            path = f"/rooms/{quote(room)}/messages"
            page = await self.request("GET", path, query=query)
            if room in self.sealed:
                await self._friend.sync()
            seen += [Event.read(self._opened(room, mapping(raw))) for raw in listing(page["chunk"])]
            if "end" not in page:
                return seen[::-1]
            query["from"] = text_of(page, "end")

    def _opened(self, room: str, raw: Body) -> Body:
        if raw.get("type") != "m.room.encrypted" or room not in self.sealed:
            return raw
        event: Any = nio.MegolmEvent.from_dict(raw)
        if not isinstance(event, nio.MegolmEvent):
            return raw
        event.room_id = room
        try:
            found = mapping(self._friend._client.decrypt_event(event).source)
        except nio.EncryptionError:
            return raw
        content = dict(mapping(found.get("content")))
        outer = mapping(raw.get("content"))
        if "m.relates_to" in outer:
            content.setdefault("m.relates_to", outer["m.relates_to"])
        return {**raw, "type": found.get("type"), "content": content}

    async def upload_sealed(self, data: bytes) -> Body:
        """Store an encrypted file; what `file` of a message says of it."""
        hidden, keys = encrypt_attachment(data)
        mxc = await self.upload(hidden, "", "application/octet-stream")
        return {**keys, "url": mxc}

    async def download_sealed(self, file: Body) -> bytes:
        """The bytes of such a file."""
        hidden = await self.download(text_of(file, "url"))
        key, hashes = mapping(file.get("key")), mapping(file.get("hashes"))
        opened: bytes = decrypt_attachment(hidden, key["k"], hashes["sha256"], file["iv"])
        return opened
