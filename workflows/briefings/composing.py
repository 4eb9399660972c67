"""A briefing made from the facts, part by part. Pure.

What is told is counted here and nowhere else; every language is made from the one value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from storage.tables import Objective, Order
from storage.tables.organisation import COMMANDER
from workflows.briefings.changes import changes, marks, typed, when
from workflows.briefings.composed import Composed, Line, Mark, Part, Section
from workflows.briefings.facts import Facts, Shortfall
from workflows.briefings.moments import ON_TIME
from workflows.briefings.weather import ahead, sky, wind
from workflows.incidents.rules import STATES, State, designation
from workflows.objectives import rules as objectives
from workflows.orders import rules as orders
from workflows.orders.conflicts import Target
from workflows.orders.recipients import To
from workflows.organisation.chart import Seat
from workflows.organisation.positions import ROLES
from workflows.requests.amounts import shown
from workflows.resources.rules import STATUSES, Status
from workflows.sitreps.figures import LABELS, Figure
from workflows.text import Msg, Param, _, either, ngettext

MOST = 40
"""Lines of one part; how many more there are is told."""

MOST_KINDS = 12

LONGEST_SUMMARY = 160
"""Characters of the safety message on the card."""


def compose(facts: Facts, *, due: datetime | None = None) -> Composed:
    """The briefing of these facts; `due` is when it was to be sent."""
    incident, before = facts.incident, facts.before
    changed = changes(facts)
    found = [
        _situation(facts),
        _changes(facts, changed),
        _objectives(facts),
        _orders(facts),
        _resources(facts),
        _safety(facts),
        _weather(facts),
        _organisation(facts),
        _meetings(facts),
    ]
    sections = tuple(each for each in found if each is not None)
    spoken = {each.part for each in sections} - {Part.SITUATION, Part.ORGANISATION, Part.WEATHER}
    quiet = not changed if before is not None else not spoken and not facts.figures
    late = due is not None and facts.at - due > ON_TIME
    return Composed(
        incident.id,
        designation(incident.year, incident.serial),
        incident.title,
        facts.at,
        sections,
        since=None if before is None else before.at,
        after=facts.after,
        due=due if late else None,
        quiet=quiet,
        marks=marks(facts),
    )


def _situation(facts: Facts) -> Section:
    incident = facts.incident
    summary = _("{state} since {time}", state=STATES[State(incident.state)], time=incident.state_at)
    lines: list[Line] = []
    if incident.event_level is not None and incident.response_level is not None:
        text = _(
            "event level {event}, response level {response}",
            event=incident.event_level,
            response=incident.response_level,
        )
        lines.append(Line(text))
    elif incident.event_level is not None:
        lines.append(Line(_("event level {level}", level=incident.event_level)))
    elif incident.response_level is not None:
        lines.append(Line(_("response level {level}", level=incident.response_level)))
    if incident.place:
        lines.append(Line(_("Place: {place}", place=incident.place)))
    if facts.period is not None:
        lines.append(
            Line(
                _(
                    "Operational period {reference}, until {time}",
                    reference=f"P{facts.period.number}",
                    time=facts.period.ends_at,
                )
            )
        )
    people = sum(each.people for each in facts.present if each.eta is None)
    if people:
        lines.append(Line(ngettext("{n} person on scene", "{n} people on scene", people)))
    coming = sum(each.people for each in facts.present if each.eta is not None)
    if coming:
        lines.append(Line(ngettext("{n} person on the way", "{n} people on the way", coming)))
    lines += [_figure(each) for each in facts.figures.values()]
    if facts.sitrep is not None:
        lines.append(
            Line(
                _(
                    "Last situation report: {reference}, {time}",
                    reference=f"S{facts.sitrep.number}",
                    time=facts.sitrep.at,
                )
            )
        )
    disputed = any(each.disagree for each in facts.figures.values())
    return Section(Part.SITUATION, summary, tuple(lines), mark=Mark.WARN if disputed else Mark.NONE)


def _figure(figure: Figure) -> Line:
    label = LABELS[figure.code]
    if figure.value is not None:
        return Line(_("{what}: {n}", what=label, n=figure.value))
    claims = figure.claims if figure.settled is None else (figure.settled, *figure.since)
    said = tuple(
        _("{agency} {n}", agency=each.agency or _("command"), n=each.value) for each in claims
    )
    return Line(_("{what}: reports differ: {claims}", what=label, claims=said), mark=Mark.WARN)


def _changes(facts: Facts, changed: Sequence[Line]) -> Section | None:
    if facts.before is None:
        if not facts.words:
            return None
        summary = ngettext("{n} entry in the timeline", "{n} entries in the timeline", len(changed))
    else:
        summary = ngettext("{n} change", "{n} changes", len(changed))
    return Section(Part.CHANGES, summary, tuple(changed[:MOST]), max(0, len(changed) - MOST))


def _objectives(facts: Facts) -> Section | None:
    if not facts.objectives:
        return None
    open_ = objectives.ranked(
        each for each in facts.objectives if each.state == objectives.State.OPEN
    )
    late = [each for each in open_ if each.due is not None and each.due < facts.at]
    reached = sum(each.state == objectives.State.DONE for each in facts.objectives)
    summary = _(
        "{open} open, {late} overdue, {done} reached",
        open=len(open_),
        late=len(late),
        done=reached,
    )
    lines = tuple(_objective(each, facts.at) for each in open_[:MOST])
    mark = Mark.LATE if late else Mark.NONE
    return Section(Part.OBJECTIVES, summary, lines, max(0, len(open_) - MOST), mark)


def _objective(each: Objective, at: datetime) -> Line:
    text = _("{text}: {percent} %", text=each.text, percent=each.progress)
    late = each.due is not None and each.due < at
    if each.due is not None:
        text = _("{text}, due {time}", text=text, time=each.due)
    if late:
        text = _("{text}, overdue", text=text)
    mark = Mark.LATE if late else Mark.NONE
    return Line(text, f"O{each.number}", mark, each.progress)


def _orders(facts: Facts) -> Section | None:
    open_ = [each for each in facts.orders if each.state in orders.OPEN]
    if not facts.orders:
        return None
    late = [each for each in open_ if each.due is not None and each.due < facts.at]
    unread = [each for each in open_ if each.state == orders.State.GIVEN]
    summary = _(
        "{open} open, {late} overdue, {unread} not acknowledged",
        open=len(open_),
        late=len(late),
        unread=len(unread),
    )
    if facts.conflicts:
        summary = ngettext(
            "{text}; {n} conflict waits for a decision",
            "{text}; {n} conflicts wait for a decision",
            facts.conflicts,
            text=summary,
        )
    ordered = sorted(open_, key=lambda each: _urgency(each, facts.at))
    lines = tuple(_order(each, facts) for each in ordered[:MOST])
    mark = Mark.LATE if late else Mark.WARN if facts.conflicts else Mark.NONE
    return Section(Part.ORDERS, summary, lines, max(0, len(ordered) - MOST), mark)


def _urgency(each: Order, at: datetime) -> tuple[bool, float, int]:
    late = each.due is not None and each.due < at
    return (not late, float("inf") if each.due is None else each.due.timestamp(), each.number)


def _order(each: Order, facts: Facts) -> Line:
    text = _("{text} → {recipient}", text=each.text, recipient=_recipient(each, facts))
    late = each.due is not None and each.due < facts.at
    if each.due is not None:
        text = _("{text}, due {time}", text=text, time=each.due)
    if late:
        text = _("{text}, overdue", text=text)
    mark = Mark.LATE if late else Mark.NONE
    if each.state == orders.State.GIVEN:
        text = _("{text}, not acknowledged", text=text)
        mark = mark or Mark.WARN
    elif each.state != orders.State.ACKNOWLEDGED:
        text = _("{text}, {state}", text=text, state=orders.STATES[orders.State(each.state)])
        mark = mark or Mark.WARN
    return Line(text, f"T{each.number}", mark)


def _recipient(each: Order, facts: Facts) -> Param:
    to = To.of(each)
    match to.target:
        case Target.PERSON:
            return facts.assignees.get(int(to.key), "?")
        case Target.ROLE:
            return to.seat.title if to.seat.role in ROLES else to.key
        case _:
            return to.key


def _resources(facts: Facts) -> Section | None:
    here = [each for each in facts.units if each.status != Status.RELEASED]
    if not here and not facts.shortfalls:
        return None
    counts, kinds = Counter[str](), Counter[str]()
    for each in here:
        counts[each.status] += each.n
        kinds[each.kind] += each.n
    summary: Msg = _(
        "{assigned} assigned, {available} available, {out} out of service",
        assigned=counts[Status.ASSIGNED],
        available=counts[Status.AVAILABLE],
        out=counts[Status.OUT],
    )
    if facts.shortfalls:
        summary = ngettext(
            "{text}; {n} shortfall", "{text}; {n} shortfalls", len(facts.shortfalls), text=summary
        )
    short = [_shortfall(each, facts.at) for each in _ordered(facts.shortfalls)]
    states = {(each.kind, each.status): each.n for each in here}
    for kind, total in kinds.most_common(MOST_KINDS):
        parts = tuple(
            _("{n} {status}", n=states[kind, str(status)], status=STATUSES[status])
            for status in (Status.ASSIGNED, Status.AVAILABLE, Status.OUT)
            if (kind, str(status)) in states
        )
        short.append(Line(_("{kind}: {n} ({parts})", kind=kind, n=total, parts=parts)))
    more = max(0, len(kinds) - MOST_KINDS) + max(0, len(short) - MOST)
    mark = Mark.WARN if facts.shortfalls else Mark.NONE
    return Section(Part.RESOURCES, summary, tuple(short[:MOST]), more, mark)


def _ordered(found: Sequence[Shortfall]) -> list[Shortfall]:
    """Urgent ones first, then those that are needed earliest."""
    return sorted(
        found,
        key=lambda each: (
            each.priority != "urgent",
            float("inf") if each.needed_by is None else each.needed_by.timestamp(),
        ),
    )


def _shortfall(each: Shortfall, at: datetime) -> Line:
    text = _(
        "missing {open} of {wanted}",
        open=shown(each.open, each.unit, each.kind),
        wanted=shown(each.wanted, each.unit),
    )
    late = each.needed_by is not None and each.needed_by < at
    if each.needed_by is not None:
        text = _("{text}, needed by {time}", text=text, time=each.needed_by)
    return Line(text, each.reference, Mark.LATE if late else Mark.WARN)


def _safety(facts: Facts) -> Section | None:
    lines: list[Line] = []
    words = "" if facts.safety is None else " ".join(facts.safety.text.split())
    if facts.safety is not None:
        said = _("{name}, {time}", name=facts.safety.name, time=facts.safety.made_at)
        if len(words) > LONGEST_SUMMARY:
            said = _("{words} ({text})", words=words, text=said)
        lines.append(Line(said, mark=Mark.WARN))
    for each in facts.hazards:
        text = typed(each.text)
        if each.area is not None:
            text = _("{text}, area: {area}", text=text, area=each.area)
        if each.mitigation is not None:
            text = _("{text}; mitigation: {mitigation}", text=text, mitigation=each.mitigation)
        mark = Mark.NONE if each.mitigation is not None else Mark.WARN
        lines.append(Line(text, f"H{each.number}", mark))
    if not lines:
        return None
    summary: Msg = ngettext("{n} open hazard", "{n} open hazards", len(facts.hazards))
    if facts.safety is not None:
        cut = words if len(words) <= LONGEST_SUMMARY else words[: LONGEST_SUMMARY - 1] + "…"
        summary = typed(cut)
    return Section(Part.SAFETY, summary, tuple(lines[:MOST]), max(0, len(lines) - MOST), Mark.WARN)


def _weather(facts: Facts) -> Section | None:
    forecast = facts.weather
    if forecast is None:
        return None
    seen = None if forecast.now.code is None else sky(forecast.now.code)
    now = _("{degrees} °C, {wind}", degrees=forecast.now.celsius, wind=wind(forecast.now))
    summary = now if seen is None else _("{sky}, {text}", sky=seen, text=now)
    lines: list[Line] = []
    coming = ahead(forecast, facts.at)
    if coming:
        lines.append(
            Line(
                _(
                    "Until {time}: {low} to {high} °C, {rain} mm of rain or snow",
                    time=coming[-1].at,
                    low=min(each.celsius for each in coming),
                    high=max(each.celsius for each in coming),
                    rain=sum((each.millimetres for each in coming[1:]), coming[0].millimetres),
                )
            )
        )
        strongest = max(coming, key=lambda each: each.gust or each.wind)
        text = _("Strongest {wind} at {time}", wind=wind(strongest), time=strongest.at)
        if strongest.gust is not None:
            text = _("{text}, gusts {gust} m/s", text=text, gust=strongest.gust)
        lines.append(Line(text))
    lines.append(Line(_("Source: {source}, {time}", source=forecast.source, time=forecast.at)))
    return Section(Part.WEATHER, summary, tuple(lines))


def _organisation(facts: Facts) -> Section:
    commanders: tuple[Param, ...] = tuple(
        _("{name} ({agency})", name=person.name, agency=position.agency)
        if position.agency
        else person.name
        for position, person in facts.held
        if position.role == COMMANDER and not position.deputy
    )
    summary = _("In command: {names}", names=commanders) if commanders else _("Nobody commands")
    lines: list[Line] = []
    for position, person in facts.held:
        if position.role == COMMANDER and not position.deputy:
            continue
        if position.role not in ROLES:
            continue
        title = Seat(position.role, position.label).title
        name: Param = person.name
        if position.agency:
            name = _("{name} ({agency})", name=person.name, agency=position.agency)
        text = _("{title}: {name}", title=title, name=name)
        if position.deputy:
            text = _("{title}, deputy: {name}", title=title, name=name)
        lines.append(Line(text))
    mark = Mark.NONE if commanders else Mark.WARN
    return Section(Part.ORGANISATION, summary, tuple(lines[:MOST]), max(0, len(lines) - MOST), mark)


def _meetings(facts: Facts) -> Section | None:
    if not facts.meetings:
        return None
    lines = tuple(
        Line(when(either(str(each.name.get("zh", "")), str(each.name.get("en", ""))), each.at),
             f"M{each.number}")
        for each in facts.meetings
    )  # fmt: skip
    return Section(
        Part.MEETINGS,
        _("Next: {text}", text=lines[0].text),
        lines[:MOST],
        max(0, len(lines) - MOST),
    )
