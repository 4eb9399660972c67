"""Who may come in.

On loopback nobody needs an invitation, so every way by which another machine or another site
could speak as "this machine" is closed: a reverse proxy (it adds forwarding headers), DNS
rebinding (the Host header names another host) and cross-site requests (the Origin is not ours;
browsers send it with every WebSocket and every POST).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web

from bot.transports.web import invites
from bot.transports.web.invites import Invitation, Signer
from bot.transports.web.settings import WebSettings, host_of, is_loopback
from storage import Store

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")
_COOKIE_SECONDS = 180 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Guest:
    """Who a request speaks for: an invited person, or anybody at this machine (None)."""

    invitation: Invitation | None = None


class Gate:
    """Decides for each request."""

    def __init__(
        self, settings: WebSettings, signer: Signer, store: Store, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._signer = signer
        self._store = store
        self._now = now

    @property
    def open(self) -> bool:
        """Whether no invitation is needed."""
        return self._settings.open

    def host_allowed(self, request: web.BaseRequest) -> bool:
        """Whether the request was meant for us."""
        if not self.open:
            return True
        if any(name in request.headers for name in _FORWARDED):
            return False
        return is_loopback(host_of(request.headers.get("Host", "")))

    def same_origin(self, request: web.BaseRequest) -> bool:
        """Whether a page of ours makes this request."""
        origin = request.headers.get("Origin", "").lower()
        if self._settings.public_url is not None and origin == self._settings.public_url:
            return True
        parts = urlsplit(origin)
        host = request.headers.get("Host", "").lower()
        return parts.scheme in ("http", "https") and bool(host) and parts.netloc == host

    async def guest(self, request: web.BaseRequest, room: str) -> Guest | None:
        """Who asks to enter `room` (`web:NAME`); None: not with this request."""
        if self.open:
            return Guest()
        invitation = self._read(request.cookies.get(cookie_name(room), ""))
        if invitation is None or invitation.room != room:
            return None
        holds = await invites.holds(self._store, invitation.id, self._now())
        return Guest(invitation) if holds else None

    async def join(self, token: str) -> Invitation | None:
        """The invitation of a link that is followed now, if it holds."""
        invitation = self._read(token)
        if invitation is None:
            return None
        holds = await invites.holds(self._store, invitation.id, self._now())
        return invitation if holds else None

    def remember(self, response: web.StreamResponse, invitation: Invitation, token: str) -> None:
        """Have the browser keep the invitation, out of reach of scripts and other sites."""
        response.set_cookie(
            cookie_name(invitation.room),
            token,
            max_age=_COOKIE_SECONDS,
            httponly=True,
            samesite="Strict",
            secure=(self._settings.public_url or "").startswith("https:"),
            path="/",
        )

    def account(self, room: str, guest: Guest, secret: str) -> str:
        """The account that somebody writes under; the browser's secret cannot be read from it."""
        if guest.invitation is not None:
            return f"web:invite-{guest.invitation.id}"
        return "web:" + self._signer.digest("account", f"{room}\0{secret}").hex()[:20]

    def _read(self, token: str) -> Invitation | None:
        return invites.read(self._signer, token, self._now()) if token else None


def cookie_name(room: str) -> str:
    """The cookie that holds the invitation into `room`."""
    return "lianzhi-" + hashlib.sha256(room.encode(errors="replace")).hexdigest()[:12]
