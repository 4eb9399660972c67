"""One state change: one entry of the ledger and one line of the timeline, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, TimelineEntry
from workflows.text import Json, Msg


@dataclass(frozen=True, slots=True)
class By:
    """Who did something, from where. All None but `name`: Lianzhi itself, as by a timer."""

    person_id: int | None
    account: str | None
    name: str
    agency: str | None = None
    room: str | None = None


async def record(
    uow: UnitOfWork,
    incident: Incident,
    code: str,
    text: Msg | str,
    *,
    by: By,
    now: datetime,
    thing: str | None = None,
    changes: Mapping[str, Json] | None = None,
    at: datetime | None = None,
    message_id: int | None = None,
    original: Mapping[str, Json] | None = None,
    params: Mapping[str, Json] | None = None,
    author: By | None = None,
) -> TimelineEntry:
    """Write a state change into the ledger and the timeline.

    `code` is stable and dotted (`objective.made`); `text` is what the timeline says: a `Msg`, or
    a `str` of somebody's own words. `thing` is what changed within the incident (`O2`), None for
    the incident itself, `L` the entry of the timeline that this makes, and `changes` its fields as
    they are now: `workflows.incidents.replay` makes the state again from them. `params` say what
    is not a field, such as a reason. `at` is when it happened, if that was not now. Times among
    them are ISO 8601 texts (`iso`). `author` is whose words the timeline has, if not of `by`.
    """
    number = await uow.incidents.next_number(incident.id, "L")
    if thing == "L":
        thing = f"L{number}"
    whole = f"I{incident.id}" if thing is None else f"I{incident.id}-{thing}"
    teller = author or by
    entry = await uow.ledger.append(
        code,
        now,
        actor=by.account,
        room=by.room,
        incident=incident.id,
        thing=whole,
        changes=dict(changes or {}),
        **(params or {}),
    )
    return await uow.timeline.add(
        incident_id=incident.id,
        number=number,
        at=at or now,
        entered_at=now,
        kind=code,
        person_id=teller.person_id,
        name=teller.name or None,
        agency=teller.agency,
        room=teller.room,
        thing=thing,
        content={"text": text} if isinstance(text, str) else {"msg": text.to_json()},
        message_id=message_id,
        original=None if original is None else dict(original),
        ledger_seq=entry.seq,
    )


def said(entry: TimelineEntry) -> Msg | str:
    """What an entry of the timeline says."""
    text = entry.content.get("text")
    return text if isinstance(text, str) else Msg.from_json(entry.content["msg"])


def iso(at: datetime | None) -> str | None:
    """A moment as the ledger keeps it."""
    return None if at is None else at.isoformat()
