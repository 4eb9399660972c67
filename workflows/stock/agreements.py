"""Agreements of agencies to lend each other what they have."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from storage import UnitOfWork
from storage.tables import Agency, MutualAid
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.rules import one_line
from workflows.text import _

LONGEST_LEAD = timedelta(days=7)
LONGEST_NOTE = 200


def require(standing: Standing, one: Agency, other: Agency) -> None:
    """Raise `Refusal` (`agreement-not-yours`, `agreement-self`) unless the person may speak of
    what these two have agreed: administrators and the Liaison Officers of either."""
    if one.short == other.short:
        raise Refusal("agreement-self", _("An agency needs no agreement with itself."))
    if not (standing.admin or {one.short, other.short} & set(standing.liaison_of)):
        raise Refusal(
            "agreement-not-yours",
            _(
                "What {one} and {other} agree their Liaison Officers say, or an administrator.",
                one=one.name,
                other=other.name,
            ),
        )


async def agree(
    uow: UnitOfWork,
    one: Agency,
    other: Agency,
    *,
    lead: timedelta | None,
    until: date | None,
    note: str | None,
    standing: Standing,
    by: By,
    now: datetime,
    today: date,
) -> MutualAid:
    """From now on each lends to the other; `lead` is how long it takes until who is asked has
    agreed, `until` the last day. Takes the place of what they had. Raises `Refusal`."""
    require(standing, one, other)
    if lead is not None and not timedelta() <= lead <= LONGEST_LEAD:
        raise Refusal(
            "agreement-lead",
            _("Until it has agreed takes an agency {limit} at most.", limit=LONGEST_LEAD),
        )
    if until is not None and until < today:
        raise Refusal(
            "agreement-over", _("{day} is over: name a day to come.", day=until.isoformat())
        )
    words = None if note is None else one_line(note)[:LONGEST_NOTE]
    minutes = None if lead is None else round(lead.total_seconds() / 60)
    made = await uow.sources.agree(
        one.short,
        other.short,
        lead_minutes=minutes,
        until=until,
        note=words,
        made_at=now,
        made_by=by.person_id,
    )
    await uow.ledger.append(
        "agreement.made",
        now,
        actor=by.account,
        room=by.room,
        first=made.first,
        second=made.second,
        lead_minutes=minutes,
        until=None if until is None else until.isoformat(),
        note=words,
    )
    return made


async def end(
    uow: UnitOfWork, one: Agency, other: Agency, *, standing: Standing, by: By, now: datetime
) -> None:
    """They lend to each other no longer. Raises `Refusal` (`agreement-none`)."""
    require(standing, one, other)
    known = await uow.sources.agreement(one.short, other.short)
    if known is None:
        raise Refusal(
            "agreement-none",
            _("{one} and {other} have no agreement.", one=one.name, other=other.name),
        )
    await uow.sources.end(known)
    await uow.ledger.append(
        "agreement.ended",
        now,
        actor=by.account,
        room=by.room,
        first=known.first,
        second=known.second,
    )
