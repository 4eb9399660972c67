"""One login at a homeserver, and calls with faults for answers.

HTTP goes through nio's session but not through its retries and parsers, which repeat for ever
and turn every odd answer into an object that looks well.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import nio
import structlog
from pydantic import SecretStr

from bot.transports.base import AnswerLost, SendFault, Unreachable
from bot.transports.matrix.faults import LoginGone, fault_of, fault_of_error
from bot.transports.matrix.session import Session, SessionFile, new_device_id
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.shapes import Body, mapping, text
from workflows.errors import Refusal
from workflows.text import Json, _

_log = structlog.get_logger(__name__)

API = "/_matrix/client/v3"
CALL_SECONDS = 60.0
CONNECT_SECONDS = 10.0


class Calls:
    """A login and what can be asked with it. Nothing is asked before it is needed."""

    def __init__(self, settings: MatrixSettings, data: Path) -> None:
        self.user_id = settings.user_id
        self.homeserver = settings.homeserver
        self.encryption = settings.encryption
        self.store_path = settings.store_path or data / "matrix-store"
        self._settings = settings
        self._file = SessionFile(data / "matrix-session.json")
        self._token = ""
        self._connected = False
        self._connecting = asyncio.Lock()
        # Without limits of 0 nio repeats a limited or timed-out call silently, and for ever.
        self._nio: Any = nio.AsyncClient(
            settings.homeserver,
            settings.user_id,
            store_path=str(self.store_path),
            config=nio.AsyncClientConfig(
                max_limit_exceeded=0,
                max_timeouts=0,
                request_timeout=CALL_SECONDS,
                store=nio.store.SqliteStore if settings.encryption else None,
                encryption_enabled=settings.encryption,
                store_sync_tokens=False,
            ),
        )

    @property
    def device_id(self) -> str:
        """The bot's device; empty before the first login."""
        device = self._nio.device_id
        return device if isinstance(device, str) else ""

    async def connect(self) -> None:
        """Log in unless that is done; `Refusal` where the settings cannot work, or `SendFault`."""
        async with self._connecting:
            if self._connected:
                return
            session = await self._session()
            known = self._file.load(self.user_id)
            if known != session:
                if known is not None and known.device_id != session.device_id:
                    _log.warning(
                        "matrix.device.changed", was=known.device_id, now=session.device_id
                    )
                kept = (
                    session
                    if self._settings.password is not None
                    else Session(session.user_id, session.device_id)
                )
                self._file.save(kept)
            self._connected = True
            _log.info("matrix.logged_in", user_id=self.user_id, device_id=session.device_id)

    async def ready(self) -> None:
        """As `connect`, for calls: a login that cannot work is a fault that mending ends."""
        try:
            await self.connect()
        except Refusal as refusal:
            _log.error("matrix.login.refused", code=refusal.code)
            raise LoginGone(refusal.code) from refusal

    async def _session(self) -> Session:
        settings = self._settings
        if settings.access_token is not None:
            return await self._adopt(settings.access_token.get_secret_value())
        assert settings.password is not None
        known = self._file.load(self.user_id)
        if known is not None and known.access_token:
            try:
                return await self._adopt(known.access_token)
            except LoginGone:
                _log.warning("matrix.login.again", device_id=known.device_id)
        return await self._log_in(
            settings.password, settings.device_id or (known.device_id if known else new_device_id())
        )

    async def _adopt(self, token: str) -> Session:
        """Use a token, once the homeserver has told whose it is."""
        self._token = token
        try:
            answer = await self._request("GET", f"{API}/account/whoami", timeout=15)
        except LoginGone as fault:
            if self._settings.access_token is None:
                raise
            raise Refusal(
                "matrix.token",
                _("matrix.access_token is not accepted: {reason}", reason=fault.reason),
            ) from fault
        user, device = text(answer, "user_id"), text(answer, "device_id")
        if user != self.user_id:
            raise Refusal(
                "matrix.user",
                _(
                    "matrix.access_token belongs to {found}, but matrix.user_id is {wanted}",
                    found=user,
                    wanted=self.user_id,
                ),
            )
        wanted = self._settings.device_id
        if wanted is not None and device != wanted:
            raise Refusal(
                "matrix.device",
                _(
                    "matrix.device_id is {wanted}, but the login is for the device {found}",
                    found=device or "?",
                    wanted=wanted,
                ),
            )
        return self._restore(Session(user, device, token))

    async def _log_in(self, password: SecretStr, device_id: str) -> Session:
        self._token = ""
        # Noted before the call: a login whose answer is lost must not leave a second device.
        self._file.save(Session(self.user_id, device_id))
        try:
            answer = await self._request(
                "POST",
                f"{API}/login",
                {
                    "type": "m.login.password",
                    "identifier": {"type": "m.id.user", "user": self.user_id},
                    "password": password.get_secret_value(),
                    "device_id": device_id,
                    "initial_device_display_name": "Lianzhi",
                },
                timeout=15,
            )
        except (Unreachable, AnswerLost) as fault:
            if isinstance(fault, LoginGone):
                raise self._no_login(fault) from fault
            raise
        except SendFault as fault:
            if fault.reason.startswith("429"):
                raise
            raise self._no_login(fault) from fault
        token = text(answer, "access_token")
        if not token:
            raise AnswerLost("no access_token in the answer to the login")
        return self._restore(Session(self.user_id, text(answer, "device_id") or device_id, token))

    def _no_login(self, fault: SendFault) -> Refusal:
        return Refusal(
            "matrix.password",
            _("matrix.password is not accepted: {reason}", reason=fault.reason),
        )

    def _restore(self, session: Session) -> Session:
        self._nio.user_id = session.user_id
        self._nio.device_id = session.device_id
        self._token = session.access_token
        self._nio.access_token = session.access_token
        if self.encryption:
            try:
                self.store_path.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._nio.load_store()
            except Exception as error:
                raise Refusal(
                    "matrix.store",
                    _(
                        "matrix.store_path {path} cannot be used: {reason}",
                        path=str(self.store_path),
                        reason=str(error)[:200],
                    ),
                ) from error
        return session

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Json] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout: float = CALL_SECONDS,
    ) -> Body:
        """One call below the homeserver's address; the JSON object answered.

        Raises `SendFault` for everything else; never repeats by itself.
        """
        await self.ready()
        try:
            return await self._request(method, path, body, query=query, timeout=timeout)
        except LoginGone as fault:
            self._connected = False
            _log.error("matrix.login.gone", reason=fault.reason)
            raise

    async def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Json] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout: float = CALL_SECONDS,
    ) -> Body:
        sent = None if body is None else json.dumps(body, separators=(",", ":"))
        if query:
            path = f"{path}?{urlencode(query)}"
        headers = {"Content-Type": "application/json"}
        async with self._exchange(method, path, sent, headers, timeout=timeout) as answer:
            return await _read(answer)

    @asynccontextmanager
    async def exchange(
        self,
        method: str,
        path: str,
        data: AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A call whose bytes are the caller's matter, without a bound on its time."""
        await self.ready()
        async with self._exchange(method, path, data, headers or {}, timeout=None) as answer:
            if answer.status >= 400:
                await _read(answer)
            yield answer

    @asynccontextmanager
    async def _exchange(
        self,
        method: str,
        path: str,
        data: str | AsyncIterator[bytes] | None,
        headers: Mapping[str, str],
        *,
        timeout: float | None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        allowed = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        limits = aiohttp.ClientTimeout(
            total=timeout, sock_connect=CONNECT_SECONDS, sock_read=CALL_SECONDS
        )
        try:
            answer: aiohttp.ClientResponse = await self._nio.send(
                method, path, data, {**allowed, **headers}, None, limits
            )
            async with answer:
                yield answer
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise fault_of_error(error) from error

    async def join(self, room: str, *, via: str = "") -> None:
        """Enter a room, through `via` where our server does not know it yet."""
        # Room ids of version 12 name no server, older servers know only the older key.
        query = {"via": via, "server_name": via} if via else None
        await self.call("POST", f"{API}/join/{quote(room)}", {}, query=query, timeout=180)

    async def leave(self, room: str) -> None:
        """Go, or decline an invitation."""
        await self.call("POST", f"{API}/rooms/{quote(room)}/leave", {})

    async def state(self, room: str) -> list[Body]:
        """All state events of a room."""
        path = f"{API}/rooms/{quote(room)}/state"
        async with self.exchange("GET", path) as answer:
            try:
                events = json.loads(await answer.read())
            except ValueError as error:
                raise AnswerLost("unreadable room state") from error
        return [mapping(raw) for raw in events] if isinstance(events, list) else []

    async def aclose(self) -> None:
        """Close the connections and the key store."""
        await self._nio.close()
        store, self._nio.store = self._nio.store, None
        if store is not None:
            store.database.close()


async def _read(answer: aiohttp.ClientResponse) -> Body:
    raw = await answer.read()
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if answer.status >= 300 or not isinstance(body, dict):
        raise fault_of(answer.status, mapping(body), answer.headers)
    return body
