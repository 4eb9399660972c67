"""Who is on scene (ICS 211), and who of them has not been heard of for too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import CheckIn, Incident
from workflows.errors import Refusal
from workflows.incidents import rules
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import rooms_of, to_act_in
from workflows.text import Json, Msg, _, ngettext

SILENCE = timedelta(minutes=30)
SILENT = "roster.silent"
"""Timer of an incident, by its number: who on scene is not heard of is announced."""
"""How long somebody on scene may be silent before it is announced, unless it is set otherwise."""

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)

MOST_PEOPLE = 10_000
LONGEST_TEAM = 60


@dataclass(frozen=True, slots=True)
class Arrival:
    """What somebody says when checking in; None leaves it as it is."""

    people: int | None = None
    team: str | None = None
    eta: datetime | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """A check-in that is not over, with when the person was last heard of."""

    row: CheckIn
    name: str
    heard_at: datetime

    def on_the_way(self) -> bool:
        """Whether arrival was announced and not yet told."""
        return self.row.eta is not None

    def waited_for(self) -> datetime:
        """From when on silence counts."""
        return max(self.heard_at, self.row.eta or self.heard_at)


async def check_in(
    uow: UnitOfWork, number: int, told: Arrival, *, by: By, now: datetime
) -> CheckIn:
    """Somebody is on scene, or with `eta` on the way; who is already says what changed.

    Raises `Refusal`.
    """
    assert by.person_id is not None
    if told.people is not None and not 1 <= told.people <= MOST_PEOPLE:
        raise Refusal("checkin-people", _("Say 1 to {most} people.", most=MOST_PEOPLE))
    team = None if told.team is None else _team(told.team)
    incident = await to_act_in(uow, number)
    row = await uow.roster.present(incident.id, by.person_id)
    again = row is not None
    if row is None:
        row = await uow.roster.add(
            incident_id=incident.id,
            person_id=by.person_id,
            agency=by.agency,
            room=by.room,
            in_at=now,
            in_by=by.person_id,
            heard_at=now,
        )
    if row.eta is not None and told.eta is None:
        row.in_at = now
    row.people = told.people or row.people
    row.team = team or row.team
    row.eta, row.heard_at = told.eta, now
    if told.lat is not None:
        row.lat, row.lon = told.lat, told.lon
    await uow.roster.save(row)
    await record(
        uow,
        incident,
        "checkin.changed" if again else "checkin.in",
        told_of(by.name, row),
        by=by,
        now=now,
        thing=f"checkin {row.id}",
        changes=fields(row),
    )
    if await uow.timers.get(SILENT, str(incident.id)) is None:
        await uow.timers.set(SILENT, str(incident.id), now + SILENCE)
    return row


async def move(
    uow: UnitOfWork, number: int, lat: float, lon: float, *, by: By, now: datetime
) -> bool:
    """Note where somebody who is checked in is now; False for who is not. No entry is made."""
    assert by.person_id is not None
    row = await uow.roster.present(number, by.person_id)
    if row is None:
        return False
    row.lat, row.lon, row.heard_at = lat, lon, now
    await uow.roster.save(row)
    return True


async def check_out(uow: UnitOfWork, incident: Incident, *, by: By, now: datetime) -> CheckIn:
    """Somebody leaves, whatever the incident has become. Raises `Refusal`."""
    assert by.person_id is not None
    await uow.incidents.locked(incident.id)
    row = await uow.roster.present(incident.id, by.person_id)
    if row is None:
        raise Refusal(
            "checkout-none",
            _(
                "You are not checked in at {reference}. /checkin does that.",
                reference=f"I{incident.id}",
            ),
        )
    row.out_at, row.out_by = now, by.person_id
    await uow.roster.save(row)
    await record(
        uow,
        incident,
        "checkin.out",
        ngettext(
            "{name} checked out with {n} person",
            "{name} checked out with {n} people",
            row.people,
            name=by.name,
        ),
        by=by,
        now=now,
        thing=f"checkin {row.id}",
        changes=fields(row),
    )
    return row


async def present(uow: UnitOfWork, incident: Incident, now: datetime) -> list[Present]:
    """Everybody who is checked in, by agency and team."""
    rows = await uow.roster.all(incident.id)
    people = [row.person_id for row in rows if row.person_id is not None]
    oldest = min((row.heard_at for row in rows), default=now)
    heard = await uow.roster.heard(people, await rooms_of(uow, incident.id), oldest)
    shown = []
    for row in rows:
        person = None if row.person_id is None else await uow.people.person(row.person_id)
        name = row.name or (person.name if person is not None else "")
        wrote = None if row.person_id is None else heard.get(row.person_id)
        shown.append(Present(row, name, max(row.heard_at, wrote or row.heard_at)))
    return shown


def silent(everybody: Sequence[Present], silence: timedelta, now: datetime) -> list[Present]:
    """Those who have not been heard of for that long. Pure."""
    return [each for each in everybody if now - each.waited_for() >= silence]


def next_look(
    everybody: Sequence[Present], told: frozenset[int], silence: timedelta, now: datetime
) -> datetime:
    """When the next of those not told of can have been silent for too long. Pure."""
    due = [each.waited_for() + silence for each in everybody if each.row.id not in told]
    return max(min(due, default=now + silence), now + timedelta(minutes=1))


async def watch(uow: UnitOfWork, number: int, silence: timedelta, *, by: By, now: datetime) -> None:
    """Set how long people on scene may be silent. Raises `Refusal`."""
    if not SHORTEST <= silence <= LONGEST:
        raise Refusal(
            "roster-silence",
            _("Say {shortest} to {longest}.", shortest=SHORTEST, longest=LONGEST),
        )
    incident = await to_act_in(uow, number)
    await uow.timers.set(
        SILENT,
        str(incident.id),
        next_look(await present(uow, incident, now), frozenset(), silence, now),
        {"seconds": int(silence.total_seconds())},
    )
    await record(
        uow,
        incident,
        "checkin.watch",
        _("{name}: who is silent for {time} on scene is announced", name=by.name, time=silence),
        by=by,
        now=now,
        thing="roster",
        changes={"seconds": int(silence.total_seconds())},
    )


def fields(row: CheckIn) -> dict[str, Json]:
    """A check-in as the ledger keeps it."""
    made: dict[str, Json] = {}
    for name, value in row.model_dump(exclude={"id", "incident_id"}).items():
        made[name] = iso(value) if isinstance(value, datetime) else value
    # Degrees are texts in the record: RFC 8785 leaves no doubt about those.
    for name in ("lat", "lon"):
        degrees = getattr(row, name)
        made[name] = None if degrees is None else f"{degrees:.6f}"
    return made


def _team(typed: str) -> str:
    shown = rules.one_line(typed)
    return rules.worded(
        shown,
        LONGEST_TEAM,
        "checkin-team",
        _("A team's name has 1 to {limit} characters, with letters.", limit=LONGEST_TEAM),
    )


def told_of(name: str, row: CheckIn) -> Msg:
    """What is said of a check-in."""
    who = ngettext("{name} and {n} other", "{name} and {n} others", row.people - 1, name=name)
    whom: Msg | str = name if row.people == 1 else who
    if row.eta is not None:
        return _("{who} on the way, expected {time}", who=whom, time=row.eta)
    if row.team is not None:
        return _("{who} checked in, team {team}", who=whom, team=row.team)
    return _("{who} checked in", who=whom)
