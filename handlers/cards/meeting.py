"""A meeting as people see it: its card, its line in a list, the reminder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Document,
    Heading,
    Inline,
    Mention,
    Para,
    Span,
    Thing,
)
from storage import UnitOfWork
from storage.tables import Incident, Meeting
from workflows.organisation.positions import ROLES
from workflows.periods import inputs
from workflows.periods.meetings import Attendee, attendees, title
from workflows.periods.rules import MEETING_STATES, Held
from workflows.text import Msg, _, either

SIGNS: Mapping[Held, str] = {
    Held.PLANNED: "🗓️",
    Held.HELD: "✅",
    Held.SKIPPED: "⏭️",
    Held.MISSED: "⚠️",
    Held.CANCELLED: "✖️",
}


def line(meeting: Meeting) -> Inline:
    """A meeting on one line."""
    state = Held(meeting.state)
    parts: list[Inline] = [
        f"{SIGNS[state]} ",
        Bold(f"M{meeting.number}"),
        " ",
        _("{time} {meeting}", time=meeting.at, meeting=title(meeting)),
    ]
    if state is not Held.PLANNED:
        parts += [" · ", MEETING_STATES[state]]
    if meeting.reason is not None:
        parts += [_(": "), meeting.reason]
    if state is Held.HELD and meeting.minuted_at is None:
        parts += [" · ", _("no minutes yet")]
    return Span(tuple(parts))


async def card(
    uow: UnitOfWork,
    incident: Incident,
    meeting: Meeting,
    now: datetime,
    *,
    first: Inline | None = None,
    people: Sequence[Attendee] | None = None,
) -> Document:
    """When, who, about what, with what is ready and what is missing; `first` stands above it.
    `people` are those who must attend, where that is known."""
    blocks: list[Block] = [] if first is None else [Para(first)]
    period = await uow.periods.by_id(meeting.period_id)
    assert period is not None
    minutes = int(meeting.plan["minutes"])
    blocks.append(
        Heading(
            Span(
                (
                    f"{SIGNS[Held(meeting.state)]} ",
                    _("{meeting} {reference}", meeting=title(meeting),
                      reference=f"M{meeting.number}"),
                )
            )
        )
    )  # fmt: skip
    blocks.append(
        Para(
            _("{time}, {length}, for {period}", time=meeting.at,
              length=timedelta(minutes=minutes), period=f"P{period.number}")
        )
    )  # fmt: skip
    if meeting.state != Held.PLANNED:
        state: Inline = MEETING_STATES[Held(meeting.state)]
        reason = () if meeting.reason is None else (_(": "), meeting.reason)
        blocks.append(Para(Span((state, *reason))))
    elif meeting.at != meeting.planned_at:
        blocks.append(Para(_("Moved from {time}", time=meeting.planned_at)))
    if people is None:
        people = await attendees(uow, incident, meeting, now)
    blocks += _people(people, meeting)
    agenda = meeting.plan["agenda"]
    if agenda:
        blocks.append(Para(Bold(_("Agenda:"))))
        blocks.append(Bullets(tuple(either(str(each["zh"]), str(each["en"])) for each in agenda)))
    if meeting.state == Held.PLANNED or meeting.at > now - timedelta(hours=1):
        blocks += needed(await inputs.look(uow, incident, meeting, now))
    return Document(
        tuple(blocks), steps(incident, meeting), card=Thing(incident.id, "M", meeting.number)
    )


def _people(people: Sequence[Attendee], meeting: Meeting) -> list[Block]:
    chair = next((each for each in people if each.chair), None)
    blocks: list[Block] = []
    if chair is None:
        role = ROLES.get(str(meeting.plan["chair"]))
        if role is not None:
            blocks.append(Para(_("Nobody is there to chair it: {title}", title=role.title)))
    else:
        blocks.append(Para(_("Chair: {name}", name=_named(chair))))
    others = tuple(_named(each) for each in people if not each.chair)
    if others:
        blocks.append(Para(_("Must attend: {names}", names=others)))
    return blocks


def _named(who: Attendee) -> Msg:
    return _(
        "{name} ({titles})", name=who.person.name, titles=tuple(each.title for each in who.seats)
    )


def needed(found: Sequence[inputs.Input]) -> list[Block]:
    """What a meeting needs: the missing first, since something can be done about it."""
    if not found:
        return []
    ordered = sorted(found, key=lambda each: each.ready)
    ready = sum(each.ready for each in found)
    return [
        Para(Bold(_("Ready: {ready} of {n}", ready=ready, n=len(found)))),
        Bullets(tuple(Span(("✅ " if each.ready else "❗ ", each.text)) for each in ordered)),
    ]


def steps(incident: Incident, meeting: Meeting) -> tuple[Button, ...]:
    """What is usually done about a meeting."""
    me = f"M{meeting.number} incident=I{incident.id}"
    late = Button(
        _("30 min later"), f"/meeting move M{meeting.number} later incident=I{incident.id}"
    )
    move = Button(_("Another time"), f"/meeting move {me}")
    minutes = Button(
        _("Minutes"), f"/meeting minutes meeting=M{meeting.number} incident=I{incident.id}"
    )
    skip = Button(_("Skip"), f"/meeting skip {me}")
    match Held(meeting.state):
        case Held.PLANNED:
            return (late, move, skip, minutes)
        case Held.HELD | Held.MISSED:
            return (minutes, move) if meeting.minuted_at is None else (minutes,)
        case Held.SKIPPED:
            return (move,)
        case Held.CANCELLED:
            return ()


async def mentions(uow: UnitOfWork, people: Sequence[Attendee]) -> Inline:
    """Those people, so that they are notified where the network can."""
    parts: list[Inline] = []
    for each in people:
        assert each.person.id is not None
        accounts = await uow.people.accounts(each.person.id)
        parts += [" ", Mention(accounts[0].id, each.person.name) if accounts else each.person.name]
    return Span(tuple(parts[1:]))


def open_button(incident: Incident, meeting: Meeting) -> Button:
    """The meeting's card."""
    return Button(title(meeting), f"/meeting show M{meeting.number} incident=I{incident.id}")


def calendar_button(incident: Incident) -> Button:
    """The file for the calendar of a phone."""
    return Button(_("Calendar"), f"/meeting calendar incident=I{incident.id}")
