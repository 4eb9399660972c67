"""What people say and how it travels: rooms, messages, calls, timers, the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import BigKey, Row, json, key, moment, partial


class Cursor(Row, table=True):
    """How far a network has been read; advanced in the transaction of what was read."""

    network: str = Field(primary_key=True)
    value: str
    at: datetime = moment()


class Contact(Row, table=True):
    """When a network that forgets was surely heard last; noted every few minutes."""

    network: str = Field(primary_key=True)
    at: datetime = moment()


class InboxEntry(Row, table=True):
    """One update that was taken. A failed one keeps its payload and the error's reference."""

    __tablename__ = "inbox"

    id: int | None = key()
    key: str = Field(unique=True)
    room: str
    at: datetime = moment()
    taken_at: datetime = moment()
    error: str | None = None
    payload: dict[str, Any] | None = json(optional=True)


class Room(Row, table=True):
    """A place where people talk: `id` is `network:id`, a topic as `network:id/topic`.

    `encrypted` once its network has said that only those in it can read what is said there.
    `closed_at` while its network takes nothing for the topic, closed or deleted: since then what
    is for it goes to the main conversation.
    """

    id: str = Field(primary_key=True)
    language: str = "both"
    title: str = ""
    agency: str | None = None
    private: bool = False
    encrypted: bool = False
    language_set: bool = False
    lost: dict[str, Any] | None = json(optional=True)
    halted_until: datetime | None = moment(optional=True)
    closed_at: datetime | None = moment(optional=True)
    seen_at: datetime = moment()


class MovedRoom(Row, table=True):
    """A room that goes on under another id; the configuration may still name the old one."""

    __tablename__ = "moved_room"

    id: str = Field(primary_key=True)
    now: str


class Bridge(Row, table=True):
    """Rooms that hear each other."""

    id: int | None = key()
    name: str
    code: str | None = Field(default=None, unique=True)
    code_until: datetime | None = moment(optional=True)
    configured: bool = False
    made_by: str | None = None
    made_at: datetime = moment()


class BridgeRoom(Row, table=True):
    """A room's place in a bridge. A room may be in several; words do not travel on from one
    bridge to the next.

    While an encrypted room is `sealed`, nothing of it goes to the bridge's rooms that are not
    encrypted: until an administrator has confirmed it, `confirmed_at`. People in the bridge were
    told that last at `told_at`.
    """

    __tablename__ = "bridge_room"

    bridge_id: int = Field(primary_key=True, foreign_key="bridge.id")
    room: str = Field(primary_key=True, index=True)
    joined_at: datetime = moment()
    joined_by: str | None = None
    sealed: bool = False
    confirmed_at: datetime | None = moment(optional=True)
    confirmed_by: str | None = None
    told_at: datetime | None = moment(optional=True)


class Message(Row, table=True):
    """A message as people think of it, however many rooms show it.

    `content` is what was said last; `author` is None for what Lianzhi itself says; `thread`
    is the conversation that it is part of, if not the main one.
    """

    __table_args__ = (Index("ix_message_room_taken", "room", "taken_at"),)

    id: int | None = key()
    room: str
    account: str | None = None
    author: str | None = None
    agency: str | None = None
    content: dict[str, Any] = json()
    at: datetime = moment()
    taken_at: datetime = moment()
    reply_to: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    edits: int = 0
    deleted_at: datetime | None = moment(optional=True)
    thread: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))


class Copy(Row, table=True):
    """Where a message stands: the original (`origin`) or a relayed part of it.

    `remote` is the network's id, None until the network has answered. A part that is `gone` has
    been, or will be, taken back; its number is not used again. Nor is an edit shown by itself, so
    that its id is kept as such a part of the original's room. Of a message that joins several,
    it is the line number `slot`, and `line` is what that line shows.
    """

    __table_args__ = (
        Index("ix_copy_room_remote", "room", "remote", "slot", unique=True),
        Index("ix_copy_message_room", "message_id", "room", "part"),
    )

    id: int | None = key()
    message_id: int = Field(sa_column=Column(BigKey, nullable=False))
    room: str
    part: int = 0
    remote: str | None = None
    origin: bool = False
    gone: bool = False
    slot: int = 0
    line: dict[str, Any] | None = json(optional=True)


class Passage(Row, table=True):
    """Somebody who came, went or took another name, till the linked rooms are told.

    How they stood when the linked rooms were told last (`was_in`, `was_name`) and how they stand
    now; `removed` if it was somebody else who ended it.
    """

    room: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    was_in: bool
    was_name: str
    is_in: bool
    is_name: str
    removed: bool = False
    at: datetime = moment()


class ReactionRow(Row, table=True):
    """An emoji that somebody put on a message, in the room where it was done.

    `remote` is the network's own id of the reaction, where it has one.
    """

    __tablename__ = "reaction"
    __table_args__ = (Index("ix_reaction_remote", "remote"),)

    message_id: int = Field(sa_column=Column(BigKey, primary_key=True, autoincrement=False))
    account: str = Field(primary_key=True)
    emoji: str = Field(primary_key=True)
    room: str
    name: str
    remote: str | None = None
    at: datetime = moment()


class ReactionLine(Row, table=True):
    """The message (`line_id`) that tells a room of a message's reactions, where its network
    lets a bot show none but its own."""

    __tablename__ = "reaction_line"

    message_id: int = Field(sa_column=Column(BigKey, primary_key=True, autoincrement=False))
    room: str = Field(primary_key=True)
    line_id: int = Field(sa_column=Column(BigKey, nullable=False))


class OutboxRow(Row, table=True):
    """One call to a network that must be made: rendered, ordered, retried till it is settled.

    `state`: queued, sending (may have reached a network that cannot tell repeats), sent, dead
    (given up, people were told), dropped (taken back before it was sent). Rows that are, or were,
    sent as one message have the id of the first in `joined`.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        partial("ix_outbox_open", "room", "priority", "id", where="state IN ('queued', 'sending')"),
        partial("ix_outbox_dead", "id", where="state = 'dead'"),
        partial("ix_outbox_joined", "joined", where="state = 'sending'"),
        Index("ix_outbox_message", "message_id"),
        Index("ix_outbox_sent", "sent_at"),
        UniqueConstraint("txn"),
    )

    id: int | None = key()
    room: str
    priority: int
    action: str
    payload: dict[str, Any] = json()
    txn: str
    message_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    part: int = 0
    reply_to: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    origin_room: str | None = None
    state: str = "queued"
    joined: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    attempts: int = 0
    not_before: datetime | None = moment(optional=True)
    error: str | None = None
    received_at: datetime | None = moment(optional=True)
    made_at: datetime = moment()
    tried_at: datetime | None = moment(optional=True)
    sent_at: datetime | None = moment(optional=True)


class ButtonRow(Row, table=True):
    """A choice that was offered: pressing it runs `command`.

    `number` is its place in the list that networks without buttons show.
    """

    __tablename__ = "button"

    token: str = Field(primary_key=True)
    message_id: int = Field(sa_column=Column(BigKey, nullable=False, index=True))
    number: int
    command: str
    only: list[str] = json()
    answers_form: bool = False
    made_at: datetime = moment()


class FormRow(Row, table=True):
    """An open question to a person in a room."""

    __tablename__ = "form"
    __table_args__ = (UniqueConstraint("account", "room"),)

    id: int | None = key()
    room: str
    account: str
    state: dict[str, Any] = json()
    question_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    until: datetime = moment(index=True)


class Timer(Row, table=True):
    """Something to do at a moment, once: `kind` says what, `subject` to what."""

    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: int | None = key()
    kind: str
    subject: str
    due_at: datetime = moment(index=True)
    data: dict[str, Any] = json()


class LedgerEntry(Row, table=True):
    """One state change, chained to the one before by its hash."""

    __tablename__ = "ledger"

    seq: int = Field(sa_column=Column(BigKey, primary_key=True, autoincrement=False))
    at: datetime = moment()
    actor: str | None = None
    room: str | None = None
    code: str
    params: dict[str, Any] = json()
    before: str
    hash: str = Field(unique=True)


class Invite(Row, table=True):
    """A named person's way into a web room; revoked by setting `revoked_at`."""

    id: str = Field(primary_key=True)
    name: str
    room: str
    made_at: datetime = moment()
    until: datetime | None = moment(optional=True)
    revoked_at: datetime | None = moment(optional=True)


class WebEvent(Row, table=True):
    """What a web room shows, in order; `txn` makes a repeated delivery one event."""

    __tablename__ = "web_event"
    __table_args__ = (Index("ix_web_event_room_id", "room", "id"), UniqueConstraint("txn"))

    id: int | None = key()
    room: str
    txn: str
    account: str | None = None
    body: dict[str, Any] = json()
    at: datetime = moment()
    edited_at: datetime | None = moment(optional=True)
    deleted_at: datetime | None = moment(optional=True)


class UnreadEvent(Row, table=True):
    """An encrypted event (`id`, as its network calls it) whose key has not come: `body` is the
    event as JSON, in ASCII alone."""

    __tablename__ = "unread_event"

    id: str = Field(primary_key=True)
    room: str
    body: str
    at: datetime = moment(index=True)


class Setting(Row, table=True):
    """A value that the installation made for itself, such as its signing key."""

    name: str = Field(primary_key=True)
    value: str


class Lease(Row, table=True):
    """Which process leads, until `expires_at` by the database's clock; `token` only grows."""

    name: str = Field(primary_key=True)
    holder: str
    host: str
    pid: int
    token: int = Field(sa_column=Column(BigInteger, nullable=False))
    taken_at: datetime = moment()
    expires_at: datetime = moment()
