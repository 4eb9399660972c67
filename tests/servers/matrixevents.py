"""Room events as a homeserver gives them, and reading its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import aiohttp

from workflows.text import Json

Body: TypeAlias = dict[str, Json]


class Refused(Exception):
    """The homeserver answered with an error: HTTP status, errcode and what it said."""

    def __init__(self, status: int, code: str, said: str) -> None:
        super().__init__(f"{status} {code}: {said}")
        self.status = status
        self.code = code


async def decoded(answer: aiohttp.ClientResponse) -> Body:
    """The JSON object of an answer; Refused unless its status is below 400."""
    body = mapping(await answer.json(content_type=None))
    if answer.status >= 400:
        raise Refused(answer.status, str(body.get("errcode", "")), str(body.get("error", "")))
    return body


def mapping(value: object) -> Body:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: object) -> list[Json]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text_of(body: Mapping[str, Json], key: str) -> str:
    """The string under `key`; empty if there is none."""
    value = body.get(key)
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Event:
    """One room event as the homeserver gives it."""

    id: str
    type: str
    sender: str
    content: Body
    state_key: str | None
    redacted: bool
    redacts: str | None
    when: int
    """Milliseconds since 1970, the server's clock."""
    transaction: str | None
    """The sender's own transaction id, shown only to the device that sent."""

    @classmethod
    def read(cls, value: Json) -> Event:
        """From the JSON of a timeline entry."""
        raw = mapping(value)
        unsigned, content = mapping(raw.get("unsigned")), mapping(raw.get("content"))
        state_key, when = raw.get("state_key"), raw.get("origin_server_ts")
        return cls(
            id=text_of(raw, "event_id"),
            type=text_of(raw, "type"),
            sender=text_of(raw, "sender"),
            content=content,
            state_key=state_key if isinstance(state_key, str) else None,
            redacted="redacted_because" in unsigned,
            redacts=text_of(content, "redacts") or text_of(raw, "redacts") or None,
            when=when if isinstance(when, int) else 0,
            transaction=text_of(unsigned, "transaction_id") or None,
        )

    @property
    def body(self) -> str:
        """The plain text of a message."""
        return text_of(self.content, "body")

    @property
    def html(self) -> str:
        """The formatted text of a message; empty if it has none."""
        return text_of(self.content, "formatted_body")

    @property
    def msgtype(self) -> str:
        """`m.text`, `m.image` and so on."""
        return text_of(self.content, "msgtype")

    @property
    def relation(self) -> Body:
        """`m.relates_to`."""
        return mapping(self.content.get("m.relates_to"))

    @property
    def replaces(self) -> str | None:
        """The event that this one edits."""
        found = self.relation.get("rel_type") == "m.replace"
        return text_of(self.relation, "event_id") if found else None

    @property
    def reply_to(self) -> str | None:
        """The event that this one answers."""
        return text_of(mapping(self.relation.get("m.in_reply_to")), "event_id") or None

    @property
    def thread(self) -> str | None:
        """The root of the thread that this event is part of."""
        found = self.relation.get("rel_type") == "m.thread"
        return text_of(self.relation, "event_id") if found else None

    @property
    def new_body(self) -> str:
        """The text after this edit."""
        return text_of(mapping(self.content.get("m.new_content")), "body")

    @property
    def key(self) -> str:
        """The emoji of a reaction."""
        return text_of(self.relation, "key")
