"""Who has a calendar feed of an incident: one for each person, by a token that nobody can guess."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from storage import UnitOfWork
from workflows.incidents.record import By

BYTES = 32
"""Of chance in a token."""


def digest(token: str) -> str:
    """What is stored of a token: whoever reads the database cannot read the feed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


async def open_(
    uow: UnitOfWork, incident_id: int, person_id: int, language: str, *, by: By, now: datetime
) -> str:
    """The token of a new feed; an earlier one of that person for the incident ends."""
    await end(uow, incident_id, person_id, by=by, now=now)
    token = secrets.token_urlsafe(BYTES)
    await uow.periods.add_feed(digest(token), incident_id, person_id, language, now)
    await uow.ledger.append(
        "calendar.opened", now, actor=by.account, room=by.room,
        incident=incident_id, person=person_id,
    )  # fmt: skip
    return token


async def end(uow: UnitOfWork, incident_id: int, person_id: int, *, by: By, now: datetime) -> bool:
    """No feed of that person for the incident can be read any more; False if there was none."""
    known = await uow.periods.feeds_of(incident_id, person_id)
    for feed in known:
        feed.ended_at = now
    await uow.periods.save(*known)
    if known:
        await uow.ledger.append(
            "calendar.ended", now, actor=by.account, room=by.room,
            incident=incident_id, person=person_id,
        )  # fmt: skip
    return bool(known)
