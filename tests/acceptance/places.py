"""A room on any network as a person there sees it, in one form for all three networks."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TypeVar

from tests.servers.botapi import Chat
from tests.servers.botapi.accounts import Person as TelegramPerson
from tests.servers.botapi.messages import Message
from tests.servers.matrixevents import Body, Event, mapping, text_of
from tests.servers.person import Person
from tests.servers.sealedperson import SealedPerson
from tests.world import Browser, World

T = TypeVar("T")
Format = tuple[str, str]
"""What a format is called, and the words that bear it."""

SECONDS = 15.0
_TAGS = {
    "strong": "bold", "b": "bold", "em": "italic", "i": "italic", "u": "underline",
    "s": "strike", "del": "strike", "strike": "strike", "code": "code", "pre": "pre",
    "blockquote": "quote",
}  # fmt: skip
_ENTITIES = {
    "bold": "bold", "italic": "italic", "underline": "underline", "strikethrough": "strike",
    "code": "code", "pre": "pre", "blockquote": "quote", "spoiler": "spoiler",
    "text_link": "link", "url": "link",
}  # fmt: skip
_MSGTYPES = {"m.image": "photo", "m.video": "video", "m.audio": "audio", "m.file": "document"}
_FILES = ("photo", "animation", "video", "audio", "voice", "document")


@dataclass(frozen=True)
class Shown:
    """One message as it is shown now; `file` is where its bytes are."""

    id: str
    text: str
    formats: frozenset[Format] = frozenset()
    reply_to: str | None = None
    kind: str = "text"
    file: str = ""
    name: str = ""
    buttons: tuple[str, ...] = ()
    bot: bool = False
    """Whether Lianzhi posted it."""

    @property
    def words(self) -> str:
        """The text without the author's name before it."""
        return self.text.partition("：")[2] if self.bot and "：" in self.text else self.text


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.formats: set[Format] = set()
        self._open: list[tuple[str, str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "br":
            self.text += "\n"
            return
        kind = _TAGS.get(tag, "")
        if "data-mx-spoiler" in given:
            kind = "spoiler"
        elif "data-account" in given or "matrix.to" in (given.get("href") or ""):
            kind = "mention"
        elif tag == "a" and given.get("href"):
            kind = "link"
        if tag in ("p", "li", "h3", "h4", "pre", "blockquote", "tr") and self.text.strip():
            self.text = self.text.rstrip("\n") + "\n"
        self._open.append((tag, kind, len(self.text)))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            opened, kind, start = self._open.pop()
            if kind:
                self.formats.add((kind, self.text[start:].strip("\n")))
            if opened in ("p", "pre", "blockquote", "li", "tr", "h3", "h4"):
                self.text += "\n"
            if opened == tag:
                return

    def handle_data(self, data: str) -> None:
        self.text += data


def read_html(html: str) -> tuple[str, frozenset[Format]]:
    """The text of HTML, and its formats with their words."""
    reading = _Reading()
    reading.feed(html)
    reading.close()
    return reading.text.strip("\n"), frozenset(reading.formats)


class Place(ABC):
    """Somebody in a room of one network."""

    network: str
    room: str
    """`network:id`."""
    author: str
    """How the person is shown in the other rooms."""

    @abstractmethod
    async def say(self, text: str, *, reply_to: str | None = None, html: str = "") -> str:
        """Write; the message's id here. `html` holds b, i, u, s, code, pre, quotes, links."""

    @abstractmethod
    async def edit(self, target: str, text: str) -> None:
        """Change an own message."""

    @abstractmethod
    async def take_back(self, target: str) -> None:
        """Delete an own message in the way this network has."""

    @abstractmethod
    async def attach(self, kind: str, data: bytes, name: str, mime: str, caption: str = "") -> str:
        """Send a file; the message's id."""

    @abstractmethod
    async def choose(self, shown: Shown, number: int) -> None:
        """Take the choice with that number, in the way this network has."""

    @abstractmethod
    async def content(self, shown: Shown) -> bytes:
        """The bytes of the file that a message shows."""

    @abstractmethod
    async def until(self, found: Callable[[list[Shown]], T | None], seconds: float = SECONDS) -> T:
        """The first true value of `found` for what the room shows, now or later."""

    async def see(self, wanted: Callable[[Shown], bool], seconds: float = SECONDS) -> Shown:
        """The first message for which `wanted` holds."""
        return await self.until(lambda seen: next(filter(wanted, seen), None), seconds)

    async def see_text(self, words: str) -> Shown:
        """The first message that holds these words and that Lianzhi posted."""
        return await self.see(lambda shown: shown.bot and words in shown.text)

    async def all(self) -> list[Shown]:
        """What the room shows now."""
        return await self.until(lambda seen: [*seen, Shown("", "")])

    async def count(self, words: str) -> int:
        """How many messages of Lianzhi show these words."""
        return sum(shown.bot and words in shown.text for shown in await self.all())

    async def command(self, line: str, *, reply_to: str | None = None) -> Shown:
        """Type a command; what Lianzhi answers to it."""
        said = await self.say(line, reply_to=reply_to)
        return await self.see(lambda shown: shown.bot and shown.reply_to == said)


class TelegramPlace(Place):
    """Somebody in a Telegram chat."""

    network = "telegram"

    def __init__(
        self, world: World, chat: Chat, person: TelegramPerson, agency: str = "消防"
    ) -> None:
        self.world, self.chat, self.person = world, chat, person
        self.room = f"telegram:{chat.id}"
        self.author = f"【{agency}】{person.first_name}" if agency else person.first_name

    async def say(self, text: str, *, reply_to: str | None = None, html: str = "") -> str:
        entities: list[dict[str, object]] = []
        if html:
            text, entities = _entities(html)
        number = None if reply_to is None else int(reply_to)
        return str(self.chat.say(self.person, text, entities, reply_to=number).id)

    async def edit(self, target: str, text: str) -> None:
        self.chat.edit(int(target), text)

    async def take_back(self, target: str) -> None:
        self.chat.say(self.person, "/撤回", reply_to=int(target))

    async def attach(self, kind: str, data: bytes, name: str, mime: str, caption: str = "") -> str:
        sent = self.chat.send(self.person, kind, data, name=name, mime=mime, caption=caption)
        return str(sent.id)

    async def choose(self, shown: Shown, number: int) -> None:
        await self.chat.press(self.person, int(shown.id), shown.buttons[number - 1])

    async def content(self, shown: Shown) -> bytes:
        file = self.world.api.files.get(shown.file)
        assert file is not None
        return file.data

    async def until(self, found: Callable[[list[Shown]], T | None], seconds: float = SECONDS) -> T:
        try:
            return await self.world.api.until(
                lambda: found([_telegram(each) for each in self.chat.messages]), seconds
            )
        except TimeoutError:
            raise AssertionError(_listing(map(_telegram, self.chat.messages))) from None


class MatrixPlace(Place):
    """Somebody in a Matrix room."""

    network = "matrix"

    def __init__(
        self, world: World, room: str, person: Person, name: str = "Anna", agency: str = "环保"
    ) -> None:
        self.world, self.id, self.person = world, room, person
        self.room = f"matrix:{room}"
        self.author = f"【{agency}】{name}" if agency else name

    async def say(self, text: str, *, reply_to: str | None = None, html: str = "") -> str:
        plain = read_html(html)[0] if html else text
        return await self.person.say(self.id, plain, html=html or None, reply_to=reply_to)

    async def edit(self, target: str, text: str) -> None:
        await self.person.edit(self.id, target, text)

    async def take_back(self, target: str) -> None:
        await self.person.redact(self.id, target)

    async def attach(self, kind: str, data: bytes, name: str, mime: str, caption: str = "") -> str:
        msgtypes = {"photo": "m.image", "video": "m.video", "document": "m.file"}
        mxc = await self.person.upload(data, name, mime)
        content: Body = {
            "msgtype": msgtypes.get(kind, "m.audio"),
            "body": caption or name,
            "filename": name,
            "url": mxc,
            "info": {"mimetype": mime, "size": len(data)},
        }
        if kind == "voice":
            content["org.matrix.msc3245.voice"] = {}
        return await self.person.send(self.id, "m.room.message", content)

    async def choose(self, shown: Shown, number: int) -> None:
        await self.person.say(self.id, str(number), reply_to=shown.id)

    async def content(self, shown: Shown) -> bytes:
        return await self.person.download(shown.file)

    async def until(self, found: Callable[[list[Shown]], T | None], seconds: float = SECONDS) -> T:
        seen: list[Shown] = []
        query = {"timeout": "0"}
        try:
            async with asyncio.timeout(seconds):
                while True:
                    answer = await self.person.request("GET", "/sync", query=query)
                    query = {"timeout": "5000", "since": text_of(answer, "next_batch")}
                    seen = _matrix(
                        await self.person.timeline(self.id), self.world.matrix_bot.user_id
                    )
                    if value := found(seen):
                        return value
        except TimeoutError:
            raise AssertionError(_listing(seen)) from None


class SealedPlace(MatrixPlace):
    """Somebody in an encrypted Matrix room; files are encrypted too."""

    def __init__(self, world: World, room: str, person: SealedPerson) -> None:
        super().__init__(world, room, person)
        self.sealed = person

    async def attach(self, kind: str, data: bytes, name: str, mime: str, caption: str = "") -> str:
        msgtypes = {"photo": "m.image", "video": "m.video", "document": "m.file"}
        content: Body = {
            "msgtype": msgtypes.get(kind, "m.audio"),
            "body": caption or name,
            "filename": name,
            "file": await self.sealed.upload_sealed(data),
            "info": {"mimetype": mime, "size": len(data)},
        }
        if kind == "voice":
            content["org.matrix.msc3245.voice"] = {}
        return await self.sealed.send(self.id, "m.room.message", content)

    async def content(self, shown: Shown) -> bytes:
        timeline = await self.sealed.timeline(self.id)
        (event,) = [each for each in timeline if each.id == shown.id]
        return await self.sealed.download_sealed(mapping(event.content.get("file")))


class WebPlace(Place):
    """Somebody at the page of a web room."""

    network = "web"

    def __init__(self, world: World, browser: Browser, name: str, room: str = "post") -> None:
        self.world, self.browser = world, browser
        self.room = f"web:{room}"
        self.author = name

    async def say(self, text: str, *, reply_to: str | None = None, html: str = "") -> str:
        typed = _typed(html) if html else text
        number = None if reply_to is None else int(reply_to)
        return str(await self.browser.say(typed, reply_to=number))

    async def edit(self, target: str, text: str) -> None:
        await self.browser.do("edit", id=int(target), text=text, mentions=[])

    async def take_back(self, target: str) -> None:
        await self.browser.do("delete", id=int(target))

    async def attach(self, kind: str, data: bytes, name: str, mime: str, caption: str = "") -> str:
        url = self.world.bridge.web
        handle = await self.browser.upload(self.world.http, url, data, name, mime)
        return str(await self.browser.say(caption, files=(handle,)))

    async def choose(self, shown: Shown, number: int) -> None:
        event = self.browser.events[int(shown.id)]
        buttons = event["buttons"]
        assert isinstance(buttons, list)
        await self.browser.do("press", id=int(shown.id), token=buttons[number - 1]["token"])

    async def content(self, shown: Shown) -> bytes:
        async with self.world.http.get(f"{self.world.bridge.web}{shown.file}") as answer:
            assert answer.status == 200
            return await answer.read()

    async def until(self, found: Callable[[list[Shown]], T | None], seconds: float = SECONDS) -> T:
        value: list[T] = []

        def look() -> bool:
            seen = found(_web(self.browser.events))
            if seen:
                value.append(seen)
            return bool(seen)

        try:
            await self.browser.until(look, seconds)
        except TimeoutError:
            raise AssertionError(_listing(_web(self.browser.events))) from None
        return value[0]


def _telegram(message: Message) -> Shown:
    wide = message.text.encode("utf-16-le")
    formats: set[Format] = set()
    for entity in message.entities:
        start, length = entity["offset"], entity["length"]
        assert isinstance(start, int)
        assert isinstance(length, int)
        words = wide[2 * start : 2 * (start + length)].decode("utf-16-le")
        kind = str(entity["type"])
        formats.add((_ENTITIES.get(kind, "mention" if "mention" in kind else kind), words))
    kind = next((each for each in _FILES if each in message.content), "text")
    medium = message.content.get(kind)
    best = medium[-1] if isinstance(medium, list) else medium
    file = best if isinstance(best, dict) else {}
    return Shown(
        id=str(message.id),
        text=message.text,
        formats=frozenset(formats),
        reply_to=None if message.reply_to is None else str(message.reply_to),
        kind=kind,
        file=str(file.get("file_id", "")),
        name=str(file.get("file_name", "")),
        buttons=tuple(str(each["text"]) for row in message.buttons for each in row),
        bot=message.sender.is_bot,
    )


def _matrix(timeline: list[Event], bot: str) -> list[Shown]:
    now: dict[str, Mapping[str, object]] = {}
    first: dict[str, Event] = {}
    for event in timeline:
        if event.type != "m.room.message" or event.redacted:
            continue
        if event.replaces is None:
            now[event.id], first[event.id] = event.content, event
        elif event.replaces in first and first[event.replaces].sender == event.sender:
            now[event.replaces] = mapping(event.content.get("m.new_content"))
    shown = []
    for id, content in now.items():
        formatted = content.get("formatted_body")
        body = str(content.get("body", ""))
        text, formats = (
            read_html(formatted) if isinstance(formatted, str) else (body, frozenset[Format]())
        )
        kind = _MSGTYPES.get(str(content.get("msgtype")), "text")
        if "org.matrix.msc3245.voice" in content:
            kind = "voice"
        name = str(content.get("filename", ""))
        if kind != "text" and body == name:
            text = ""
        shown.append(
            Shown(
                id=id,
                text=text,
                formats=formats,
                reply_to=first[id].reply_to,
                kind=kind,
                file=str(content.get("url", "")),
                name=name,
                buttons=tuple(
                    line.partition(". ")[2]
                    for line in text.split("\n")
                    if line.partition(". ")[0].isdigit()
                ),
                bot=first[id].sender == bot,
            )
        )
    return shown


def _web(events: Mapping[int, dict[str, object]]) -> list[Shown]:
    shown = []
    for id in sorted(events):
        event = events[id]
        if event["kind"] == "deleted":
            continue
        text, formats = read_html(str(event.get("html", "")))
        if quote := mapping(event.get("quote")):
            formats |= {("quote", f"{quote['name']}：{read_html(str(quote['html']))[0]}")}
        author = mapping(event.get("author"))
        if event["kind"] == "relayed":
            agency = f"【{author['agency']}】" if author.get("agency") else ""
            text = f"{agency}{author['name']}：{text}"
        media = event.get("media")
        file = mapping(media[0]) if isinstance(media, list) and media else {}
        buttons = event.get("buttons")
        reply_to = event.get("reply_to")
        shown.append(
            Shown(
                id=str(id),
                text=text,
                formats=formats,
                reply_to=None if reply_to is None else str(reply_to),
                kind=text_of(file, "kind") or "text",
                file=text_of(file, "url"),
                name=text_of(file, "name"),
                buttons=tuple(str(each["label"]) for each in buttons)
                if isinstance(buttons, list)
                else (),
                bot=event["kind"] != "said",
            )
        )
    return shown


def _entities(html: str) -> tuple[str, list[dict[str, object]]]:
    """Text and Telegram entities of simple HTML in which no words occur twice."""
    text, formats = read_html(html)
    names = {value: key for key, value in _ENTITIES.items()} | {"link": "text_link"}
    made: list[dict[str, object]] = []
    for kind, words in sorted(formats):
        offset = len(text[: text.index(words)].encode("utf-16-le")) // 2
        length = len(words.encode("utf-16-le")) // 2
        entity: dict[str, object] = {"type": names[kind], "offset": offset, "length": length}
        if kind == "link":
            entity["url"] = "https://example.org/"
        made.append(entity)
    return text, made


def _typed(html: str) -> str:
    """What a person types at the page for simple HTML."""
    for tag, sign in (("b", "**"), ("i", "_"), ("u", "__"), ("s", "~~"), ("code", "`")):
        html = html.replace(f"<{tag}>", sign).replace(f"</{tag}>", sign)
    html = html.replace("<span data-mx-spoiler>", "||").replace("</span>", "||")
    html = html.replace('<a href="https://example.org/">', "[").replace(
        "</a>", "](https://example.org/)"
    )
    html = html.replace("<pre>", "\n```\n").replace("</pre>", "\n```\n")
    html = html.replace("<blockquote>", "\n> ").replace("</blockquote>", "\n")
    return html.strip("\n")


def _listing(seen: object) -> str:
    assert hasattr(seen, "__iter__")
    lines = [str(each)[:400] for each in seen]
    return "not seen; there is:\n" + "\n".join(lines[-12:])
