"""Invitations: signed links that name a person and a room, and can be revoked.

A link carries its invitation in a fragment, which browsers send to nobody. The signature shows
that we made it; the database says, at each connection, whether it still holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from bot.richtext import safe_name
from storage import Store
from workflows.errors import Refusal
from workflows.text import _

KEY_NAME = "web.signing_key"
NAME_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who may enter which room (`web:NAME`), until when (None: until revoked)."""

    id: str
    name: str
    room: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """An invitation as the operator's list shows it."""

    id: str
    name: str
    room: str
    made_at: datetime
    until: datetime | None
    revoked_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether the link still opens the room."""
        return self.revoked_at is None and (self.until is None or now < self.until)


class Signer:
    """Signs and reads back small values. `purpose` keeps one kind from passing for another."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @property
    def installation(self) -> str:
        """A name for the installation that tells nothing of the key."""
        return self.digest("installation", "").hex()[:32]

    def sign(self, purpose: str, value: str) -> str:
        """`value` with its signature, fit for a URL."""
        body = _encode(value.encode())
        return f"{body}.{_encode(self.digest(purpose, value))}"

    def read(self, purpose: str, token: str) -> str | None:
        """The value of a token that `sign` made for this purpose, else None."""
        body, _dot, signature = token.partition(".")
        try:
            value = _decode(body).decode()
            given = _decode(signature)
        except (ValueError, binascii.Error):
            return None
        return value if hmac.compare_digest(given, self.digest(purpose, value)) else None

    def digest(self, purpose: str, value: str) -> bytes:
        """HMAC-SHA256 of `value` for this purpose."""
        text = f"{purpose}\0{value}".encode(errors="replace")
        return hmac.new(self._key, text, hashlib.sha256).digest()


async def signer(store: Store) -> Signer:
    """The installation's signer; its key is made at first need and kept in the store."""
    async with store.write() as uow:
        key = await uow.settings.get_or_make(KEY_NAME, secrets.token_hex(32))
    return Signer(bytes.fromhex(key))


async def installation(store: Store) -> str | None:
    """What a running process of this installation says of itself; None if none ever ran."""
    async with store.read() as uow:
        key = await uow.settings.get(KEY_NAME)
    return None if key is None else Signer(bytes.fromhex(key)).installation


async def make(
    store: Store, *, name: str, room: str, now: datetime, until: datetime | None = None
) -> tuple[Invitation, str]:
    """Invite `name` into `room` (`web:NAME` or NAME); the invitation and its token.

    Raises `Refusal` if the name is empty or the end has passed.
    """
    shown = safe_name(name, NAME_LIMIT, "")
    if not shown:
        raise Refusal("invite-name", _("An invitation needs the name of the person."))
    if until is not None and until <= now:
        raise Refusal("invite-until", _("The end of the invitation has already passed."))
    place = room if room.startswith("web:") else f"web:{room}"
    invitation = Invitation(secrets.token_hex(8), shown, place, until)
    by = await signer(store)
    async with store.write() as uow:
        await uow.web.add_invite(invitation.id, shown, place, now, until)
    return invitation, token(by, invitation)


def token(by: Signer, invitation: Invitation) -> str:
    """The signed form of an invitation."""
    until = None if invitation.until is None else int(invitation.until.timestamp())
    value = [invitation.id, invitation.name, invitation.room, until]
    return by.sign("invite", json.dumps(value, ensure_ascii=False))


def link(base: str, token: str) -> str:
    """The address to hand to the person; `base` is the public address of the rooms."""
    return f"{base.rstrip('/')}/join#{quote(token)}"


def read(by: Signer, token: str, now: datetime) -> Invitation | None:
    """The invitation that a token carries, unless forged or past; ask the store if it holds."""
    value = by.read("invite", token)
    if value is None:
        return None
    invite_id, name, room, until = json.loads(value)
    end = None if until is None else datetime.fromtimestamp(until, UTC)
    if end is not None and now >= end:
        return None
    return Invitation(invite_id, name, room, end)


async def listing(store: Store) -> tuple[Issued, ...]:
    """All invitations, newest first."""
    async with store.read() as uow:
        return tuple(
            Issued(row.id, row.name, row.room, row.made_at, row.until, row.revoked_at)
            for row in await uow.web.invites()
        )


async def holding(store: Store, now: datetime) -> frozenset[str]:
    """The ids of the invitations that open their rooms now."""
    return frozenset(issued.id for issued in await listing(store) if issued.holds(now))


async def holds(store: Store, invite_id: str, now: datetime) -> bool:
    """Whether this invitation opens its room now."""
    async with store.read() as uow:
        row = await uow.web.invite(invite_id)
    return row is not None and row.revoked_at is None and (row.until is None or now < row.until)


async def revoke(store: Store, invite_id: str, now: datetime) -> None:
    """Close the way at once, for open pages too. Raises `Refusal` if it is not open."""
    async with store.write() as uow:
        if not await uow.web.revoke(invite_id, now):
            raise Refusal(
                "invite-unknown", _("There is no open invitation {invite}.", invite=invite_id)
            )


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
