"""The server steered by HTTP, for tests that run it as a process of its own.

Every operation is a POST with a JSON object to `/_control/<operation>` on a port of its own, which
stays open during an outage; it answers `{"result": …}`, or `{"error": …}` with 400. Accounts are
given by id, files in base64, messages are answered as `Message` objects with `deleted`,
`reactions`, `history` and `kind` added.

=====================================  =======================================================
`bot`, `user`, `private`               arguments of `BotApi`'s method; answers the account or chat
`group`, `supergroup`                  `title`, `members`, `admins` (ids), `forum`
`chat/<id>/<act>`                      an act of `tests.servers.botapi.people.Chat`: `say`, …
`chat/<id>/messages`                   visible messages; `all` true: deleted ones too
`chat/<id>/wait`                       `count` messages of bots, or one with this `text`; `timeout`
`calls`                                `method`, `since` (index): the log of calls
`wait_call`, `confirmed`               as in `BotApi`, with `timeout`
`fault`, `clear_faults`                arguments of `Faults.next`
`outage`, `recover`, `flood`           `flood` takes the arguments of `Flood.enable`
`advance`                              `seconds`: moves the clock
=====================================  =======================================================
"""

from __future__ import annotations

import base64
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass

from aiohttp import web

from tests.servers.botapi.accounts import Account, BotAccount, Person
from tests.servers.botapi.chats import Topic
from tests.servers.botapi.endpoint import CallRecord
from tests.servers.botapi.errors import Json
from tests.servers.botapi.messages import Message
from tests.servers.botapi.people import Chat
from tests.servers.botapi.server import BotApi

Act = Callable[..., object]
ACTS: dict[str, Act] = {
    "say": Chat.say,
    "send": Chat.send,
    "send_location": Chat.send_location,
    "move_location": Chat.move_location,
    "stop_location": Chat.stop_location,
    "send_venue": Chat.send_venue,
    "send_contact": Chat.send_contact,
    "send_poll": Chat.send_poll,
    "send_dice": Chat.send_dice,
    "edit": Chat.edit,
    "delete": Chat.delete,
    "press": Chat.press,
    "pin": Chat.pin,
    "rename": Chat.rename,
    "join": Chat.join,
    "leave": Chat.leave,
    "demote": Chat.demote,
    "mute": Chat.mute,
    "block": Chat.block,
    "topic": Chat.topic,
    "close_topic": Chat.close_topic,
    "rename_topic": Chat.rename_topic,
    "delete_topic": Chat.delete_topic,
    "migrate": Chat.migrate,
}
_ACCOUNTS = ("person", "account", "by")


class Control:
    """The control application of a server."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._operations: dict[str, Callable[[Json], object | Awaitable[object]]] = {
            "bot": lambda given: self._build(api.bot, given),
            "user": lambda given: self._build(api.user, given),
            "private": lambda given: api.private(self._person(given["person"])),
            "group": self._group,
            "supergroup": self._group,
            "calls": self._calls,
            "wait_call": lambda given: self._build(api.wait_call, given),
            "confirmed": lambda given: self._build(api.confirmed, given),
            "fault": lambda given: self._build(api.faults.next, given),
            "clear_faults": lambda _: api.faults.clear(),
            "outage": lambda _: api.outage(),
            "recover": lambda _: api.recover(),
            "flood": lambda given: self._build(api.flood.enable, given),
            "advance": lambda given: self._build(api.clock.advance, given),
        }

    def app(self) -> web.Application:
        """The application to serve."""
        app = web.Application(client_max_size=100 * 1024 * 1024)
        app.router.add_post("/_control/chat/{chat}/{act}", self._on_chat)
        app.router.add_post("/_control/{operation}", self._on_operation)
        return app

    async def _on_operation(self, request: web.Request) -> web.Response:
        name = request.match_info["operation"]
        given = await _body(request)
        if name not in self._operations:
            return web.json_response({"error": f"unknown operation {name}"}, status=400)
        if name == "supergroup":
            given.setdefault("forum", False)
        return await _run(lambda: self._operations[name](given))

    async def _on_chat(self, request: web.Request) -> web.Response:
        given = await _body(request)
        act = request.match_info["act"]
        return await _run(lambda: self._act(int(request.match_info["chat"]), act, given))

    def _act(self, chat_id: int, act: str, given: Json) -> object:
        chat = self._chat(chat_id)
        if act == "messages":
            return list(chat.messages_by_id.values()) if given.get("all") else chat.messages
        if act == "wait":
            return self._wait(chat, given)
        arguments: Json = dict(given)
        for name in _ACCOUNTS:
            if arguments.get(name) is not None:
                arguments[name] = self._account(arguments[name])
        if isinstance(arguments.get("data"), str):
            arguments["data"] = base64.b64decode(str(arguments["data"]))
        if act == "react":
            emoji = arguments.get("emoji", [])
            person, message = arguments["person"], arguments["message"]
            assert isinstance(person, Person)
            assert isinstance(message, int)
            assert isinstance(emoji, list)
            chat.react(person, message, *map(str, emoji))
            return True
        if act == "promote":
            account, rights = arguments["account"], arguments.get("rights", [])
            assert isinstance(account, Account)
            assert isinstance(rights, list)
            chat.promote(account, *map(str, rights))
            return True
        if act not in ACTS:
            raise LookupError(f"unknown act {act}")
        return ACTS[act](chat, **arguments)

    async def _wait(self, chat: Chat, given: Json) -> object:
        timeout = _seconds(given.get("timeout", 10))
        if "text" in given:
            return await chat.wait_for(lambda message: message.text == given["text"], timeout)
        count = given["count"]
        assert isinstance(count, int)
        return await chat.wait_count(count, timeout)

    def _group(self, given: Json) -> object:
        members = [self._account(each) for each in _list(given.get("members"))]
        admins = [self._account(each) for each in _list(given.get("admins"))]
        title = str(given["title"])
        if "forum" not in given:
            return self._api.group(title, *members, admins=admins)
        forum = given["forum"] is True
        return self._api.supergroup(title, *members, admins=admins, forum=forum)

    def _calls(self, given: Json) -> object:
        since, method = given.get("since", 0), given.get("method")
        assert isinstance(since, int)
        return [
            each
            for each in self._api.calls[since:]
            if method is None or each.method.lower() == str(method).lower()
        ]

    def _build(self, make: Act, given: Json) -> object:
        return make(**given)

    def _account(self, account_id: object) -> Account:
        account = self._api.account(account_id) if isinstance(account_id, int) else None
        if account is None:
            raise LookupError(f"no account {account_id}")
        return account

    def _person(self, account_id: object) -> Person:
        account = self._account(account_id)
        assert isinstance(account, Person)
        return account

    def _chat(self, chat_id: int) -> Chat:
        if chat_id > 0:
            return self._api.private(self._person(chat_id))
        return self._api.chats[chat_id]


async def _body(request: web.Request) -> Json:
    body = await request.json() if request.can_read_body else {}
    return body if isinstance(body, dict) else {}


async def _run(operation: Callable[[], object | Awaitable[object]]) -> web.Response:
    try:
        result = operation()
        if inspect.isawaitable(result):
            result = await result
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return web.json_response({"error": text}, status=400)
    return web.json_response({"result": _plain(result)})


def _plain(value: object) -> object:
    if isinstance(value, Message):
        return value.to_json() | {
            "kind": value.kind,
            "deleted": value.deleted,
            "history": value.history,
            "reactions": {str(key): emoji for key, emoji in value.reactions.items()},
        }
    if isinstance(value, BotAccount):
        return value.me() | {"token": value.token}
    if isinstance(value, Account | Chat):
        return value.to_json()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, CallRecord | Topic) or (
        is_dataclass(value) and not isinstance(value, type)
    ):
        return asdict(value)
    return value


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _seconds(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
