"""A whole network in one file: rooms in memory, and faults on demand."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from bot.richtext import to_plain
from bot.transports.base import (
    AskKnown,
    Batch,
    Finding,
    Limits,
    Media,
    Network,
    Outgoing,
    Payload,
    Reaction,
    Rejected,
    SendFault,
    Sending,
    Take,
    Wiring,
)
from workflows.text import Msg


class LoopbackSettings(BaseModel):
    """What a test chooses of the network."""

    idempotent: bool = True


@dataclass(frozen=True)
class Call:
    """A call as it arrived, whether or not it was answered."""

    action: str
    sending: Sending

    @property
    def text(self) -> str:
        """The words of the message, without its mark."""
        return str(self.sending.payload.get("text", ""))


Fault = BaseException | Callable[[], Awaitable[None]]


@dataclass
class Loopback:
    """The transport. `faults` are met one by one, `gates` are waited for, by room."""

    network: str = "loopback"
    idempotent: bool = True
    limits: Limits = field(default_factory=Limits)
    lines: bool = False
    """Whether it can show nobody's reactions but the bot's own."""
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    poison: dict[str, Callable[[], BaseException]] = field(default_factory=dict)
    """By text: what every try of that message raises."""
    carried: bool = False
    """Whether a call that raises is carried out all the same: only its answer is lost."""
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    found: str | bool | BaseException = True
    """What `find_sent` answers; `"yes"` means: whatever was carried out under that row."""
    calls: list[Call] = field(default_factory=list)
    shown: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By room: (remote id, text with its mark) of what stands there."""
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """What `find_sent` was asked: text and known ids."""
    answered: list[tuple[str, str]] = field(default_factory=list)
    noticed: Callable[[], None] = lambda: None
    batches: asyncio.Queue[Batch] = field(default_factory=asyncio.Queue)
    remotes: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """What lies here, by the id of its `ref`; `away` is raised instead."""
    away: SendFault | None = None
    reopens: bool = True
    opened: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    """Rooms that were opened: beside which, title, who was invited."""
    unopened: deque[BaseException] = field(default_factory=deque)
    """What is met, one by one, when a room is to be opened."""

    @property
    def handles(self) -> frozenset[str]:
        return frozenset({"lianzhi_bot"})

    def trusted(self, accounts: frozenset[str]) -> frozenset[str]:
        return frozenset()

    def announce(self) -> tuple[Msg, ...]:
        return ()

    async def start(self) -> None:
        """There is nobody to log in to."""

    async def listen(self, cursor: str | None, take: Take) -> None:
        while True:
            await take(await self.batches.get())

    def compose(self, outgoing: Outgoing) -> list[Payload]:
        """A message for each line that ends in `//`."""
        name = f"{outgoing.author.name}: " if outgoing.author is not None else ""
        quote = f"> {outgoing.quote[0]}: {outgoing.quote[1]}\n" if outgoing.quote else ""
        parts = to_plain(outgoing.html).split("//\n")
        late = f"({outgoing.mark}) " if outgoing.mark else ""
        made: list[Payload] = [{"text": f"{late}{quote}{name}{parts[0]}"}]
        made += [{"text": part} for part in parts[1:]]
        if outgoing.choices:
            made[-1]["choices"] = {each.label: each.token for each in outgoing.choices}
        return made

    async def open_room(
        self, beside: str, key: str, title: str, language: str, invited: tuple[str, ...]
    ) -> str:
        """A room that is called as the one beside it and the key."""
        self.opened.append((beside, title, invited))
        if self.unopened:
            raise self.unopened.popleft()
        return f"{beside}-{key}"

    async def send(self, sending: Sending) -> str:
        await self._call("send", sending)
        return self._show(sending)

    def _show(self, sending: Sending) -> str:
        if sending.txn in self.remotes and self.idempotent:
            return self.remotes[sending.txn]
        remote = str(sum(map(len, self.shown.values())) + 1)
        self.remotes[sending.txn] = remote
        mark = f"[{sending.mark}] " if sending.mark else ""
        text = f"{mark}{sending.payload.get('text', '')}"
        self.shown.setdefault(sending.room, []).append((remote, text))
        return remote

    async def edit(self, sending: Sending) -> None:
        await self._call("edit", sending)
        self.shown[sending.room] = [
            (remote, str(sending.payload["text"]) if remote == sending.target else text)
            for remote, text in self.shown[sending.room]
        ]

    async def delete(self, sending: Sending) -> None:
        await self._call("delete", sending)
        self.shown[sending.room] = [
            each for each in self.shown.get(sending.room, []) if each[0] != sending.target
        ]

    def compose_reactions(self, reactions: tuple[Reaction, ...]) -> Payload | None:
        """With `lines` a line tells them."""
        if self.lines:
            return None
        return {
            "reactions": {each.emoji: [name for _who, name in each.people] for each in reactions}
        }

    async def react(self, sending: Sending) -> None:
        await self._call("react", sending)

    async def pin(self, sending: Sending, *, pinned: bool) -> None:
        await self._call("pin" if pinned else "unpin", sending)

    async def _call(self, action: str, sending: Sending) -> None:
        call = Call(action, sending)
        self.calls.append(call)
        self.noticed()
        if (gate := self.gates.get(sending.room)) is not None:
            await gate.wait()
        poison = self.poison.get(call.text)
        waiting = self.faults.get(sending.room)
        fault = poison() if poison else waiting.popleft() if waiting else None
        if callable(fault):
            await fault()
        elif fault is not None:
            if self.carried:
                self._show(sending)
            raise fault

    async def find_sent(self, sending: Sending, known: AskKnown) -> str | bool:
        self.asked.append((str(sending.payload.get("text", "")), (await known()).remotes))
        self.noticed()
        if isinstance(self.found, BaseException):
            raise self.found
        if self.found == "yes":
            return self.remotes.get(sending.txn, False)
        return self.found

    async def open_media(self, media: Media) -> AsyncIterator[bytes]:
        if self.away is not None:
            raise self.away
        content = self.files.get(dict(media.ref).get("id", ""))
        if content is None:
            raise Rejected("no files here")
        for start in range(0, len(content), 1024):
            yield content[start : start + 1024]

    async def answer_press(self, press: str, text: str) -> None:
        self.answered.append((press, text))
        self.noticed()

    async def offer_commands(self, menus: Mapping[str, tuple[tuple[str, str], ...]]) -> None:
        """Nobody sees a menu here."""

    async def check(self, rooms: tuple[str, ...]) -> tuple[Finding, ...]:
        return ()

    async def aclose(self) -> None:
        """There is no connection."""

    def texts(self, room: str) -> list[str]:
        """What stands in the room, in order."""
        return [text for _remote, text in self.shown.get(room, [])]


def build(wiring: Wiring) -> Loopback:
    """The transport from its section of the configuration."""
    assert isinstance(wiring.section, LoopbackSettings)
    return Loopback(idempotent=wiring.section.idempotent)


NETWORK = Network("loopback", LoopbackSettings, build)
