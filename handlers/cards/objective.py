"""An objective as people see it: its card, its line in a list, its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from handlers.context import Actions
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Document,
    Heading,
    Inline,
    Para,
    Span,
    Thing,
)
from storage import UnitOfWork
from storage.tables import Incident, Objective, ObjectiveChange
from workflows.incidents.scene import rooms_of
from workflows.objectives import rules
from workflows.objectives.rules import LACKS, STATES, Lack, State, ranked
from workflows.objectives.service import lacks
from workflows.text import Msg, _, ngettext

PRIORITIES: Mapping[str, Msg] = {
    "life": _("life safety"),
    "environment": _("environment"),
    "property": _("property"),
}
PRIORITY_NAMES: Mapping[str, tuple[str, ...]] = {
    "life": ("life", "人员安全", "life safety", "人员", "生命", "人命", "人"),
    "environment": ("environment", "环境", "environmental"),
    "property": ("property", "财产", "assets"),
}
TIERS: Mapping[str, Msg] = {
    "rescue": _("rescue"),
    "resettlement": _("resettlement"),
    "reconstruction": _("reconstruction"),
}
TIER_NAMES: Mapping[str, tuple[str, ...]] = {
    "rescue": ("rescue", "救人", "营救", "1"),
    "resettlement": ("resettlement", "安置", "2"),
    "reconstruction": ("reconstruction", "重建", "3"),
}
SIGNS: Mapping[State, str] = {State.OPEN: "🎯", State.DONE: "✅", State.DROPPED: "✖️"}
PRIORITY_SIGNS: Mapping[str, str] = {"life": "🔴", "environment": "🟢", "property": "🔵"}

CHANGES_SHOWN = 5
LISTED = 30


async def card(
    uow: UnitOfWork, incident: Incident, objective: Objective, now: datetime
) -> Document:
    """The card of an objective: what it lacks, how far it is, how it came there, next steps."""
    assert objective.id is not None
    blocks: list[Block] = [Heading(_headline(objective))]
    blocks += [Para(each) for each in _facts(objective, now)]
    orders = [
        f"T{each.number}"
        for each in await uow.orders.all(incident.id)
        if each.objective_id == objective.id
    ]
    if orders:
        blocks.append(Para(_("Orders that serve it: {orders}", orders=tuple(orders))))
    missing = lacks(objective) if objective.state == State.OPEN else ()
    if missing:
        blocks.append(Para(Bold(_("It is kept. To be SMART it still lacks:"))))
        blocks.append(Bullets(tuple(LACKS[each] for each in missing)))
        blocks.append(
            Para(
                _(
                    "Say it with /objective set {reference}, such as: /objective set {reference} "
                    "by=18:00",
                    reference=f"O{objective.number}",
                )
            )
        )
    changes = await uow.objectives.history(objective.id)
    if changes:
        blocks.append(Para(Bold(_("So far:"))))
        blocks.append(Bullets(tuple(await _history(uow, changes))))
    return Document(
        tuple(blocks),
        _steps(incident, objective, missing),
        card=Thing(incident.id, "O", objective.number),
    )


async def refresh(
    uow: UnitOfWork, actions: Actions, incident: Incident, objective: Objective, now: datetime
) -> None:
    """Bring the card up to date in every room that hears of the incident."""
    rooms = await rooms_of(uow, incident.id)
    await actions.show(uow, rooms, await card(uow, incident, objective, now))


async def listed(uow: UnitOfWork, incident_id: int, now: datetime) -> Sequence[Block]:
    """The objectives of an incident: open ones by what goes before, then how many are over."""
    known = await uow.objectives.all(incident_id)
    open_ = ranked(each for each in known if each.state == State.OPEN)
    blocks: list[Block] = []
    if open_:
        blocks.append(Bullets(tuple(line(each, now) for each in open_[:LISTED])))
    if len(open_) > LISTED:
        blocks.append(Para(_("and {n} more", n=len(open_) - LISTED)))
    reached = sum(each.state == State.DONE for each in known)
    dropped = sum(each.state == State.DROPPED for each in known)
    if reached or dropped:
        blocks.append(Para(_("Reached: {done}, dropped: {dropped}", done=reached, dropped=dropped)))
    return blocks


def line(objective: Objective, now: datetime) -> Inline:
    """An objective on one line."""
    parts: list[Inline] = [_headline(objective), f" — {objective.progress} %"]
    if objective.due is not None:
        parts += [" · ", _when(objective, now)]
    return Span(tuple(parts))


def _headline(objective: Objective) -> Inline:
    sign = PRIORITY_SIGNS.get(objective.priority or "", SIGNS[State(objective.state)])
    if objective.state != State.OPEN:
        sign = SIGNS[State(objective.state)]
    return Span((f"{sign} ", Bold(f"O{objective.number}"), f" {objective.text}"))


def _facts(objective: Objective, now: datetime) -> list[Inline]:
    lines: list[Inline] = [
        _(
            "{state} since {time}, {percent} %",
            state=STATES[State(objective.state)],
            time=objective.state_at,
            percent=objective.progress,
        )
    ]
    if objective.reason is not None and objective.state == State.DROPPED:
        lines.append(_("Reason: {reason}", reason=objective.reason))
    kinds: list[Inline] = []
    if objective.priority is not None:
        kinds.append(_("Priority: {priority}", priority=PRIORITIES[objective.priority]))
    if objective.tier is not None:
        kinds += [" · "] if kinds else []
        kinds.append(_("Tier: {tier}", tier=TIERS[objective.tier]))
    if kinds:
        lines.append(Span(tuple(kinds)))
    if objective.measure is not None and objective.target is not None:
        lines.append(
            _(
                "Measure: {measure}, target: {target}",
                measure=objective.measure,
                target=objective.target,
            )
        )
    elif objective.measure is not None:
        lines.append(_("Measure: {measure}", measure=objective.measure))
    elif objective.target is not None:
        lines.append(_("Target: {target}", target=objective.target))
    if objective.due is not None:
        lines.append(_when(objective, now))
    return lines


def _when(objective: Objective, now: datetime) -> Msg:
    assert objective.due is not None
    if objective.state == State.OPEN and objective.due < now:
        return _("overdue since {time}", time=objective.due)
    return _("until {time}", time=objective.due)


async def _history(uow: UnitOfWork, changes: Sequence[ObjectiveChange]) -> list[Inline]:
    shown: list[Inline] = []
    if len(changes) > CHANGES_SHOWN:
        hidden = len(changes) - CHANGES_SHOWN
        shown.append(ngettext("{n} earlier change", "{n} earlier changes", hidden))
    for each in changes[-CHANGES_SHOWN:]:
        person = None if each.person_id is None else await uow.people.person(each.person_id)
        name = "Lianzhi" if person is None else person.name
        text = _change(each)
        said = _("{time} {name}: {text}", time=each.at, name=name, text=text)
        if each.note is not None:
            said = _("{text}. {note}", text=said, note=each.note)
        shown.append(said)
    return shown


def _change(change: ObjectiveChange) -> Msg:
    if "progress" in change.after and "progress" in change.before:
        before, after = change.before["progress"], change.after["progress"]
        return _("{before} % → {after} %", before=int(before), after=int(after))
    state = change.after.get("state")
    if state is not None:
        return STATES[State(state)]
    return _("more was told")


def _steps(incident: Incident, objective: Objective, missing: Sequence[Lack]) -> tuple[Button, ...]:
    me = f"I{incident.id}-O{objective.number}"
    if objective.state == State.DROPPED:
        return ()
    steps = [Button(_("Progress"), f"/objective progress {me}")]
    if objective.state == State.OPEN:
        steps.append(Button(_("Reached"), f"/objective done {me}"))
        steps.append(Button(_("Drop"), f"/objective drop {me}"))
    if Lack.ACHIEVABLE in missing:
        steps.append(Button(_("Achievable"), f"/objective set {me} achievable=yes"))
    if Lack.RELEVANT in missing:
        steps += [
            Button(
                _("Priority: {priority}", priority=PRIORITIES[each]),
                f"/objective set {me} priority={each}",
            )
            for each in rules.PRIORITIES
        ]
    return tuple(steps)
