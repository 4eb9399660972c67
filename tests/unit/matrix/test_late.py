"""What was encrypted and is read once its key has come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.richtext import Html
from bot.transports.base import UNREAD, UNREADABLE, Content, Edited, Said
from bot.transports.matrix.client import Client
from bot.transports.matrix.reading import LATE_TRIES, Reader
from bot.transports.matrix.rooms import Rooms
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.shapes import Body, mapping
from storage import Store
from tests.unit.delivery.world import START

ROOM, EVENT, OTHER = "!r:example.org", "$late", "$answered"
ANSWERS: Body = {"m.in_reply_to": {"event_id": OTHER}}


class Keyed(Client):
    """Its keys are here or not; a homeserver that answers with nonsense `broken` times."""

    keys = False
    broken = 0
    event: Body | None = None
    """What is fetched."""

    def opened(self, room: str, raw: Body) -> Body | None:
        relation = mapping(raw["content"])["m.relates_to"]
        content: Body = {"msgtype": "m.text", "body": "2 boats", "m.relates_to": relation}
        return {**raw, "type": "m.room.message", "content": content} if self.keys else None

    async def call(self, *_args: Any, **_options: Any) -> Body:
        if self.broken:
            self.broken -= 1
            raise ValueError("nonsense")
        return self.event or {}


@pytest.fixture
async def client(tmp_path: Path) -> Keyed:
    """No call is made over a network."""
    settings = MatrixSettings(
        homeserver="https://example.org",
        user_id="@bot:example.org",
        access_token=SecretStr("t"),
        encryption=False,
    )
    return Keyed(settings, tmp_path)


@pytest.fixture
async def reader(client: Keyed, ready_sqlite_url: str) -> AsyncIterator[Reader]:
    """One event, an answer, has been read without its key."""
    store, rooms = await Store.open(ready_sqlite_url), Rooms()
    rooms.get(ROOM).encrypted = True
    made = Reader(client, rooms, store, lambda: START)
    found = await made.read(ROOM, sealed(EVENT, ANSWERS))
    assert found is not None
    assert isinstance(found.event, Said)
    assert (found.event.content.uncarried, found.event.reply_to) == (UNREAD, OTHER)
    yield made
    await store.close()


def sealed(event_id: str, relation: Body) -> Body:
    """An encrypted event."""
    return {
        "type": "m.room.encrypted",
        "event_id": event_id,
        "sender": "@li:example.org",
        "origin_server_ts": 0,
        "content": {"ciphertext": "x", "m.relates_to": relation},
    }


async def late(reader: Reader) -> list[Edited]:
    """What a sync reads late; its batch is stored."""
    found = [each.event for each in await reader.late()]
    reader.waiting.taken()
    assert all(isinstance(each, Edited) for each in found)
    return [each for each in found if isinstance(each, Edited)]


async def test_words_that_cannot_be_read_at_once_are_not_forgotten(
    reader: Reader, client: Keyed
) -> None:
    """They are read at a later sync, once."""
    assert await late(reader) == []
    client.keys, client.broken = True, LATE_TRIES - 1
    for _sync in range(LATE_TRIES - 1):
        assert await late(reader) == []
    assert [(each.target, each.content.text) for each in await late(reader)] == [(EVENT, "2 boats")]
    assert await late(reader) == []


async def test_words_that_can_never_be_read_are_called_so(reader: Reader, client: Keyed) -> None:
    """Their stand-in says it from then on."""
    client.keys, client.broken = True, 100
    for _sync in range(LATE_TRIES - 1):
        assert await late(reader) == []
    assert [each.content.uncarried for each in await late(reader)] == [UNREADABLE]
    assert await late(reader) == []


async def test_an_edit_that_is_taken_back_leaves_no_guess_at_words_whose_key_is_lost(
    reader: Reader, client: Keyed
) -> None:
    """Neither the withdrawn wording stays nor an older one than the last that was meant."""
    replaces: Body = {"rel_type": "m.replace", "event_id": EVENT}
    client.keys, client.event = True, sealed(EVENT, ANSWERS)
    edit = await reader.read(ROOM, sealed("$second", replaces))
    assert edit is not None
    assert isinstance(edit.event, Edited)
    assert (edit.event.edit, edit.event.content.text) == ("$second", "2 boats")
    client.keys = False
    first = sealed("$first", replaces)
    client.event = {**client.event, "unsigned": {"m.relations": {"m.replace": first}}}
    redaction: Body = {"redacts": "$second"}
    taken = {**sealed("$taken", {}), "type": "m.room.redaction", "content": redaction}
    restored = await reader.read(ROOM, taken)
    assert restored is not None
    assert restored.event == Edited(EVENT, Content(Html(""), uncarried=UNREAD))
