"""A person with an encrypting client: matrix-nio as its authors mean it to be used."""

from __future__ import annotations

import asyncio
import json
import secrets
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import nio
from nio.crypto import decrypt_attachment

from tests.servers.synapse import Account


class Friend:
    """Syncs by hand, so that a test decides when it learns something."""

    def __init__(self, url: str, account: Account, store: Path) -> None:
        store.mkdir()
        self.user_id = account.user_id
        self._client: Any = nio.AsyncClient(url, account.user_id, store_path=str(store))
        self._client.restore_login(account.user_id, account.device_id, account.access_token)
        self._kept: list[dict[str, Any]] = []
        self._seen: dict[str, dict[str, Any]] = {}

    async def __aenter__(self) -> Self:
        await self._client.keys_upload()
        await self.sync()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.close()
        self._client.store.database.close()

    async def sync(self, timeout: int = 0) -> None:
        """Take in what is new."""
        answer = await self._client.sync(timeout, full_state=not self._client.next_batch)
        assert isinstance(answer, nio.SyncResponse), answer
        for joined in answer.rooms.join.values():
            for event in joined.timeline.events:
                self._seen[event.event_id] = event.source
        await self._client.send_to_device_messages()
        if self._client.should_upload_keys:
            await self._client.keys_upload()
        if self._client.should_query_keys:
            await self._client.keys_query()

    async def create_encrypted_room(self, *invited: str) -> str:
        """A room that is encrypted from its first message on."""
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        state = [{"type": "m.room.encryption", "state_key": "", "content": content}]
        made = await self._client.room_create(
            name="sealed", initial_state=state, invite=list(invited)
        )
        await self.sync()
        return str(made.room_id)

    async def invite(self, room: str, user_id: str) -> None:
        await self._client.room_invite(room, user_id)

    async def join(self, room: str) -> None:
        await self._client.join(room)
        await self.sync()

    async def _send(self, room: str, kind: str, content: dict[str, Any]) -> str:
        answer = await self._client.room_send(room, kind, content, ignore_unverified_devices=True)
        assert isinstance(answer, nio.RoomSendResponse), answer
        return str(answer.event_id)

    async def say(self, room: str, text: str) -> str:
        return await self._send(room, "m.room.message", {"msgtype": "m.text", "body": text})

    async def say_before_the_key(self, room: str, text: str) -> str:
        """As where a homeserver is slow to deliver keys: `bring_keys` delivers them."""
        await self.sync()
        await self._client.joined_members(room)
        if self._client.should_query_keys:
            await self._client.keys_query()
        await self._client.keys_claim(self._client.get_missing_sessions(room))
        olm, users = self._client.olm, list(self._client.rooms[room].users)
        shared = olm.share_group_session_parallel(room, users, ignore_unverified_devices=True)
        self._kept = [messages for _devices, messages in shared]
        olm.outbound_group_sessions[room].shared = True
        return await self.say(room, text)

    async def bring_keys(self) -> None:
        """Send what `say_before_the_key` kept."""
        for messages in self._kept:
            path = f"/_matrix/client/v3/sendToDevice/m.room.encrypted/{secrets.token_hex(4)}"
            headers = {"Authorization": f"Bearer {self._client.access_token}"}
            answer = await self._client.send("PUT", path, json.dumps(messages), headers)
            assert answer.status == 200
            answer.release()

    async def edit(self, room: str, event: str, text: str) -> str:
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event}
        content = {**new, "body": f"* {text}", "m.new_content": new, "m.relates_to": relation}
        return await self._send(room, "m.room.message", content)

    async def redact(self, room: str, event: str) -> None:
        await self._client.room_redact(room, event)

    async def react(self, room: str, event: str, key: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event, "key": key}
        return await self._send(room, "m.reaction", {"m.relates_to": relation})

    async def send_file(self, room: str, data: bytes, name: str, mime: str) -> str:
        answer, keys = await self._client.upload(
            BytesIO(data), content_type=mime, filename=name, encrypt=True, filesize=len(data)
        )
        assert isinstance(answer, nio.UploadResponse), answer
        info = {"mimetype": mime, "size": len(data)}
        file = {**keys, "url": answer.content_uri}
        return await self._send(
            room, "m.room.message", {"msgtype": "m.file", "body": name, "file": file, "info": info}
        )

    async def open_file(self, content: dict[str, Any]) -> bytes:
        file = content["file"]
        answer = await self._client.download(file["url"])
        made: bytes = decrypt_attachment(
            answer.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"]
        )
        return made

    async def wait_for(self, room: str, event_id: str) -> dict[str, Any]:
        """The event with that id, decrypted."""
        return await self._wait(lambda event: event["event_id"] == event_id)

    async def wait_for_body(self, room: str, body: str) -> dict[str, Any]:
        """The first event with that text, decrypted."""
        return await self._wait(lambda event: event["content"].get("body") == body)

    async def _wait(self, wanted: Any) -> dict[str, Any]:
        async with asyncio.timeout(15):
            while True:
                for event in self._seen.values():
                    if wanted(event):
                        return event
                await self.sync(5000)

    async def raw(self, room: str) -> list[dict[str, Any]]:
        """The latest events of the room as the server has them."""
        answer = await self._client.room_messages(room, limit=20)
        return [dict(event.source) for event in answer.chunk]
