"""A person at a Matrix client: raw HTTP requests, so that no library's habits hide a fault.

Endpoints and event shapes are those of the Matrix client-server API, v1.11.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import quote

import aiohttp

from tests.servers.matrixevents import Body, Event, decoded, listing, mapping, text_of
from workflows.text import Json


class Person:
    """One account, acting and looking on. Every room argument is a room id."""

    def __init__(self, http: aiohttp.ClientSession, url: str, user_id: str, token: str) -> None:
        self.user_id = user_id
        self.token = token
        self._http = http
        self._url = url

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Json] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Body:
        """Any call; `path` is below /_matrix/client/v3, or whole where it begins with /_.

        Refused when the server says no.
        """
        async with self._http.request(
            method,
            self._url + (path if path.startswith("/_") else f"/_matrix/client/v3{path}"),
            json=None if body is None else dict(body),
            params=dict(query or {}),
            headers={"Authorization": f"Bearer {self.token}"},
        ) as answer:
            return await decoded(answer)

    async def create_room(
        self,
        name: str = "",
        *,
        public: bool = False,
        encrypted: bool = False,
        version: str | None = None,
        invite: tuple[str, ...] = (),
        direct: bool = False,
        power_levels: Mapping[str, Json] | None = None,
    ) -> str:
        """A new room; gives its id. `version` is the room version (default: the server's)."""
        state: list[Json] = []
        if encrypted:
            content: Json = {"algorithm": "m.megolm.v1.aes-sha2"}
            state.append({"type": "m.room.encryption", "state_key": "", "content": content})
        body: Body = {
            "preset": "public_chat" if public else "private_chat",
            "initial_state": state,
            "invite": list(invite),
            "is_direct": direct,
        }
        if name:
            body["name"] = name
        if version is not None:
            body["room_version"] = version
        if power_levels is not None:
            body["power_level_content_override"] = dict(power_levels)
        return text_of(await self.request("POST", "/createRoom", body), "room_id")

    async def invite(self, room: str, user_id: str) -> None:
        """Invite somebody."""
        await self.request("POST", f"/rooms/{quote(room)}/invite", {"user_id": user_id})

    async def join(self, room: str) -> None:
        """Join by id or alias."""
        await self.request("POST", f"/join/{quote(room)}", {})

    async def leave(self, room: str) -> None:
        """Leave, or decline an invitation."""
        await self.request("POST", f"/rooms/{quote(room)}/leave", {})

    async def kick(self, room: str, user_id: str, reason: str = "") -> None:
        """Remove somebody, who may come back."""
        await self._expel(room, "kick", user_id, reason)

    async def ban(self, room: str, user_id: str, reason: str = "") -> None:
        """Remove somebody for good."""
        await self._expel(room, "ban", user_id, reason)

    async def unban(self, room: str, user_id: str) -> None:
        """Let somebody come back."""
        await self._expel(room, "unban", user_id, "")

    async def _expel(self, room: str, verb: str, user_id: str, reason: str) -> None:
        body: Body = {"user_id": user_id, "reason": reason}
        await self.request("POST", f"/rooms/{quote(room)}/{verb}", body)

    async def send(
        self, room: str, kind: str, content: Mapping[str, Json], *, txn: str | None = None
    ) -> str:
        """Any event; gives its id. The same `txn` twice is one event."""
        path = f"/rooms/{quote(room)}/send/{kind}/{quote(txn or secrets.token_hex(8), safe='')}"
        return text_of(await self.request("PUT", path, content), "event_id")

    async def set_state(
        self, room: str, kind: str, content: Mapping[str, Json], key: str = ""
    ) -> str:
        """Any state event; gives its id."""
        path = f"/rooms/{quote(room)}/state/{kind}/{quote(key)}"
        return text_of(await self.request("PUT", path, content), "event_id")

    async def state(self, room: str, kind: str, key: str = "") -> Body:
        """The content of a state event; Refused with 404 if there is none."""
        return await self.request("GET", f"/rooms/{quote(room)}/state/{kind}/{quote(key)}")

    async def say(
        self,
        room: str,
        text: str,
        *,
        html: str | None = None,
        reply_to: str | None = None,
        mentions: tuple[str, ...] = (),
        msgtype: str = "m.text",
        txn: str | None = None,
    ) -> str:
        """A message; gives its event id."""
        content = _written(text, html, msgtype)
        if reply_to is not None:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
        if mentions:
            content["m.mentions"] = {"user_ids": list(mentions)}
        return await self.send(room, "m.room.message", content, txn=txn)

    async def edit(self, room: str, event: str, text: str, *, html: str | None = None) -> str:
        """Replace the text of an own message; gives the id of the edit."""
        content = _written(f"* {text}", None if html is None else f"* {html}", "m.text")
        content["m.new_content"] = _written(text, html, "m.text")
        content["m.relates_to"] = {"rel_type": "m.replace", "event_id": event}
        return await self.send(room, "m.room.message", content)

    async def redact(self, room: str, event: str, reason: str = "") -> str:
        """Delete an event; gives the id of the redaction."""
        path = f"/rooms/{quote(room)}/redact/{quote(event)}/{secrets.token_hex(8)}"
        body: Body = {"reason": reason} if reason else {}
        return text_of(await self.request("PUT", path, body), "event_id")

    async def react(self, room: str, event: str, key: str) -> str:
        """Put an emoji on an event; gives the id of the reaction."""
        relation: Body = {"rel_type": "m.annotation", "event_id": event, "key": key}
        return await self.send(room, "m.reaction", {"m.relates_to": relation})

    async def upload(self, data: bytes, name: str, mime: str) -> str:
        """Store a file; gives its mxc:// address."""
        async with self._http.post(
            f"{self._url}/_matrix/media/v3/upload",
            params={"filename": name},
            data=data,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": mime},
        ) as answer:
            return text_of(await decoded(answer), "content_uri")

    async def download(self, mxc: str) -> bytes:
        """The bytes behind an mxc:// address."""
        async with self._http.get(
            f"{self._url}/_matrix/client/v1/media/download/{mxc.removeprefix('mxc://')}",
            headers={"Authorization": f"Bearer {self.token}"},
        ) as answer:
            if answer.status >= 400:
                await decoded(answer)
            return await answer.read()

    async def send_file(
        self,
        room: str,
        data: bytes,
        name: str,
        mime: str,
        *,
        msgtype: str = "m.file",
        caption: str | None = None,
        info: Mapping[str, Json] | None = None,
    ) -> str:
        """Upload and send; `msgtype` m.image, m.audio, m.video or m.file; gives the event id."""
        content: Body = {
            "msgtype": msgtype,
            "body": caption if caption is not None else name,
            "filename": name,
            "url": await self.upload(data, name, mime),
            "info": {"mimetype": mime, "size": len(data), **(info or {})},
        }
        return await self.send(room, "m.room.message", content)

    async def set_power(self, room: str, levels: Mapping[str, Json]) -> None:
        """Change top-level keys of the room's power levels, the others stay."""
        now = await self.state(room, "m.room.power_levels")
        await self.set_state(room, "m.room.power_levels", {**now, **levels})

    async def tombstone(self, room: str, replacement: str, text: str = "moved") -> str:
        """Mark the room as replaced by another."""
        content: Body = {"body": text, "replacement_room": replacement}
        return await self.set_state(room, "m.room.tombstone", content)

    async def typing(self, room: str, typing: bool = True) -> None:
        """Show, for half a minute, that one is typing, or no more."""
        path = f"/rooms/{quote(room)}/typing/{quote(self.user_id)}"
        await self.request("PUT", path, {"typing": typing, "timeout": 30_000})

    async def set_display_name(self, name: str) -> None:
        """Change one's own name."""
        path = f"/profile/{quote(self.user_id)}/displayname"
        await self.request("PUT", path, {"displayname": name})

    async def members(self, room: str) -> set[str]:
        """Who has joined."""
        found = await self.request("GET", f"/rooms/{quote(room)}/joined_members")
        return set(mapping(found.get("joined")))

    async def invitations(self) -> set[str]:
        """Rooms to which this person is invited."""
        found = await self.request("GET", "/sync", query={"timeout": "0"})
        return set(mapping(mapping(found.get("rooms")).get("invite")))

    async def event(self, room: str, event: str) -> Event:
        """One event as it stands now."""
        found = await self.request("GET", f"/rooms/{quote(room)}/event/{quote(event)}")
        return Event.read(found)

    async def timeline(self, room: str) -> list[Event]:
        """Every event of the room that this person may see, the oldest first."""
        seen: list[Event] = []
        query = {"dir": "b", "limit": "500"}
        while True:
            page = await self.request("GET", f"/rooms/{quote(room)}/messages", query=query)
            seen += map(Event.read, listing(page.get("chunk")))
            if "end" not in page:
                return seen[::-1]
            query["from"] = text_of(page, "end")

    async def messages(self, room: str) -> list[Event]:
        """Every m.room.message that is not redacted, edits included, the oldest first."""
        return [
            event
            for event in await self.timeline(room)
            if event.type == "m.room.message" and not event.redacted
        ]

    async def wait_for(
        self, room: str, wanted: Callable[[Event], bool], *, timeout: float = 15
    ) -> Event:
        """The first event of the room, already there or to come, for which `wanted` holds.

        AssertionError after `timeout` seconds, listing what was there instead.
        """
        return (await self.wait_for_all(room, wanted, 1, timeout=timeout))[0]

    async def wait_for_all(
        self, room: str, wanted: Callable[[Event], bool], count: int, *, timeout: float = 15
    ) -> list[Event]:
        """As `wait_for`, for the first `count` such events in the order of the room."""
        seen: list[Event] = []
        try:
            async with asyncio.timeout(timeout):
                return await self._collect(room, wanted, count, seen)
        except TimeoutError:
            found = sum(map(wanted, seen))
            lines = "\n".join(f"{e.sender} {e.type} {e.content}"[:300] for e in seen[-20:])
            raise AssertionError(f"{found} of {count} in {timeout:g} s; seen:\n{lines}") from None

    async def _collect(
        self, room: str, wanted: Callable[[Event], bool], count: int, seen: list[Event]
    ) -> list[Event]:
        known: set[str] = set()
        query = {"timeout": "0", "filter": _only(room, limit=0)}
        # The token is taken before the history is read: what comes in between is met twice,
        # never missed.
        query["since"] = text_of(await self.request("GET", "/sync", query=query), "next_batch")
        fresh = await self.timeline(room)
        while True:
            for event in fresh:
                if event.id not in known:
                    known.add(event.id)
                    seen.append(event)
            found = [event for event in seen if wanted(event)]
            if len(found) >= count:
                return found[:count]
            query |= {"timeout": "10000", "filter": _only(room, limit=500)}
            answer = await self.request("GET", "/sync", query=query)
            query["since"] = text_of(answer, "next_batch")
            joined = mapping(mapping(answer.get("rooms")).get("join"))
            timeline = mapping(mapping(joined.get(room)).get("timeline"))
            fresh = list(map(Event.read, listing(timeline.get("events"))))
            if timeline.get("limited"):
                fresh = await self.timeline(room)


def _only(room: str, limit: int) -> str:
    """A sync filter: this room's timeline and nothing else."""
    rooms = {"rooms": [room], "timeline": {"limit": limit}, "state": {"limit": 0}}
    return json.dumps({"room": rooms, "presence": {"limit": 0}})


def _written(text: str, html: str | None, msgtype: str) -> Body:
    content: Body = {"msgtype": msgtype, "body": text}
    if html is not None:
        content |= {"format": "org.matrix.custom.html", "formatted_body": html}
    return content
