"""What proves that a room is not encrypted, so that a message may go there as it is."""

from __future__ import annotations

import pytest

from bot.transports.matrix.rooms import shows_open
from workflows.text import Json

CREATED: Json = {"type": "m.room.create", "state_key": "", "content": {}}
NAMED: Json = {"type": "m.room.name", "state_key": "", "content": {"name": "Pump"}}
SEALED: Json = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "x"}}


def held(state: Json, timeline: Json) -> dict[str, Json]:
    return {"state": {"events": state}, "timeline": {"events": timeline}}


@pytest.mark.parametrize(
    ("state", "timeline"), [([CREATED, NAMED], []), ([], [CREATED, NAMED]), ([CREATED], [NAMED])]
)
def test_the_whole_state_without_an_encryption_event_shows_it(state: Json, timeline: Json) -> None:
    assert shows_open(held(state, timeline))


@pytest.mark.parametrize(
    ("state", "timeline"),
    [
        ([NAMED], []),
        ([], []),
        ([CREATED, SEALED], []),
        ([CREATED], [NAMED, SEALED]),
        ([CREATED, {"type": "m.room.encryption"}], []),
        ([CREATED, {"type": ["m.room.encryption"]}], []),
        ([CREATED, 7], []),
        ({"type": "m.room.create"}, []),
    ],
)
def test_anything_less_or_stranger_does_not(state: Json, timeline: Json) -> None:
    assert not shows_open(held(state, timeline))
