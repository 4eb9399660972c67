"""People who use all that chat programs have: replies, edits, deletions, files, reactions."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter

from tests.servers.botapi import PNG
from tests.servers.matrixevents import Body, Event, mapping, text_of
from tests.traffic import ROOMS, Traffic, history, words
from tests.world import World

COMMANDS = ("/help", "/帮助", "/me", "/lang")
RECENT = 30
"""Of so many last messages one is answered, changed or taken back."""


class Mixed(Traffic):
    """As `Traffic`, but on Telegram and Matrix a part of what is done is not plain talk.

    A message that was taken back is not in `said` any more.
    """

    def __init__(self, world: World, chance: random.Random, pause: float = 0.3) -> None:
        super().__init__(world, pause)
        self._chance = chance
        self.counted: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        self.when: dict[str, float] = {}
        """When each was said, Unix seconds; whoever has seen one arrive may remove it."""
        self._ids: dict[str, list[tuple[str, str]]] = {room: [] for room in ROOMS}
        self._last: dict[str, str] = {}
        """How a message that was edited reads."""
        self._gone: list[str] = []
        self._reacted: set[tuple[str, str]] = set()
        self._asked: dict[str, list[str]] = {"t": [], "m": []}

    async def say(self, room: str) -> str:
        """Write something or do something with what was written; the word written, if any."""
        kinds = ("text",) * 10 + ("reply", "photo", "file", "edit", "edit", "react", "react")
        kind = self._chance.choice((*kinds, "delete", "command") if room != "w" else ("text",))
        if kind in ("reply", "edit", "react", "delete") and not self._ids[room]:
            kind = "text"
        self.counted[kind] += 1
        match kind:
            case "command":
                self._asked[room].append(await self._write(room, self._chance.choice(COMMANDS)))
                return ""
            case "edit":
                await self._edit(room)
                return ""
            case "react":
                await self._react(room)
                return ""
            case "delete":
                await self._delete(room)
                return ""
        word = f"{room}{self.numbered(room):04d}"
        self.said[room].append(word)
        self.when[word] = time.time()
        if room == "w":
            await self._page.say(word)
            return word
        if kind in ("photo", "file"):
            made = await self._attach(room, kind, word)
        else:
            target = self._chance.choice(self._ids[room])[1] if kind == "reply" else None
            made = await self._write(room, word, target)
        self._ids[room] = [*self._ids[room], (word, made)][-RECENT:]
        return word

    def numbered(self, room: str) -> int:
        """The number of the next message of a room."""
        self._numbers[room] += 1
        return self._numbers[room]

    async def _write(self, room: str, text: str, target: str | None = None) -> str:
        if room == "m":
            return await self.world.anna.say(self.world.room, text, reply_to=target)
        number = None if target is None else int(target)
        return str(self.world.group.say(self.world.li, text, reply_to=number).id)

    async def _attach(self, room: str, kind: str, word: str) -> str:
        data = PNG + self._chance.randbytes(self._chance.choice((10, 5000, 200_000)))
        name, mime = ("a.png", "image/png") if kind == "photo" else ("a.bin", "application/x-bin")
        if room == "t":
            sort = "photo" if kind == "photo" else "document"
            sent = self.world.group.send(
                self.world.li, sort, data, name=name, mime=mime, caption=word
            )
            return str(sent.id)
        mxc = await self.world.anna.upload(data, name, mime)
        content: Body = {
            **{"msgtype": "m.image" if kind == "photo" else "m.file", "body": word},
            **{"filename": name, "url": mxc, "info": {"mimetype": mime, "size": len(data)}},
        }
        return await self.world.anna.send(self.world.room, "m.room.message", content)

    async def _edit(self, room: str) -> None:
        word, made = self._chance.choice(self._ids[room])
        text = f"{word} v{self.numbered('edit')}"
        if room == "m":
            if await self._is_file(made):
                return
            await self.world.anna.edit(self.world.room, made, text)
        else:
            self.world.group.edit(int(made), text)
        self._last[word] = text

    async def _is_file(self, made: str) -> bool:
        path = f"/rooms/{self.world.room}/event/{made}"
        return "url" in mapping((await self.world.anna.request("GET", path)).get("content"))

    async def _react(self, room: str) -> None:
        _word, made = self._chance.choice(self._ids[room])
        emoji = self._chance.choice(("👍", "👀", "🔥"))
        if room == "m":
            # A homeserver refuses the same reaction of one person twice.
            if (made, emoji) not in self._reacted:
                self._reacted.add((made, emoji))
                await self.world.anna.react(self.world.room, made, emoji)
        else:
            self.world.group.react(self.world.li, int(made), emoji)

    async def _delete(self, room: str) -> None:
        word, made = self._ids[room].pop(self._chance.randrange(len(self._ids[room])))
        self.said[room].remove(word)
        self._gone.append(word)
        self._last.pop(word, None)
        if room == "m":
            await self.world.anna.redact(self.world.room, made)
        else:
            self.world.group.say(self.world.li, "/撤回", reply_to=int(made))

    async def stale(self) -> list[str]:
        """Edits and deletions that some room does not show, `word in room`."""
        found: list[str] = []
        for _look in range(20):
            texts = {
                "t": self.world.group.texts,
                "m": await self._matrix_texts(),
                "w": await history(self.world),
            }
            found = [
                f"{text} in {room}"
                for room, shown in texts.items()
                for text in self._last.values()
                if not any(text in each for each in shown)
            ]
            found += [
                f"{word} still in {room}"
                for room, shown in texts.items()
                for word in set(self._gone) & set(words(shown))
            ]
            if not found:
                break
            await asyncio.sleep(0.5)
        return found

    async def unanswered(self) -> list[str]:
        """Commands that nothing of Lianzhi's answers."""
        replies = {str(each.reply_to) for each in self.world.group.from_bots}
        events = await self.world.anna.messages(self.world.room)
        answered = {text_of(_relation(each, "m.in_reply_to"), "event_id") for each in events}
        return [f"command {each} in t" for each in self._asked["t"] if each not in replies] + [
            f"command {each} in m" for each in self._asked["m"] if each not in answered
        ]

    async def _on_matrix(self) -> list[str]:
        return words(await self._matrix_texts())

    async def _matrix_texts(self) -> list[str]:
        """What each message reads now."""
        events = await self.world.anna.messages(self.world.room)
        latest: dict[str, str] = {}
        for event in events:
            relation = mapping(event.content.get("m.relates_to"))
            if text_of(relation, "rel_type") == "m.replace":
                new = mapping(event.content.get("m.new_content"))
                latest[text_of(relation, "event_id")] = text_of(new, "body")
        return [
            latest.get(event.id, event.body)
            for event in events
            if text_of(mapping(event.content.get("m.relates_to")), "rel_type") != "m.replace"
        ]


def _relation(event: Event, key: str) -> Body:
    return mapping(mapping(event.content.get("m.relates_to")).get(key))
