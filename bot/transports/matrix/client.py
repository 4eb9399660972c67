"""The bot's account with the encryption of nio: keys kept, events sealed and opened."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import nio
import structlog

from bot.transports.base import AnswerLost, Rejected, SendFault, TargetGone
from bot.transports.matrix.calls import API, Calls
from bot.transports.matrix.faults import fault_of, fault_of_error
from bot.transports.matrix.rooms import shows_open
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.shapes import Body, is_event, listing, mapping, text, whole
from bot.transports.matrix.waves import Waves
from workflows.errors import Refusal
from workflows.text import Json, _

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

SHARES = 3
"""How often the key of a room is shared anew because its people change at that moment."""


class Client(Calls):
    """Sends what may have to be encrypted, and reads what is."""

    def __init__(self, settings: MatrixSettings, data: Path) -> None:
        super().__init__(settings, data)
        self._sharing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._keys = asyncio.Lock()
        self._waves = Waves()
        self._plain: set[str] = set()
        self._encrypted: set[str] = set()
        self._absorbed: Body = {}
        """What nio was told last of devices and keys; it takes milliseconds to check an answer."""

    async def is_encrypted(self, room: str) -> bool:
        """Whether what is sent to the room must be encrypted; asks where it is not known."""
        if room in self._encrypted or room in self._nio.encrypted_rooms:
            return True
        if room in self._plain:
            return False
        try:
            await self.call("GET", f"{API}/rooms/{quote(room)}/state/m.room.encryption/")
        except TargetGone:
            self._plain.add(room)
            return False
        self._encrypted.add(room)
        return True

    async def send(self, room: str, kind: str, content: Mapping[str, Json], txn: str) -> str:
        """Post an event, encrypted where the room is; its id. Repeating `txn` shows it once."""
        await self.ready()
        sealed: Mapping[str, Json] = content
        # A reaction's relation is what servers aggregate: it stays readable (MSC1849).
        if await self.is_encrypted(room) and kind != "m.reaction":
            if not self.encryption:
                raise Rejected("The room is encrypted and matrix.encryption is false.")
            kind, sealed = await self._sealed(room, kind, content)
        path = f"{API}/rooms/{quote(room)}/send/{quote(kind)}/{quote(txn, safe='')}"
        async with self._waves.turn():
            answer = await self.call("PUT", path, sealed)
        event_id = text(answer, "event_id")
        if not event_id:
            raise AnswerLost("no event_id in the answer")
        return event_id

    async def _sealed(self, room: str, kind: str, content: Mapping[str, Json]) -> tuple[str, Body]:
        async with self._sharing[room]:
            self._known_room(room).encrypted = True
            try:
                for _again in range(SHARES):
                    await self._share(room)
                    # Who came or went meanwhile is to be known before anything is sealed.
                    if self._known_room(room).members_synced:
                        return "m.room.encrypted", self._ciphered(room, kind, content)
            except SendFault:
                raise
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise fault_of_error(error) from error
            except Exception as error:
                _log.exception("matrix.encrypt.failed", room=room)
                raise AnswerLost(f"{type(error).__name__}: {error}") from error
        raise AnswerLost("the people of the room change all the time")

    def _ciphered(self, room: str, kind: str, content: Mapping[str, Json]) -> Body:
        """The content of `m.room.encrypted`; relations stay readable for the servers.

        nio would escape everything but ASCII before: Chinese would take twice the room, and a
        long text would not fit into an event.
        """
        machine = self._nio.olm
        session = machine.outbound_group_sessions[room]
        plain = {"content": dict(content), "type": kind, "room_id": room}
        sealed: Body = {
            "algorithm": "m.megolm.v1.aes-sha2",
            "sender_key": machine.account.identity_keys["curve25519"],
            "ciphertext": session.encrypt(
                json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
            ),
            "session_id": session.id,
            "device_id": self.device_id,
        }
        if "m.relates_to" in content:
            sealed["m.relates_to"] = content["m.relates_to"]
        return sealed

    def _known_room(self, room: str) -> Any:
        known = self._nio.rooms.get(room)
        if known is None:
            known = nio.MatrixRoom(room, self.user_id, room in self._encrypted)
            self._nio.rooms[room] = known
        return known

    async def _share(self, room: str) -> None:
        """See to it that every device in the room can read what is encrypted next.

        nio's `room_send` does this too, but takes a session as shared when the calls that
        share it have failed.
        """
        held = self._known_room(room)
        async with self._keys:
            if not held.members_synced:
                await self._by_nio(self._nio.joined_members(room))
            if self._nio.should_query_keys:
                await self._by_nio(self._nio.keys_query())
            machine = self._nio.olm
            if not machine.should_share_group_session(room):
                return
            if missing := self._nio.get_missing_sessions(room):
                await self._by_nio(self._nio.keys_claim(missing))
            try:
                await self._nio.share_group_session(room, ignore_unverified_devices=True)
            finally:
                self._nio.sharing_session.pop(room, None)
                # nio takes the room id in its error for a soft logout and forgets the token.
                self._nio.access_token = self._token
            session = machine.outbound_group_sessions[room]
            told = session.users_shared_with | session.users_ignored
            for user in held.users:
                for device in self._nio.device_store.active_user_devices(user):
                    reachable = machine.session_store.get(device.curve25519) is not None
                    if (user, device.id) not in told and reachable and device.id != self.device_id:
                        self._nio.invalidate_outbound_session(room)
                        raise AnswerLost("the room's key did not reach every device")

    async def _by_nio(self, made: Awaitable[_T]) -> _T:
        """A call that nio makes and reads; its error objects become faults."""
        answer = await made
        if isinstance(answer, nio.ErrorResponse):
            http = getattr(answer, "transport_response", None)
            body: Body = {"errcode": answer.status_code, "error": answer.message}
            if answer.retry_after_ms is not None:
                body["retry_after_ms"] = answer.retry_after_ms
            raise fault_of(http.status if http else 0, body, http.headers if http else {})
        return answer

    async def absorb(self, sync: Body, *, whole_state: bool = False) -> None:
        """Let the encryption see an answer to `/sync`: keys, members, who has new devices.

        Safe to repeat with the same answer. One event that cannot be read harms no other. One
        with the `whole_state` also tells which rooms are open, so that their first messages
        need not ask.
        """
        keys = listing(mapping(sync.get("to_device")).get("events"))
        for raw in keys:
            self._absorb_key(raw)
        lists = mapping(sync.get("device_lists"))
        rest: Body = {
            "device_lists": {
                key: [user for user in listing(lists.get(key)) if isinstance(user, str)]
                for key in ("changed", "left")
            },
            "device_one_time_keys_count": {
                key: count
                for key in ("signed_curve25519", "curve25519")
                if (count := whole(mapping(sync.get("device_one_time_keys_count")), key))
                is not None
            },
        }
        rooms = mapping(sync.get("rooms"))
        for room, held in mapping(rooms.get("join")).items():
            await self._absorb_room(room, mapping(held))
            if whole_state and room not in self._encrypted and shows_open(mapping(held)):
                self._plain.add(room)
        if keys or rest != self._absorbed or any(mapping(rest["device_lists"]).values()):
            await self._receive(rest)
            self._absorbed = rest
        for room in mapping(rooms.get("leave")):
            self._nio.rooms.pop(room, None)

    def _absorb_key(self, raw: Json) -> None:
        if self._nio.olm is None or not isinstance(raw, dict):
            return
        try:
            event = nio.ToDeviceEvent.parse_event(raw)
            if event is not None:
                self._nio.olm.handle_to_device_event(event)
        except Exception as error:
            _log.warning("matrix.key.unreadable", error=f"{type(error).__name__}: {error}"[:200])

    async def _absorb_room(self, room: str, held: Body) -> None:
        timeline = mapping(held.get("timeline"))
        state = [raw for raw in listing(mapping(held.get("state")).get("events")) if is_event(raw)]
        changes = [
            raw
            for raw in listing(timeline.get("events"))
            if is_event(raw) and "state_key" in mapping(raw)
        ]
        if any(mapping(raw).get("type") == "m.room.encryption" for raw in (*state, *changes)):
            self._encrypted.add(room)
            self._plain.discard(room)
        if state or changes:
            parts: Body = {"state": {"events": state}, "timeline": {"events": changes}}
            await self._receive({"rooms": {"join": {room: parts}}})
        if timeline.get("limited") and self._nio.olm is not None:
            # Who came or went in the gap is not told to clients that load members lazily.
            self._known_room(room).members_synced = False
            self._nio.invalidate_outbound_session(room)

    async def _receive(self, part: Body) -> None:
        try:
            answer = nio.SyncResponse.from_dict({"next_batch": "part", **part})
            # nio passes over an answer whose token it has seen, as after a crash of ours.
            self._nio.next_batch = ""
            await self._nio.receive_response(answer)
        except Exception:
            _log.exception("matrix.state.unreadable")
        finally:
            self._nio.next_batch = ""

    def opened(self, room: str, raw: Body) -> Body | None:
        """What an encrypted event holds, as an event; None while its key is not here."""
        if self._nio.olm is None:
            return None
        try:
            event = nio.MegolmEvent.from_dict(raw)
            event.room_id = room
            found = mapping(self._nio.decrypt_event(event).source)
        except Exception as error:
            _log.info("matrix.undecryptable", room=room, error=str(error)[:200])
            return None
        if not text(found, "type") or not isinstance(found.get("content"), dict):
            return None
        return {**raw, "type": found["type"], "content": found["content"]}

    async def ask_for_key(self, room: str, raw: Body) -> None:
        """Ask our other devices for the key of an event; never raises."""
        try:
            event = nio.MegolmEvent.from_dict(raw)
            event.room_id = room
            await self._nio.request_room_key(event)
        except Exception as error:
            _log.info("matrix.key.not_asked", room=room, error=str(error)[:200])

    async def export_keys(self, path: Path, passphrase: str) -> None:
        """Write every room key to a file for other clients, encrypted with the passphrase.

        The format is that of the Matrix client-server API, "Key exports". Refusal where the
        file cannot be written; one that exists is left as it is.
        """
        await self.connect()
        try:
            await asyncio.to_thread(self._machine().export_keys, str(path), _secret(passphrase))
        except (OSError, nio.EncryptionError) as error:
            raise _unusable(path, error) from error

    async def import_keys(self, path: Path, passphrase: str) -> None:
        """Add the room keys of a file that `export_keys` or another client wrote."""
        await self.connect()
        try:
            # Not in a thread: it writes to the key store, whose connection is this thread's.
            self._machine().import_keys(str(path), _secret(passphrase))
        except (OSError, nio.EncryptionError) as error:
            raise _unusable(path, error) from error

    def _machine(self) -> Any:
        if self._nio.olm is None:
            raise Refusal("matrix.encryption", _("Set encryption = true in [matrix]."))
        return self._nio.olm

    async def upkeep(self) -> None:
        """What encryption needs between syncs; what fails is tried again after the next one."""
        if self._nio.olm is None:
            return
        try:
            async with self._keys:
                if self._nio.should_upload_keys:
                    await self._by_nio(self._nio.keys_upload())
                if self._nio.should_query_keys:
                    await self._by_nio(self._nio.keys_query())
                if self._nio.should_claim_keys:
                    wanted = self._nio.get_users_for_key_claiming()
                    await self._by_nio(self._nio.keys_claim(wanted))
                for answer in await self._nio.send_to_device_messages():
                    if isinstance(answer, nio.ErrorResponse):
                        _log.info("matrix.keys.not_sent", error=str(answer)[:200])
        except Exception as error:
            _log.warning("matrix.upkeep.failed", error=f"{type(error).__name__}: {error}"[:200])


def _secret(passphrase: str) -> bytes:
    """As other clients have it, so that they can read the file; nio would take Latin-1."""
    return passphrase.encode()


def _unusable(path: Path, error: Exception) -> Refusal:
    return Refusal(
        "matrix.keys",
        _("{path} cannot be used: {reason}", path=str(path), reason=str(error)[:200]),
    )
