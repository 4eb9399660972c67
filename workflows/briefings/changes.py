"""What changed since the briefing before: its facts beside those of now. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from workflows.briefings.composed import Line, Mark
from workflows.briefings.facts import Facts
from workflows.incidents.record import said
from workflows.incidents.rules import STATES, State
from workflows.objectives.rules import State as Aim
from workflows.orders.rules import OPEN, State as Step
from workflows.organisation.chart import Seat
from workflows.organisation.positions import ROLES
from workflows.requests.amounts import shown
from workflows.resources.rules import STATUSES, Status
from workflows.sitreps.figures import LABELS
from workflows.text import Msg, Param, _, either

LONGEST_WORDS = 200
"""Characters of an entry of the timeline."""

_FIRST = (Mark.LATE, Mark.WARN, Mark.GOOD, Mark.NONE)

DIFFER = "?"
"""The mark of a figure about which agencies do not agree."""


def marks(facts: Facts) -> dict[str, str]:
    """The facts by what the next briefing is compared with, from things to their states."""
    incident = facts.incident
    found = {
        "state": incident.state,
        "event": incident.event_level or "",
        "response": incident.response_level or "",
        "safety": "" if facts.safety is None else str(facts.safety.number),
        "period": "" if facts.period is None else str(facts.period.number),
    }
    for aim in facts.objectives:
        found[f"O{aim.number}"] = f"{aim.state} {aim.progress}"
        if aim.state == Aim.OPEN and aim.due is not None and aim.due < facts.at:
            found[f"late O{aim.number}"] = "late"
    for order in facts.orders:
        found[f"T{order.number}"] = order.state
        if order.state in OPEN and order.due is not None and order.due < facts.at:
            found[f"late T{order.number}"] = "late"
    for code, figure in facts.figures.items():
        found[f"figure {code}"] = DIFFER if figure.value is None else str(figure.value)
    for hazard in facts.hazards:
        found[f"H{hazard.number}"] = hazard.mitigation or ""
    for status, count in _counts(facts).items():
        found[f"units {status}"] = str(count)
    short: Counter[str] = Counter()
    for each in facts.shortfalls:
        short[f"short {each.reference} {each.unit} {each.kind}"] += each.open
    found |= {name: str(count) for name, count in short.items()}
    for position, person in facts.held:
        seat = f"held {position.role}/{position.label}/{int(position.deputy)}/{position.person_id}"
        found[seat] = person.name
    return found


def _counts(facts: Facts) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in facts.units:
        found[each.status] += each.n
    return found


def changes(facts: Facts) -> tuple[Line, ...]:
    """What is otherwise than in the briefing before, and what people wrote since, what is urgent
    first; in the first briefing only what people wrote."""
    lines: list[Line] = []
    if facts.before is not None:
        old, new = dict(facts.before.marks), marks(facts)
        lines += _incident(facts, old, new)
        lines += _figures(facts, old, new)
        lines += _objectives(facts, old, new)
        lines += _orders(facts, old, new)
        lines += _resources(facts, old, new)
        lines += _dangers(facts, old, new)
        lines += _people(old, new)
    lines += _words(facts)
    return tuple(sorted(lines, key=lambda each: _FIRST.index(each.mark)))


def typed(words: str) -> Msg:
    """What somebody typed, the same in every language."""
    return either(words, words)


def when(text: Msg, at: datetime) -> Msg:
    """Something with its moment."""
    return _("{text}, {time}", text=text, time=at)


def _incident(facts: Facts, old: dict[str, str], new: dict[str, str]) -> Iterable[Line]:
    if old.get("state") != new["state"]:
        yield Line(_("Incident: {state}", state=STATES[State(new["state"])]))
    if new["event"] and old.get("event") != new["event"]:
        yield Line(_("event level {level}", level=new["event"]))
    if new["response"] and old.get("response") != new["response"]:
        yield Line(_("response level {level}", level=new["response"]))
    if new["period"] and old.get("period") != new["period"]:
        reference = f"P{new['period']}"
        yield Line(_("Operational period {reference} has begun", reference=reference))


def _figures(facts: Facts, old: dict[str, str], new: dict[str, str]) -> Iterable[Line]:
    for code in facts.figures:
        was, now = old.get(f"figure {code}"), new[f"figure {code}"]
        if was == now:
            continue
        label = LABELS[code]
        if now == DIFFER:
            yield Line(_("{what}: reports differ", what=label), mark=Mark.WARN)
        elif was is None or was == DIFFER:
            yield Line(_("{what}: {n}", what=label, n=int(now)))
        else:
            yield Line(_("{what}: {n}, was {was}", what=label, n=int(now), was=int(was)))


def _objectives(facts: Facts, old: dict[str, str], new: dict[str, str]) -> Iterable[Line]:
    for each in facts.objectives:
        reference = f"O{each.number}"
        was, now = old.get(reference), new[reference]
        if was is None and each.state == Aim.OPEN:
            yield Line(_("new objective: {text}", text=each.text), reference)
        elif was != now:
            before, percent = (was or f"{Aim.OPEN} 0").split(" ")
            if each.state == Aim.DONE and before != Aim.DONE:
                yield Line(_("reached: {text}", text=each.text), reference, Mark.GOOD)
            elif each.state == Aim.DROPPED and before != Aim.DROPPED:
                yield Line(_("dropped: {text}", text=each.text), reference)
            else:
                said_ = _(
                    "{text}: {percent} %, was {was} %",
                    text=each.text,
                    percent=each.progress,
                    was=int(percent),
                )
                yield Line(said_, reference, percent=each.progress)
        if f"late {reference}" in new and f"late {reference}" not in old:
            yield Line(_("overdue now: {text}", text=each.text), reference, Mark.LATE)


_ENDS = {
    Step.DONE: (_("done"), Mark.GOOD),
    Step.DECLINED: (_("declined"), Mark.WARN),
    Step.WITHDRAWN: (_("withdrawn"), Mark.NONE),
}


def _orders(facts: Facts, old: dict[str, str], new: dict[str, str]) -> Iterable[Line]:
    for each in facts.orders:
        reference = f"T{each.number}"
        was = old.get(reference)
        if was is None and each.state in OPEN:
            yield Line(_("new order: {text}", text=each.text), reference)
        elif was != each.state and Step(each.state) in _ENDS:
            state, mark = _ENDS[Step(each.state)]
            yield Line(_("{text}: {state}", text=each.text, state=state), reference, mark)
        if f"late {reference}" in new and f"late {reference}" not in old:
            yield Line(_("overdue now: {text}", text=each.text), reference, Mark.LATE)


def _resources(facts: Facts, old: dict[str, str], new: dict[str, str]) -> Iterable[Line]:
    for status in Status:
        name = f"units {status}"
        was, now = int(old.get(name, 0)), int(new.get(name, 0))
        if was != now:
            said_ = _("Units {status}: {n}, was {was}", status=STATUSES[status], n=now, was=was)
            yield Line(said_)
    seen: set[str] = set()
    for each in facts.shortfalls:
        name = f"short {each.reference} {each.unit} {each.kind}"
        if name in seen:
            continue
        seen.add(name)
        was, now = int(old.get(name, 0)), int(new[name])
        if now != was:
            text = _("missing: {amount}", amount=shown(now, each.unit, each.kind))
            yield Line(text, each.reference, Mark.WARN if now > was else Mark.NONE)
    for name in sorted(old.keys() - new.keys()):
        if name.startswith("short "):
            _short, reference, _unit, kind = name.split(" ", 3)
            yield Line(_("no longer missing: {kind}", kind=kind), reference, Mark.GOOD)


def _dangers(facts: Facts, old: dict[str, str], new: dict[str, str]) -> Iterable[Line]:
    if facts.safety is not None and old.get("safety") != new["safety"]:
        words = " ".join(facts.safety.text.split())
        yield Line(_("new safety message: {words}", words=words), mark=Mark.WARN)
    for each in facts.hazards:
        reference = f"H{each.number}"
        if reference not in old:
            yield Line(_("new hazard: {text}", text=each.text), reference, Mark.WARN)
        elif old[reference] != new[reference]:
            text = _("{text}; mitigation: {mitigation}", text=each.text,
                     mitigation=new[reference])  # fmt: skip
            yield Line(text, reference)
    for name in sorted(old.keys() - new.keys()):
        if name.startswith("H") and name[1:].isdigit():
            yield Line(_("the hazard is over"), name, Mark.GOOD)


def _people(old: dict[str, str], new: dict[str, str]) -> Iterable[Line]:
    for name in new:
        if name.startswith("held ") and name not in old:
            yield Line(_("{title}: {name} has taken over", title=_title(name), name=new[name]))
    for name in old:
        if name.startswith("held ") and name not in new:
            yield Line(_("{title}: {name} no more", title=_title(name), name=old[name]))


def _title(name: str) -> Param:
    role, label, deputy, _person = name.removeprefix("held ").split("/", 3)
    if role not in ROLES:
        return role
    title = Seat(role, label).title
    return _("{title}, deputy", title=title) if deputy == "1" else title


def _words(facts: Facts) -> Iterable[Line]:
    for entry in reversed(facts.words):
        text = said(entry)
        if isinstance(text, str):
            text = " ".join(text.split())
            text = text if len(text) <= LONGEST_WORDS else text[: LONGEST_WORDS - 1] + "…"
        words = _("{time} {name}: {words}", time=entry.at, name=entry.name or "?", words=text)
        yield Line(words, f"L{entry.number}")
