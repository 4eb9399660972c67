"""Who asks, where, and what a command may do besides answering."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Protocol
from zoneinfo import ZoneInfo

from handlers.document import Document
from handlers.posted import Files, Tables
from handlers.registry import Registry
from storage import UnitOfWork
from storage.tables import Incident
from workflows.authority import Standing
from workflows.briefings.weather import Weather
from workflows.geo.routes import Routes
from workflows.incidents.record import By
from workflows.incidents.scene import meant, rooms_of
from workflows.shelf import Shelf
from workflows.standing import standing
from workflows.text import Json


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who typed or pressed. `account` is `network:id`, never a display name."""

    account: str
    person_id: int
    name: str
    agency: str | None
    admin: bool


@dataclass(frozen=True, slots=True)
class Place:
    """The room in which it was typed."""

    id: str
    language: str
    title: str
    private: bool

    @property
    def network(self) -> str:
        """The network that the room is on."""
        return self.id.partition(":")[0]


class Scope(Enum):
    """Who reads the answer: the room and those linked to it, the room alone, or every room of
    the incident that the command was about."""

    LINKED = "linked"
    HERE = "here"
    INCIDENT = "incident"


class Actions(Protocol):
    """What a command can cause in rooms; all of it becomes rows of the same transaction."""

    def plain(self, content: Mapping[str, Json]) -> str:
        """The words of a message's content (`Message.content`) as plain text."""

    async def tell(
        self,
        uow: UnitOfWork,
        rooms: tuple[str, ...],
        document: Document,
        *,
        reply_to: int | None = None,
        urgent: bool = False,
    ) -> int:
        """Say something in rooms; the message's id. What is `urgent` overtakes all that waits."""

    async def show(self, uow: UnitOfWork, rooms: tuple[str, ...], document: Document) -> None:
        """Show a card (`document.card`): edited in place in each room where it stands already,
        said anew in the others."""

    async def tell_person(
        self,
        uow: UnitOfWork,
        person_id: int,
        document: Document,
        *,
        otherwise: tuple[str, ...] = (),
        urgent: bool = False,
    ) -> int | None:
        """Tell somebody in private, in the chat that is best; the message's id.

        Who has never written to us privately is told in the rooms `otherwise`, by a mention; None
        if there are none either.
        """

    async def erase(self, uow: UnitOfWork, message_id: int) -> tuple[str, ...]:
        """Take a message back wherever it stands, the original included; the rooms."""

    async def wake(self, uow: UnitOfWork, rooms: tuple[str, ...]) -> None:
        """Queued calls of these rooms can go on once the transaction is committed."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The web address at which other programs and printed codes reach this installation."""

    url: str
    """Without a slash at its end."""
    secret: bytes = field(repr=False)

    def link(self, *parts: str) -> str:
        """The address of a page or a hook."""
        return "/".join((self.url, *parts))

    def sign(self, *parts: str) -> str:
        """What proves that an address was given by us: 32 hexadecimal digits (HMAC-SHA-256)."""
        return hmac.new(self.secret, "\0".join(parts).encode(), sha256).hexdigest()[:32]

    def signed(self, shown: str, *parts: str) -> bool:
        """Whether that is the signature of these parts, in a time that tells nothing."""
        return hmac.compare_digest(self.sign(*parts).encode(), shown.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Means:
    """What an installation gives to its commands and timers, beside the store."""

    shelf: Shelf = field(default_factory=Shelf)
    files: Files | None = None
    """Contents of files that people posted (`handlers.posted`)."""
    weather: Weather | None = None
    """Forecasts, where a source is configured."""
    routes: Routes | None = None
    """Travel times by road, where a routing server is configured."""
    gate: Gate | None = None
    """The door for trackers, feeds and scanned codes, where one is configured."""
    tables: Tables = field(default_factory=Tables)


@dataclass
class Context:
    """Everything that a command is given. `scope` is the command's to narrow."""

    uow: UnitOfWork
    now: datetime
    zone: ZoneInfo
    actor: Actor
    place: Place
    registry: Registry[Context]
    actions: Actions
    reply_to: int | None = None
    """The message that the command was typed in reply to."""
    message: int | None = None
    """The message in which it was typed, or whose button was pressed."""
    scope: Scope = field(default=Scope.LINKED)
    named: int | None = None
    """The number of the incident that the command names, by itself or by the card it replies to."""
    means: Means = field(default_factory=Means)
    _incident: Incident | None = None

    def narrow(self) -> None:
        """The answer concerns only the room in which it was asked."""
        self.scope = Scope.HERE

    async def incident(self) -> Incident:
        """The incident that the command is about: the one it names, else the room's current one.

        Raises `Refusal` with those there are to choose from.
        """
        if self._incident is None:
            self._incident = await meant(self.uow, self.place.id, self.named)
        return self._incident

    def about(self, incident: Incident) -> Context:
        """The same person in the same room, but about another incident."""
        return replace(self, named=incident.id, _incident=incident)

    @property
    def about_number(self) -> int | None:
        """The number of the incident that the command was about, as far as it has asked."""
        return self.named if self._incident is None else self._incident.id

    async def incident_or_none(self) -> Incident | None:
        """As `incident`, None where there is none."""
        if self._incident is None and self.named is None:
            self._incident = await self.uow.incidents.current(self.place.id)
            return self._incident
        return await self.incident()

    async def standing(self, *, incident: bool = True) -> Standing:
        """What the person may do; with `incident` in the incident that the command is about, if
        there is one."""
        return await standing(
            self.uow,
            person_id=self.actor.person_id,
            admin=self.actor.admin,
            incident=await self.incident_or_none() if incident else None,
            room=self.place.id,
            private=self.place.private,
            now=self.now,
        )

    def by(self) -> By:
        """Who does it, for the record."""
        actor = self.actor
        return By(actor.person_id, actor.account, actor.name, actor.agency, self.place.id)

    async def rooms(self) -> tuple[str, ...]:
        """Every room that hears of the incident."""
        return await rooms_of(self.uow, (await self.incident()).id)
