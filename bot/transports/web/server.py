"""The HTTP side: the page, its files, uploads, and the way into a room."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from bot.catalogues import Catalogues
from bot.transports.web import files, words
from bot.transports.web.access import Gate
from bot.transports.web.desk import media_at
from bot.transports.web.files import FileStore, FileTooBig
from bot.transports.web.invites import Signer
from bot.transports.web.protocol import TEXT_LIMIT
from bot.transports.web.rooms import Rooms
from bot.transports.web.session import Session
from bot.transports.web.settings import WHOSE
from storage import Store, StoreUnavailable
from workflows.text import Msg

STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": PAGE_POLICY,
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers requests; every answer carries the security headers."""

    def __init__(
        self,
        gate: Gate,
        rooms: Rooms,
        store: Store,
        folder: FileStore,
        signer: Signer,
        catalogues: Catalogues,
        session: Session,
    ) -> None:
        self._gate = gate
        self._rooms = rooms
        self._store = store
        self._files = folder
        self._signer = signer
        self._catalogues = catalogues
        self._session = session
        self._page = Template((STATIC / "index.html").read_text(encoding="utf-8"))

    def app(self) -> web.Application:
        """The application, ready to be served."""
        app = web.Application(middlewares=[self._guard], client_max_size=64 * 1024)
        app.on_response_prepare.append(_secure)
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/room/{name}", self._index),
                web.get("/join", self._index),
                web.post("/join", self._join),
                web.get("/boot", self._boot),
                web.get(WHOSE, self._whose),
                web.get("/ws/{name}", self._socket),
                web.post("/upload/{name}", self._upload),
                web.get("/media/{event:[0-9]{1,18}}/{at:[0-9]{1,2}}", self._media),
                web.get("/static/{file}", self._static),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._gate.host_allowed(request):
            raise web.HTTPForbidden(text=self._said(words.LOCAL_ONLY, "both"))
        cross = request.method == "POST" or request.path.startswith("/ws/")
        if cross and not self._gate.same_origin(request):
            raise web.HTTPForbidden(text=self._said(words.OTHER_SITE, "both"))
        try:
            return await handler(request)
        except StoreUnavailable:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "2"}) from None

    async def _index(self, request: web.Request) -> web.Response:
        text = self._page.substitute(
            title=escape(self._said(words.TITLE, "both")),
            skip=escape(self._said(words.SKIP, "both")),
            script=escape(self._said(words.NO_SCRIPT, "both")),
            entering=escape(self._said(words.ENTERING, "both")),
        )
        return web.Response(
            text=text, content_type="text/html", headers={"Cache-Control": "no-store"}
        )

    async def _static(self, request: web.Request) -> web.FileResponse:
        name = request.match_info["file"]
        path = STATIC / name
        kind = _TYPES.get(path.suffix)
        if kind is None or "/" in name or "\\" in name or not path.is_file():
            raise web.HTTPNotFound
        headers = {"Content-Type": f"{kind}; charset=utf-8", "Cache-Control": "no-cache"}
        return web.FileResponse(path, headers=headers)

    async def _boot(self, request: web.Request) -> web.Response:
        """The rooms that this browser may enter, and what to say if there are none."""
        faces = [
            (await self._rooms.face(room), guest)
            for room in self._rooms.ids
            if (guest := await self._gate.guest(request, room)) is not None
        ]
        empty = words.NOT_INVITED if self._rooms.ids else words.NO_ROOM
        made = {
            "rooms": [
                {
                    "name": face.name,
                    "title": face.title,
                    "agency": face.agency,
                    "language": face.language,
                    "words": self._rooms.words(face.language),
                    "longest": TEXT_LIMIT,
                    "account": self._gate.account(face.room, guest, "") if guest.invitation else "",
                }
                for face, guest in faces
            ],
            "none": self._said(empty, "both"),
            "rejected": self._said(words.BAD_INVITE, "both"),
            "rooms_label": self._said(words.WORDS["rooms"], "both"),
        }
        return web.json_response(made, headers={"Cache-Control": "no-store"})

    async def _whose(self, _request: web.Request) -> web.Response:
        """Which installation serves here: `lianzhi check` asks whether the port is its own."""
        return web.Response(text=self._signer.installation, headers={"Cache-Control": "no-store"})

    async def _join(self, request: web.Request) -> web.Response:
        token = (await request.read()).decode(errors="replace").strip()
        invitation = await self._gate.join(token)
        if invitation is None or invitation.room not in self._rooms:
            raise web.HTTPForbidden(text=self._said(words.BAD_INVITE, "both"))
        room = invitation.room.removeprefix("web:")
        response = web.json_response({"go": f"/room/{quote(room, safe='')}"})
        self._gate.remember(response, invitation, token)
        return response

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        room = self._room(request)
        guest = await self._gate.guest(request, room)
        if guest is None:
            raise web.HTTPForbidden(text=self._said(words.NOT_INVITED, "both"))
        return await self._session.run(request, room, guest)

    async def _upload(self, request: web.Request) -> web.Response:
        room = self._room(request)
        if await self._gate.guest(request, room) is None:
            raise web.HTTPForbidden(text=self._said(words.NOT_INVITED, "both"))
        if not request.content_type.startswith("multipart/"):
            raise web.HTTPUnsupportedMediaType
        try:
            part = await (await request.multipart()).next()
            if not isinstance(part, BodyPartReader) or part.filename is None:
                raise web.HTTPBadRequest
            stored = await self._files.keep(_chunks(part))
        except FileTooBig:
            raise web.HTTPRequestEntityTooLarge(files.FILE_LIMIT, files.FILE_LIMIT + 1) from None
        except ValueError:
            raise web.HTTPBadRequest from None
        except OSError:
            raise web.HTTPInsufficientStorage from None
        mime = part.headers.get("Content-Type", "application/octet-stream")
        media = files.describe(stored, part.filename, mime)
        return web.json_response(
            {
                "handle": files.handle(self._signer, room, media),
                "name": media.name,
                "kind": media.kind,
                "size": media.size,
            }
        )

    async def _media(self, request: web.Request) -> web.StreamResponse:
        async with self._store.read() as uow:
            event = await uow.web.get(int(request.match_info["event"]))
        if event is None or event.deleted_at is not None or event.room not in self._rooms:
            raise web.HTTPNotFound
        at = int(request.match_info["at"])
        shared = files.shared_path(self._signer, event.id or 0, at)
        if not hmac.compare_digest(request.path_qs.encode(), shared.encode()) and (
            await self._gate.guest(request, event.room) is None
        ):
            raise web.HTTPNotFound
        media = media_at(event, at)
        if media is None:
            raise web.HTTPNotFound
        path = self._files.path(str(media["ref"]["sha256"]))
        if not path.is_file():
            raise web.HTTPNotFound
        mime = str(media["mime"])
        inline = files.shown_inline(mime)
        return web.FileResponse(
            path,
            headers={
                "Content-Type": mime if inline else "application/octet-stream",
                "Content-Disposition": files.disposition(str(media["name"]), inline=inline),
                "Content-Security-Policy": FILE_POLICY,
                "Cache-Control": "private, max-age=3600",
            },
        )

    def _room(self, request: web.Request) -> str:
        room = f"web:{request.match_info['name']}"
        if room not in self._rooms:
            raise web.HTTPNotFound
        return room

    def _said(self, msg: Msg, language: str) -> str:
        return words.said(self._catalogues, msg, language)


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(files.CHUNK):
        yield chunk


async def _secure(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
