"""A bridge in a storm of broken updates and sync answers, with people who go on talking."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.fuzz.homeserver import TOKEN, USER, ScriptedHomeserver
from tests.fuzz.mutation import Body
from tests.fuzz.syncs import Syncs
from tests.fuzz.updates import Sample, samples, updates
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person
from tests.traffic import ROOMS, Page, history, words
from tests.world import Bridge
from workflows.text import Json

GOOD, OTHER = "!good:fuzz.test", "!other:fuzz.test"
EVERY = 20
"""After so many broken ones comes a good one."""

_BAD = '"level": "error"'
STILL_SECONDS = 30.0
"""Nothing stands still for longer: not the loops, not a room."""


@dataclass(frozen=True)
class Outcome:
    """What became of the good messages, and what the log says of the others."""

    said: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    disordered: tuple[str, ...]
    """The first one in each room that stands where another belongs."""
    set_aside: int
    """Updates that raised what nobody had foreseen, and were kept for the operator."""
    seconds: float


@dataclass
class Storm:
    """One process between a Telegram group, a Matrix room and a web room."""

    bridge: Bridge
    http: aiohttp.ClientSession
    api: BotApi
    bot: BotAccount
    li: Person
    group: Chat
    other: Chat
    homeserver: ScriptedHomeserver
    syncs: Syncs
    page: Page
    samples: list[Sample]
    chance: random.Random
    said: dict[str, list[str]] = field(default_factory=lambda: {room: [] for room in ROOMS})

    async def rage(self, broken_updates: int, broken_syncs: int) -> Outcome:
        """All of them at once; AssertionError where the bridge ends or a room stands still."""
        began = time.monotonic()
        await self._cast_syncs(broken_syncs)
        await self._cast_updates(broken_updates)
        await self._until(self._all_taken)
        # What is said now comes behind everything.
        await self._say_everywhere()
        await self._until(self._all_arrived)
        return await self._outcome(time.monotonic() - began)

    async def _cast_syncs(self, count: int) -> None:
        answers = self.syncs.answers()
        for number in range(count):
            answer, nonsense = next(answers)
            if nonsense is not None:
                self.homeserver.nonsense[len(self.homeserver.script)] = nonsense
            if number % EVERY == EVERY - 1:
                self._put(answer, self.syncs.said(self._word("m")))
            await self.homeserver.say(answer)

    async def _cast_updates(self, count: int) -> None:
        given = updates(self.samples, self.chance, self.group, self.other)
        for number in range(count):
            self.bot.queue.inject(*next(given))
            if number % EVERY == EVERY - 1:
                self.group.say(self.li, self._word("t"))
                await self.page.say(self._word("w"))

    async def _say_everywhere(self) -> None:
        self.group.say(self.li, self._word("t"))
        await self.page.say(self._word("w"))
        answer: Body = {"rooms": {"join": {GOOD: {"timeline": {"events": []}}}}}
        self._put(answer, self.syncs.said(self._word("m")))
        await self.homeserver.say(answer)

    def _put(self, answer: Body, event: Body) -> None:
        """Somewhere among the events of the good room."""
        rooms = answer["rooms"]
        assert isinstance(rooms, dict)
        joined = rooms["join"]
        assert isinstance(joined, dict)
        held = joined[GOOD]
        assert isinstance(held, dict)
        timeline = held["timeline"]
        assert isinstance(timeline, dict)
        events = timeline["events"]
        assert isinstance(events, list)
        events.insert(self.chance.randint(0, len(events)), event)

    def _word(self, room: str) -> str:
        word = f"{room}{len(self.said[room]) + 1:04d}"
        self.said[room].append(word)
        return word

    async def _all_taken(self) -> bool:
        script = self.homeserver.script
        return (
            self.homeserver.reached >= len(script)
            and not len(self.bot.queue)
            and not self.page.unacknowledged
        )

    async def _all_arrived(self) -> bool:
        wanted = {word for each in self.said.values() for word in each}
        if wanted - set(self._on_telegram()) or wanted - {*self._on_matrix(), *self.said["m"]}:
            return False
        return not wanted - set(await self._on_web())

    def _on_telegram(self) -> list[str]:
        return words(self.group.texts)

    def _on_matrix(self) -> list[str]:
        return words(self.homeserver.sent.get(GOOD, []))

    async def _on_web(self) -> list[str]:
        return words(await history(self, "good"))

    async def _until(self, done: Callable[[], Awaitable[bool]]) -> None:
        last, still = self._moved(), time.monotonic()
        while not await done():
            assert self.bridge.running, f"the process has ended:\n{self.bridge.log()}"
            await asyncio.sleep(0.2)
            if (now := self._moved()) != last:
                last, still = now, time.monotonic()
            assert time.monotonic() - still < STILL_SECONDS, await self._report(last)

    async def _report(self, moved: tuple[int, ...]) -> str:
        lost = (await self._outcome(0.0)).lost
        wrong = [line[:600] for line in self.bridge.whole_log().splitlines() if _BAD in line]
        return "\n".join(
            (
                f"stands still at (syncs, updates, calls, sent, page) {moved} "
                f"of {len(self.homeserver.script)} syncs",
                f"not arrived: {lost[:50]}",
                *wrong[-20:],
            )
        )

    def _moved(self) -> tuple[int, ...]:
        """What changes as long as something goes on; a poll that waits is nothing."""
        calls = sum(each.accepted for each in self.api.calls if each.method != "getUpdates")
        sent = sum(map(len, self.homeserver.sent.values()))
        return (
            *(self.homeserver.reached, len(self.bot.queue), calls, sent),
            self.page.unacknowledged,
        )

    async def _outcome(self, seconds: float) -> Outcome:
        shown = {"t": self._on_telegram(), "m": self._on_matrix(), "w": await self._on_web()}
        lost: list[str] = []
        doubled: list[str] = []
        disordered: list[str] = []
        for room, seen in shown.items():
            counts = Counter(seen)
            doubled += [f"{word} in {room}" for word, count in counts.items() if count > 1]
            for source in ROOMS:
                if (room, source) == ("m", "m"):
                    continue  # the homeserver keeps only what the bridge posts
                from_there = [word for word in seen if word[0] == source]
                lost += [f"{word} in {room}" for word in self.said[source] if word not in counts]
                order = [word for word in self.said[source] if word in counts]
                for was, wanted in zip(dict.fromkeys(from_there), order, strict=True):
                    if was != wanted:
                        disordered.append(f"{was} in {room} where {wanted} belongs")
                        break
        return Outcome(
            said=sum(map(len, self.said.values())),
            lost=tuple(lost),
            doubled=tuple(doubled),
            disordered=tuple(disordered),
            set_aside=self.bridge.whole_log().count("an update could not be dealt with"),
            seconds=seconds,
        )


@asynccontextmanager
async def storm(home: Path, seed: int, database: str | None = None) -> AsyncIterator[Storm]:
    """A running bridge before the storm."""
    chance = random.Random(seed)
    syncs = Syncs(chance, GOOD, OTHER)
    async with (
        BotApi() as api,
        ScriptedHomeserver(syncs.odd, chance) as homeserver,
        aiohttp.ClientSession() as http,
    ):
        bot = api.bot()
        li, qian = api.user("李雷", "lilei", "zh-hans"), api.user("钱", "qian", "zh-hans")
        group = api.supergroup("好群", li, qian, admins=[bot])
        other = api.supergroup("别群", qian, admins=[bot])
        bridge = Bridge(home)
        bridge.configure(_toml(api, bot, homeserver, group, other, database))
        made = Storm(
            bridge=bridge,
            http=http,
            api=api,
            bot=bot,
            li=li,
            group=group,
            other=other,
            homeserver=homeserver,
            syncs=syncs,
            page=Page(http, bridge, "Wang", "good"),
            samples=await samples(api),
            chance=chance,
        )
        await homeserver.say(_standing())
        await bridge.start()
        page = asyncio.create_task(made.page.run())
        try:
            await api.wait_call("getUpdates", timeout=20)
            await homeserver.until(lambda: homeserver.reached >= 1, 20)
            yield made
        finally:
            page.cancel()
            await asyncio.gather(page, return_exceptions=True)
            await bridge.kill()


def _standing() -> Body:
    """The first answer: the bot is in both rooms."""
    event: Json = {
        **{"type": "m.room.member", "state_key": USER, "sender": USER, "event_id": "$in"},
        "content": {"membership": "join"},
    }
    held: Json = {
        "timeline": {"events": [event]},
        "summary": {"m.joined_member_count": 4},
        "state": {"events": []},
    }
    return {"rooms": {"join": {GOOD: held, OTHER: held}}}


def _toml(
    api: BotApi,
    bot: BotAccount,
    homeserver: ScriptedHomeserver,
    group: Chat,
    other: Chat,
    database: str | None,
) -> str:
    text = f'[database]\nurl = "{database}"\n' if database else ""
    text += f"""
[telegram]
token = "{bot.token}"
api_base_url = "{api.url}"
quotas = {{ per_second = 10000, per_chat_second = 10000, per_group_minute = 1000000 }}
[matrix]
homeserver = "{homeserver.url}"
user_id = "{USER}"
access_token = "{TOKEN}"
[web]
listen = "127.0.0.1:0"
"""
    bridges = (
        ("good", f"telegram:{group.id}", f"matrix:{GOOD}", "web:good"),
        ("other", f"telegram:{other.id}", f"matrix:{OTHER}", "web:other"),
    )
    for name, *rooms in bridges:
        text += "".join(f'[[room]]\nid = "{room}"\nlanguage = "zh"\n' for room in rooms)
        text += f'[[bridge]]\nname = "{name}"\nrooms = {rooms}\n'
    return text
