"""The socket: HTTP in, JSON out, with the faults in between."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from dataclasses import dataclass, field

from aiohttp import web

from tests.servers.botapi.accounts import BotAccount
from tests.servers.botapi.errors import ApiError, Json, bad_request
from tests.servers.botapi.faults import NGINX_502, Fault, Faults, Flood
from tests.servers.botapi.methods import METHODS, UPDATE_SPECS
from tests.servers.botapi.methods.call import Call
from tests.servers.botapi.params import Params, Upload, parse
from tests.servers.botapi.webhooks import Webhook
from tests.servers.botapi.world import World

MAX_BODY = 64 * 1024 * 1024


@dataclass
class CallRecord:
    """One call that reached the server.

    `status` is that of the answer, 0 while there is none and for connections cut on purpose;
    `accepted` says whether it was processed; `time` is Unix seconds on the server's clock.
    """

    method: str
    params: Json
    time: float
    bot_id: int
    status: int = 0
    accepted: bool = False
    description: str = ""
    result: object = None
    files: list[str] = field(default_factory=list)


class Handler:
    """Answers requests for all bots of a world."""

    def __init__(self, world: World, faults: Faults, flood: Flood) -> None:
        self.calls: list[CallRecord] = []
        self.webhooks: dict[str, Webhook] = {}
        self._world = world
        self._faults = faults
        self._flood = flood

    def app(self) -> web.Application:
        """The application to serve."""
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._file)
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self._method)
        app.router.add_route("*", "/{rest:.*}", self._nothing)
        return app

    def webhook(self, bot: BotAccount) -> Webhook:
        """The webhook of a bot."""
        if bot.token not in self.webhooks:
            self.webhooks[bot.token] = Webhook(bot, self._world.clock)
        return self.webhooks[bot.token]

    async def close(self) -> None:
        """Ends the webhook deliveries."""
        for webhook in self.webhooks.values():
            await webhook.remove()

    async def _nothing(self, _request: web.Request) -> web.Response:
        return _answer(404, ApiError(404, "Not Found").to_json())

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] not in self._world.bots:
            return _answer(401, ApiError(401, "Unauthorized").to_json())
        file = self._world.files.at(request.match_info["path"])
        if file is None:
            return _answer(404, ApiError(404, "Not Found").to_json())
        fault = self._faults.take("download", None)
        if fault is not None:
            error = fault.error()
            if error is not None:
                return _answer(error.code, error.to_json())
            return await _break(request, fault)
        return web.Response(body=file.data, content_type="application/octet-stream")

    async def _method(self, request: web.Request) -> web.StreamResponse:
        bot = self._world.bots.get(request.match_info["token"])
        if bot is None:
            return _answer(401, ApiError(401, "Unauthorized").to_json())
        method = request.match_info["method"].lower()
        arrived = self._world.clock.now()
        try:
            raw, uploads = await _read(request)
        except ApiError as error:
            return _answer(error.code, error.to_json())
        record = CallRecord(_name(method, request), raw, arrived, bot.id, files=list(uploads))
        self.calls.append(record)
        self._world.signals.changed()
        chat = raw.get("chat_id")
        fault = self._faults.take(method, chat)
        if fault is not None and not fault.kind.startswith("lost_"):
            refusal = fault.error()
            if refusal is not None:
                return self._finish(record, refusal.code, refusal.to_json())
            record.status = 502 if fault.kind == "502" else 0
            self._world.signals.changed()
            return await _break(request, fault)
        try:
            media = raw.get("media") if method == "sendmediagroup" else None
            self._flood.check(bot.id, method, chat, _count(media))
            record.result = await self._run(bot, method, raw, uploads)
        except ApiError as error:
            if fault is not None:
                return await _break(request, fault)
            return self._finish(record, error.code, error.to_json())
        record.accepted = True
        if fault is not None:
            self._world.signals.changed()
            return await _break(request, fault)
        return self._finish(record, 200, {"ok": True, "result": record.result})

    async def _run(
        self, bot: BotAccount, method: str, raw: Json, uploads: dict[str, Upload]
    ) -> object:
        if method in METHODS:
            params = parse(METHODS[method].spec, raw, uploads)
            return METHODS[method].run(Call(self._world, bot, params))
        if method not in UPDATE_SPECS:
            raise ApiError(404, "Not Found: method not found")
        params = parse(UPDATE_SPECS[method][1], raw, uploads)
        if method == "getupdates":
            return await _updates(bot, params)
        webhook = self.webhook(bot)
        if method == "setwebhook":
            return await webhook.set(params)
        if method == "deletewebhook":
            await webhook.remove(drop=params.flag("drop_pending_updates"))
            return True
        return webhook.info()

    def _finish(self, record: CallRecord, status: int, body: Json) -> web.Response:
        record.status = status
        description = body.get("description")
        record.description = description if isinstance(description, str) else ""
        self._world.signals.changed()
        return _answer(status, body)


def _name(method: str, request: web.Request) -> str:
    if method in METHODS:
        return METHODS[method].name
    if method in UPDATE_SPECS:
        return UPDATE_SPECS[method][0]
    return request.match_info["method"]


def _count(media: object) -> int:
    try:
        items = json.loads(media) if isinstance(media, str) else media
    except ValueError:
        return 1
    return max(1, len(items)) if isinstance(items, list) else 1


async def _updates(bot: BotAccount, params: Params) -> object:
    limit = min(max(params.integer("limit", 100), 1), 100)
    timeout = min(max(params.integer("timeout"), 0), 50)
    bot.queue.allow(params.array("allowed_updates"))
    return await bot.queue.get(params.integer("offset"), limit, timeout)


async def _read(request: web.Request) -> tuple[Json, dict[str, Upload]]:
    raw: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    kind = request.content_type
    if request.method == "GET" or not request.can_read_body:
        return raw, uploads
    if kind == "application/json":
        try:
            body = json.loads(await request.text())
        except (ValueError, RecursionError):
            raise bad_request("can't parse JSON object") from None
        if not isinstance(body, dict):
            raise bad_request("object expected")
        return raw | body, uploads
    try:
        form = await request.post()
    except ValueError:
        raise bad_request("can't parse the request body") from None
    for name, value in form.items():
        if isinstance(value, web.FileField):
            uploads[name] = Upload(value.filename, value.content_type, value.file.read())
        else:
            raw[name] = value
    return raw, uploads


def _answer(status: int, body: Json) -> web.Response:
    headers: dict[str, str] = {}
    parameters = body.get("parameters")
    if isinstance(parameters, dict) and "retry_after" in parameters:
        headers["Retry-After"] = str(parameters["retry_after"])
    text = json.dumps(body)  # escaped: a lone surrogate has no UTF-8
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)


async def _break(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Answers with what is no answer: cuts the line, falls silent or talks nonsense."""
    kind = fault.kind.removeprefix("lost_")
    if kind == "502":
        return web.Response(status=502, text=NGINX_502, content_type="text/html")
    if kind == "garbage":
        return web.Response(text='{"ok":tru\x00<!--', content_type="application/json")
    if kind == "hang":
        await asyncio.Event().wait()
    cut(request.transport, reset=kind == "reset")
    return web.Response()


def cut(transport: asyncio.BaseTransport | None, *, reset: bool) -> None:
    """Closes a connection at once; with `reset`, so that the peer sees ECONNRESET."""
    if not isinstance(transport, asyncio.Transport):
        return
    peer = transport.get_extra_info("socket")
    if reset and peer is not None:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
