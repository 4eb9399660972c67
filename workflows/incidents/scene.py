"""Which incident is meant, and whether something may still be done in it."""

from __future__ import annotations

from storage import UnitOfWork
from storage.tables import Incident
from workflows.errors import Refusal
from workflows.incidents.rules import OVER, State, one_line
from workflows.text import _

OFFERED = 5
"""How many incidents are named to somebody who has to say which."""

TITLE, LABEL = 60, 20
"""Characters of a title that tell an incident from others: in a line, and on a button."""


async def meant(uow: UnitOfWork, room: str, number: int | None) -> Incident:
    """The incident of that number, or else the current one of the room. Raises `Refusal`."""
    if number is not None:
        found = await uow.incidents.get(number)
        if found is None:
            raise Refusal(
                "incident-unknown",
                _(
                    "There is no incident {reference}. /incident list shows those there are.",
                    reference=f"I{number}",
                ),
            )
        return found
    current = await uow.incidents.current(room)
    if current is None:
        raise await _which(uow)
    return current


async def _which(uow: UnitOfWork) -> Refusal:
    """A room has no incident: the open ones, the newest first, each to be chosen by a tap."""
    open_ = await uow.incidents.open(OFFERED + 1)
    if not open_:
        return Refusal(
            "incident-none",
            _("There is no incident here yet. /incident new TITLE declares one."),
        )
    shown = open_[:OFFERED]
    text = _(
        "Which incident? This room has none. Open ones: {incidents}. Choose with /incident use "
        "{example}, or name it with what you type.",
        incidents=tuple(f"I{each.id} {one_line(each.title)[:TITLE]}" for each in shown),
        example=f"I{shown[0].id}",
    )
    if len(open_) > OFFERED:
        text = _("{text} There are more: /incident list.", text=text)
    return Refusal("incident-none", text, [choice(each) for each in shown])


def choice(incident: Incident) -> tuple[str, str]:
    """How an incident is chosen for a room: what the button says, and its command line."""
    title = one_line(incident.title)
    short = title if len(title) <= LABEL else title[: LABEL - 1] + "…"
    return f"I{incident.id} {short}", f"/incident use I{incident.id}"


async def to_act_in(uow: UnitOfWork, number: int) -> Incident:
    """The incident, held for this transaction, if something can still happen in it.

    Raises `Refusal` (`incident-over`).
    """
    found = await uow.incidents.locked(number)
    assert found is not None
    if found.state not in OVER:
        return found
    raise over(found)


def over(found: Incident) -> Refusal:
    """Why nothing more happens in an incident, and what to do instead."""
    if found.state == State.MERGED:
        text = _(
            "{reference} was merged into {other}. Do it there: /incident use {other}.",
            reference=f"I{found.id}",
            other=f"I{found.merged_into}",
        )
    else:
        text = _(
            "{reference} is closed. Its commander can reopen it: /incident reopen REASON.",
            reference=f"I{found.id}",
        )
    return Refusal("incident-over", text)


async def rooms_of(uow: UnitOfWork, incident_id: int) -> tuple[str, ...]:
    """Every room that hears of the incident, by itself or by a bridge."""
    return tuple(await uow.incidents.heard(incident_id))
