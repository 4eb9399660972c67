"""Conversations beside a room's main one: topics of forums, threads on messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from storage.tables.base import Row, big, key, moment


class Thread(Row, table=True):
    """A conversation as people think of it, however many rooms have a place for it.

    `message_id` is the message that it hangs on, where it began as a thread on one.
    """

    __table_args__ = (Index("ix_thread_message_id", "message_id"),)

    id: int | None = key()
    title: str
    message_id: int | None = big(optional=True)
    made_at: datetime = moment()


class ThreadPlace(Row, table=True):
    """Where a thread is in a room: neither `remote` nor `opening` says that it has none there.

    `remote` is the network's id of it; until that is noted here it is the one of the message
    `opening`, by which it is opened there. One that is `gone` was closed or deleted.
    """

    __tablename__ = "thread_place"
    __table_args__ = (
        Index("ix_thread_place_room_remote", "room", "remote"),
        Index("ix_thread_place_opening", "opening"),
    )

    thread_id: int = big(primary=True)
    room: str = Field(primary_key=True)
    remote: str | None = None
    opening: int | None = big(optional=True)
    gone: bool = False


class Topic(Row, table=True):
    """What a network has told of a topic: its name, and whether the bot itself has opened it."""

    room: str = Field(primary_key=True)
    remote: str = Field(primary_key=True)
    title: str
    ours: bool = False
    at: datetime = moment()
