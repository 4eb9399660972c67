"""What a meeting needs, as the record has it: ready, or missing with what to do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Incident, Meeting
from workflows.objectives.service import lacks
from workflows.organisation.chart import Seat
from workflows.organisation.scene import scene
from workflows.periods.cycle import MINUTES
from workflows.periods.meetings import title
from workflows.text import Msg, _, ngettext

FRESH = timedelta(hours=12)
"""Of a situation report or of what was said about an objective."""


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that a meeting needs: what there is, or what is missing and how to bring it."""

    ready: bool
    text: Msg


@dataclass(frozen=True, slots=True)
class _Asked:
    uow: UnitOfWork
    incident: Incident
    now: datetime


async def look(
    uow: UnitOfWork, incident: Incident, meeting: Meeting, now: datetime
) -> tuple[Input, ...]:
    """The inputs of a meeting, in the order of its cycle."""
    asked = _Asked(uow, incident, now)
    found: list[Input] = []
    for code in map(str, meeting.plan["inputs"]):
        if code.startswith(MINUTES):
            found += await _minutes(asked, meeting, code.removeprefix(MINUTES))
        elif (about := LOOKS.get(code)) is not None:
            found.append(await about(asked))
    return tuple(found)


async def _minutes(asked: _Asked, meeting: Meeting, kind: str) -> list[Input]:
    for each in await asked.uow.periods.meetings_of(meeting.period_id):
        if each.kind == kind:
            if each.minuted_at is not None:
                return [Input(True, _("Minutes of the {meeting}", meeting=title(each)))]
            text = _(
                "Minutes of the {meeting} are missing: /meeting minutes TEXT meeting={number}",
                meeting=title(each),
                number=f"M{each.number}",
            )
            return [Input(False, text)]
    return []


async def _assessment(asked: _Asked) -> Input:
    found = await asked.uow.assessments.latest(asked.incident.id)
    if found is None:
        return Input(False, _("Initial assessment is missing: /incident assess"))
    if found.confirmed_at is None:
        return Input(False, _("Initial assessment waits for confirmation: {reference}",
                              reference=f"A{found.id}"))  # fmt: skip
    return Input(True, _("Initial assessment of {time}", time=found.made_at))


async def _objectives(asked: _Asked) -> Input:
    known = await asked.uow.objectives.all(asked.incident.id, open_only=True)
    if not known:
        return Input(False, _("Objectives are missing: /objective new TEXT by=TIME"))
    vague = tuple(f"O{each.number}" for each in known if lacks(each))
    if vague:
        return Input(
            False,
            _("Objectives {references} lack something: /objective set", references=vague),
        )
    return Input(True, ngettext("{n} open objective", "{n} open objectives", len(known)))


async def _progress(asked: _Asked) -> Input:
    known = await asked.uow.objectives.all(asked.incident.id, open_only=True)
    silent = []
    for each in known:
        assert each.id is not None
        told = [each.made_at] + [
            change.at
            for change in await asked.uow.objectives.history(each.id)
            if "progress" in change.after
        ]
        if asked.now - max(told) > FRESH:
            silent.append(f"O{each.number}")
    if silent:
        return Input(
            False,
            _(
                "Nobody has said for {hours} hours how far {references} are: /objective progress",
                hours=int(FRESH.total_seconds() // 3600),
                references=tuple(silent),
            ),
        )
    return Input(True, _("Progress of the objectives is known"))


async def _organisation(asked: _Asked) -> Input:
    there = await scene(asked.uow, asked.incident, asked.now)
    chief = Seat("operations")
    if not there.holders(chief):
        return Input(
            False, _("Nobody is {title}: /role assign operations @person", title=chief.title)
        )
    held = {person.id for _position, person in there.held}
    return Input(
        True,
        ngettext("Organisation: {n} person holds positions",
                 "Organisation: {n} people hold positions", len(held)),
    )  # fmt: skip


async def _orders(asked: _Asked) -> Input:
    known = await asked.uow.orders.all(asked.incident.id, open_only=True)
    late = tuple(
        f"T{each.number}" for each in known if each.due is not None and each.due < asked.now
    )
    if late:
        return Input(False, _("Orders are overdue: {references}", references=late))
    return Input(True, ngettext("{n} open order", "{n} open orders", len(known)))


async def _requests(asked: _Asked) -> Input:
    known = await asked.uow.requests.all(asked.incident.id, open_only=True)
    late = tuple(
        f"R{each.number}"
        for each in known
        if each.needed_by is not None and each.needed_by < asked.now
    )
    if late:
        return Input(False, _("Requests are overdue: {references}", references=late))
    return Input(True, ngettext("{n} open request", "{n} open requests", len(known)))


async def _resources(asked: _Asked) -> Input:
    known = await asked.uow.resources.all(asked.incident.id, here_only=True)
    if not known:
        return Input(False, _("No unit is listed: /resource new"))
    return Input(True, ngettext("{n} unit listed", "{n} units listed", len(known)))


async def _sitreps(asked: _Asked) -> Input:
    newest = await asked.uow.sitreps.latest(asked.incident.id)
    if newest is None:
        return Input(False, _("Situation report is missing: /sitrep"))
    if asked.now - newest.made_at > FRESH:
        return Input(
            False,
            _("The last situation report, {reference}, is of {time}: /sitrep",
              reference=f"S{newest.number}", time=newest.made_at),
        )  # fmt: skip
    return Input(
        True,
        _("Situation report {reference} of {time}",
          reference=f"S{newest.number}", time=newest.made_at),
    )  # fmt: skip


async def _safety(asked: _Asked) -> Input:
    newest = await asked.uow.safety.current(asked.incident.id)
    if newest is None:
        return Input(False, _("Safety message is missing: /safety TEXT"))
    return Input(True, _("Safety message of {time}", time=newest.made_at))


async def _hazards(asked: _Asked) -> Input:
    known = await asked.uow.safety.hazards(asked.incident.id, open_only=True)
    bare = tuple(f"H{each.number}" for each in known if not each.mitigation)
    if bare:
        return Input(
            False, _("Hazards without a mitigation: {references}: /safety hazard", references=bare)
        )
    if not known:
        return Input(False, _("Safety analysis is missing: /safety hazard TEXT mitigation=TEXT"))
    return Input(True, ngettext("{n} hazard with its mitigation",
                                "{n} hazards with their mitigations", len(known)))  # fmt: skip


async def _comms(asked: _Asked) -> Input:
    known = await asked.uow.comms.lines(asked.incident.id)
    if not known:
        return Input(False, _("Communications plan is missing: /comms add"))
    return Input(True, ngettext("Communications plan: {n} line", "Communications plan: {n} lines",
                                len(known)))  # fmt: skip


LOOKS: Mapping[str, Callable[[_Asked], Awaitable[Input]]] = {
    "assessment": _assessment,
    "objectives": _objectives,
    "progress": _progress,
    "organisation": _organisation,
    "orders": _orders,
    "requests": _requests,
    "resources": _resources,
    "sitreps": _sitreps,
    "safety": _safety,
    "hazards": _hazards,
    "comms": _comms,
}
