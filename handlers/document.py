"""What a reply is made of: a small tree that holds translatable messages.

A handler returns a `Document`; it never sends and never formats for a network.
`bot.speech` turns it into one room's language and network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from workflows.text import Json, Msg


@dataclass(frozen=True, slots=True)
class Bold:
    """Stands out."""

    inner: Inline


@dataclass(frozen=True, slots=True)
class Code:
    """To be typed or copied letter by letter; `zh` instead of `text` where Chinese is spoken."""

    text: str
    zh: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A person, by chat account (`telegram:123`), who is notified where the network can."""

    account: str
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """A web address with its text."""

    url: str
    inner: Inline


@dataclass(frozen=True, slots=True)
class Span:
    """Inline pieces one after the other, with nothing between them."""

    parts: tuple[Inline, ...]


Inline: TypeAlias = str | Msg | Bold | Code | Mention | Link | Span
"""A plain `str` is data (a name, a title) and is shown as typed in every language."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The first line of a document or of a part of it."""

    inner: Inline


@dataclass(frozen=True, slots=True)
class Para:
    """A line of its own."""

    inner: Inline


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without order."""

    items: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a head; networks without tables show a line for each row."""

    head: tuple[Inline, ...]
    rows: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words."""

    inner: Inline


Block: TypeAlias = Heading | Para | Bullets | Table | Quote


@dataclass(frozen=True, slots=True)
class Button:
    """A choice: pressing it runs `command`, a command line as a person would type it.

    `only` names the accounts that may press it; empty means anybody in the room, as far as
    the command itself allows it. With `answers_form` the text of `command` is taken as the
    answer to the question that the person's open form asks.
    """

    label: Inline
    command: str
    only: tuple[str, ...] = ()
    answers_form: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """What a card shows: `O2` of incident 3, or the incident itself (letter I, its number)."""

    incident: int
    letter: str
    number: int

    def __str__(self) -> str:
        whole = f"I{self.incident}"
        return whole if self.letter == "I" else f"{whole}-{self.letter}{self.number}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A picture or a file, made in each room's language after the document is said, which it
    follows as a message of its own; what a picture shows the document says in words, too.

    `template` is a Typst file of `handlers.printed` for the formats png and pdf, else the name of
    a maker in `handlers.printed.makers`. `data` is what it reads; a message in it (`lines`) becomes
    a list of its lines, one for each language of the room. `caption` stands under it. `name` is
    the file's, without its ending.
    """

    name: str
    template: str
    caption: Msg
    data: Mapping[str, Json]
    format: str = "png"

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.name}.{self.format}"

    def to_json(self) -> dict[str, Json]:
        """A JSON object from which `Paper.from_json` makes an equal paper."""
        return {
            "name": self.name,
            "template": self.template,
            "caption": self.caption.to_json(),
            "data": dict(self.data),
            "format": self.format,
        }

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Paper:
        """Read what `to_json` wrote; ValueError for anything else."""
        match value:
            case {
                "name": str(name),
                "template": str(template),
                "caption": caption,
                "data": dict(d),
                **more,
            }:
                form = str(more.get("format", "png"))
                return Paper(name, template, Msg.from_json(caption), d, form)
        raise ValueError("not a stored paper")


def lines(msg: Msg) -> Json:
    """A message among the data of a paper."""
    return {"msg": msg.to_json()}


@dataclass(frozen=True, slots=True)
class Document:
    """A whole reply, notice or card.

    With `card` it shows that thing: a command typed in reply to it means the thing, and
    `Actions.show` edits it in place from then on.
    """

    blocks: tuple[Block, ...]
    buttons: tuple[Button, ...] = ()
    card: Thing | None = None
    papers: tuple[Paper, ...] = ()


def say(text: Inline, *more: Inline, buttons: tuple[Button, ...] = ()) -> Document:
    """A document of one line for each argument."""
    return Document(tuple(Para(each) for each in (text, *more)), buttons)
