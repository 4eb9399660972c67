"""Names that the program shows can be typed as they are shown, without quotation marks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.integration.dispatch.desk import B, Desk
from tests.integration.dispatch.test_incidents import last
from tests.integration.dispatch.test_periods import ready


@pytest.fixture
async def flood(each_desk: Desk) -> Desk:
    """An incident, an agency, a team and a person whose names have a space."""
    await ready(each_desk)
    await each_desk.say(B, "hello", by="anna lee")
    await each_desk.say(B, "/agency new “Fire Brigade” short=FB", by="admin")
    await each_desk.say(B, "/checkin team=“Pump Team 2” people=4", by="han")
    await each_desk.say(B, "/period start")
    return each_desk


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/sitrep due Fire Brigade every=4h", "FB"),
        ("/sitrep due pump team 2 every=4h", "Pump Team 2"),
        ("/brief schedule at=07:30 to=Anna Lee", "Anna lee"),
        ("/meeting move tactics meeting 15:30", "moved the tactics meeting"),
        ("/meeting postpone tactics meeting 1h", "moved the tactics meeting"),
        ("/meeting skip tactics meeting all agreed", "Reason: all agreed"),
    ],
)
async def test_a_name_with_a_space_needs_no_quotation_marks(
    flood: Desk, typed: str, said: str
) -> None:
    before = len(flood.texts(B))
    await flood.say(B, typed)
    new = flood.texts(B)[before:]
    assert any(said in each for each in new), new


async def test_a_form_takes_a_name_with_a_space(flood: Desk) -> None:
    await flood.say(B, "/order new")
    assert "To whom" in last(flood, B)
    await flood.say(B, "Anna Lee")
    assert "What" in last(flood, B)
    await flood.say(B, "hold the north dike")
    assert "Anna lee" in last(flood, B)


@contextmanager
def asked() -> Iterator[list[str]]:
    """The questions that the database is asked about names in a text."""
    found: list[str] = []

    def note(_on: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "check_in.team" in statement and "UNION" in statement:
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_talk_is_not_searched_for_names(flood: Desk) -> None:
    with asked() as found:
        await flood.say(B, "Anna Lee goes to the Fire Brigade")
        await flood.say(B, "/status")
        assert found == []
        await flood.say(B, "/log Anna Lee arrived")
        assert len(found) == 1


async def test_names_are_found_in_any_case_and_only_those_that_are_said(flood: Desk) -> None:
    async with flood.world.store.read() as uow:
        assert await uow.people.spoken("/x fire  brigade ANNA LEE") == ("Fire Brigade", "Anna lee")
        assert await uow.people.spoken("/x Pump Team 2, Anna Lee", 1) == ("Pump Team 2",)
        assert await uow.people.spoken("/x Anna Lem") == ()
        assert await uow.people.spoken("/status") == ()
