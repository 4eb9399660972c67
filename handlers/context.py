"""Who asks, where, and what a command may do besides answering."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol
from zoneinfo import ZoneInfo

from handlers.document import Document
from handlers.registry import Registry
from storage import UnitOfWork


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
    """Who reads the answer."""

    LINKED = "linked"
    HERE = "here"


class Actions(Protocol):
    """What a command can cause in rooms; all of it becomes rows of the same transaction."""

    async def tell(
        self,
        uow: UnitOfWork,
        rooms: tuple[str, ...],
        document: Document,
        *,
        reply_to: int | None = None,
    ) -> int:
        """Say something in rooms; the message's id."""

    async def erase(self, uow: UnitOfWork, message_id: int) -> tuple[str, ...]:
        """Take a message back wherever it stands, the original included; the rooms."""

    async def wake(self, uow: UnitOfWork, rooms: tuple[str, ...]) -> None:
        """Queued calls of these rooms can go on once the transaction is committed."""


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
    scope: Scope = field(default=Scope.LINKED)

    def narrow(self) -> None:
        """The answer concerns only the room in which it was asked."""
        self.scope = Scope.HERE
