"""A request as people see it: how much of it is where, what it waits for and on whom."""

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
    Mention,
    Para,
    Span,
    Thing,
)
from storage import UnitOfWork
from storage.tables import Incident, Person, Request, RequestLine, RequestPart
from workflows.incidents.scene import rooms_of
from workflows.organisation.scene import Scene, scene
from workflows.requests import alike, amounts, keeping, limits
from workflows.requests.rules import ENDED, STATES, SUPPLIED, Place, State
from workflows.requests.steps import STEP_OF, TOOK, Step
from workflows.requests.waiting import waits
from workflows.requests.whole import Whole, held, where
from workflows.text import Msg, _

SIGNS: Mapping[State, str] = {
    State.NEED: "🆕",
    State.APPROVED: "🔎",
    State.CHECKED: "🛒",
    State.ORDERED: "💰",
    State.SOURCING: "🤝",
    State.COMMITTED: "🚚",
    State.DELIVERED: "📦",
    State.DONE: "✅",
    State.REJECTED: "❌",
    State.CANCELLED: "✖️",
    State.JOINED: "🔗",
}

PRIORITIES: Mapping[str, Msg] = {
    "urgent": _("urgent"),
    "routine": _("routine"),
    "low": _("low"),
}

LISTED = 30
SHOWN_PARTS = 20
MOST_BUTTONS = 8


def reference(request: Request) -> str:
    """What means the request from anywhere, `I3-R1`."""
    return f"I{request.incident_id}-R{request.number}"


def name(whole: Whole) -> str:
    """Number and what is asked for, for a heading; what was asked for, where all of it was
    cancelled or goes on elsewhere."""
    wanted = [each for each in whole.lines if whole.wanted(each)] or whole.lines
    shown = [_asked(whole, each) for each in wanted[:3]]
    more = ["…"] if len(wanted) > 3 else []
    return f"{whole.reference} · {', '.join([*shown, *more])}"


def _asked(whole: Whole, line: RequestLine) -> str:
    return amounts.shown(whole.wanted(line) or line.quantity, line.unit, line.kind)


async def card(uow: UnitOfWork, whole: Whole, now: datetime) -> Document:
    """The card of a request: what it waits for and on whom, how much is where, next steps."""
    request = whole.request
    there = await scene(uow, whole.incident, now)
    sign = SIGNS[whole.state] + (" ❗" if request.priority == "urgent" else "")
    blocks: list[Block] = [Heading(Span((f"{sign} ", name(whole))))]
    blocks += [Para(each) for each in await _facts(uow, whole, now)]
    blocks += [Para(Bold(each)) for each in await _waiting(uow, whole, there)]
    several = len(whole.lines) > 1 or any(map(whole.of, whole.lines))
    if several:
        blocks.append(Bullets(tuple(_line(whole, each) for each in whole.lines)))
    if whole.parts:
        shown = tuple(_part(whole, each) for each in whole.parts[-SHOWN_PARTS:])
        blocks.append(Bullets(shown))
    taken = [_taken(step, request) for step in Step if step in request.steps]
    if taken:
        blocks.append(Bullets(tuple(taken)))
    twins = await alike.twins(uow, whole)
    if twins:
        blocks.append(
            Para(
                _(
                    "May be the same as {others}. Join them?",
                    others=tuple(f"R{each.number}" for each in twins),
                )
            )
        )
    return Document(
        tuple(blocks), page(whole, twins), card=Thing(whole.incident.id, "R", request.number)
    )


def page(whole: Whole, twins: Sequence[Request], number: int = 1) -> tuple[Button, ...]:
    """All that can be pressed about a request, `MOST_BUTTONS` at a time, the last of which leads on
    where there are more; none beyond the last page."""
    buttons = (*_steps(whole), *_joins(whole, twins), *_of_parts(whole))
    if len(buttons) <= MOST_BUTTONS:
        return buttons if number == 1 else ()
    first = (number - 1) * (MOST_BUTTONS - 1)
    shown = buttons[first : first + MOST_BUTTONS - 1]
    if len(buttons) > first + len(shown):
        more = f"/request steps {reference(whole.request)} page={number + 1}"
        return (*shown, Button(_("More steps"), more))
    return shown


async def refresh(uow: UnitOfWork, actions: Actions, whole: Whole, now: datetime) -> None:
    """Bring the card up to date wherever it stands, and say it in rooms where it does not."""
    rooms = await rooms_of(uow, whole.incident.id)
    await actions.show(uow, rooms, await card(uow, whole, now))


async def _facts(uow: UnitOfWork, whole: Whole, now: datetime) -> list[Inline]:
    request = whole.request
    asker = await uow.people.person(request.by_id)
    who: Msg | str = "?" if asker is None else asker.name
    if request.agency is not None:
        who = _("{name} ({agency})", name=who, agency=request.agency)
    lines: list[Inline] = [
        _("{state} since {time}", state=STATES[whole.state], time=request.state_at),
        _(
            "Asked for by {name}, {time}; priority {priority}",
            name=who,
            time=request.made_at,
            priority=PRIORITIES[request.priority],
        ),
    ]
    if request.place is not None:
        lines.append(_("To: {place}", place=request.place))
    if request.needed_by is not None:
        late = request.needed_by <= now and keeping.awaited(whole)
        lines.append(
            _("⚠️ It was needed by {time}", time=request.needed_by)
            if late
            else _("Needed by {time}", time=request.needed_by)
        )
    if request.note is not None:
        lines.append(_("Note: {note}", note=request.note))
    if request.substitutes is not None:
        lines.append(_("Substitutes: {text}", text=request.substitutes))
    if request.objective is not None:
        lines.append(_("For objective {reference}", reference=f"O{request.objective}"))
    if request.reason is not None:
        lines.append(_("Reason: {reason}", reason=request.reason))
    if request.joined_into is not None:
        lines.append(_("Goes on as {reference}", reference=f"R{request.joined_into}"))
    if request.split_from is not None:
        lines.append(_("Split from {reference}", reference=f"R{request.split_from}"))
    return [*lines, *_costs(whole)]


def _costs(whole: Whole) -> list[Inline]:
    estimated = limits.estimate(whole)
    actual = [each.cost for each in whole.parts if each.cost is not None]
    if estimated is not None and actual:
        return [
            _(
                "Cost: estimated {estimated}, actual {actual}",
                estimated=amounts.yuan(estimated),
                actual=amounts.yuan(sum(actual)),
            )
        ]
    if actual:
        return [_("Cost: actual {actual}", actual=amounts.yuan(sum(actual)))]
    if estimated is not None and any(map(whole.wanted, whole.lines)):
        return [_("Cost: estimated {estimated}", estimated=amounts.yuan(estimated))]
    return []


async def _waiting(uow: UnitOfWork, whole: Whole, there: Scene) -> list[Inline]:
    """A line for each thing it waits for, with the people it waits on."""
    lines: list[Inline] = []
    for each in await waits(uow, whole, there):
        text = _("⏳ Waits for {what}", what=each.what)
        people = [await _mention(uow, person) for person in each.people[:5]]
        parts: list[Inline] = [text]
        if each.title is not None:
            parts += [" — ", each.title]
        for number, person in enumerate(people):
            parts += [_(": ") if number == 0 else _(", "), person]
        lines.append(Span(tuple(parts)))
    return lines


async def _mention(uow: UnitOfWork, person: Person) -> Inline:
    assert person.id is not None
    accounts = await uow.people.accounts(person.id)
    return Mention(accounts[0].id, person.name) if accounts else person.name


def _line(whole: Whole, line: RequestLine) -> Inline:
    """A line with how much of it is open and where the rest is."""
    parts: list[Inline] = [f"{line.number}. {_asked(whole, line)}"]
    places: list[Msg] = list(where(whole.of(line)))
    if not whole.wanted(line):
        places.insert(0, _("not wanted here any more"))
    if whole.state in SUPPLIED and (open_ := whole.open(line)):
        places.insert(0, _("{amount} open", amount=amounts.number(open_)))
    for number, each in enumerate(places):
        parts += [" — " if number == 0 else " · ", each]
    if line.agency is not None:
        parts += [" · ", _("for {agency}", agency=line.agency)]
    if line.instead_of is not None:
        parts += [" · ", _("instead of line {n}", n=line.instead_of)]
    if line.estimate is not None:
        parts += [" · ", _("estimated {amount}", amount=amounts.yuan(line.estimate))]
    return Span(tuple(parts))


def _part(whole: Whole, part: RequestPart) -> Inline:
    """A part: who, how much of what, where it is."""
    line = whole.line(part.line)
    parts: list[Inline] = [
        _(
            "Part {n}: {amount} from {supplier}",
            n=part.number,
            amount=amounts.shown(part.quantity, line.unit, line.kind),
            supplier=part.supplier,
        )
    ]
    for each in where((part,)):
        parts += [" · ", each]
    if part.eta is not None and held(part, Place.PROMISED) + held(part, Place.TRANSIT):
        parts += [" · ", _("expected {time}", time=part.eta)]
    if part.assigned_to is not None and held(part, Place.ASSIGNED):
        parts += [" · ", _("with {name}", name=part.assigned_to)]
    if part.condition is not None:
        parts += [" · ", part.condition]
    if part.note is not None:
        parts += [" · ", part.note]
    if part.cost is not None:
        parts += [" · ", amounts.yuan(part.cost)]
    return Span(tuple(parts))


def _taken(step: Step, request: Request) -> Inline:
    made = request.steps[step]
    who: Msg | str = str(made["name"])
    if made.get("agency"):
        who = _("{name} ({agency})", name=who, agency=str(made["agency"]))
    at = datetime.fromisoformat(str(made["at"]))
    parts: list[Inline] = [_("✔️ {what}: {name}, {time}", what=TOOK[step], name=who, time=at)]
    if made.get("with"):
        parts += [" — ", _("who answers for it alone, with the step before")]
    note = made.get("note")
    return Span((*parts, " — ", str(note)) if note is not None else tuple(parts))


def _steps(whole: Whole) -> tuple[Button, ...]:
    """The next steps of the whole, as buttons."""
    me = reference(whole.request)
    reject = Button(_("Reject"), f"/request reject {me}")
    nearest = Button(_("Nearest stock"), f"/stock nearest request={me}")
    match STEP_OF.get(whole.state):
        case Step.APPROVE:
            return Button(_("Approve"), f"/request approve {me}"), reject
        case Step.CHECK:
            return (
                Button(_("We have it"), f"/request check {me} have"),
                Button(_("We do not have it"), f"/request check {me} none"),
                nearest,
                reject,
            )
        case Step.ORDER:
            # Translators: not the glossary's order
            return Button(_("Order it"), f"/request order {me}"), reject
        case Step.FINANCE:
            return Button(_("Approve the cost"), f"/request approve {me}"), reject
    if whole.state is State.SOURCING:
        return Button(_("Commit all that is open"), f"/request commit {me}"), nearest
    return ()


def _of_parts(whole: Whole) -> tuple[Button, ...]:
    me = reference(whole.request)
    return tuple(each for part in whole.parts for each in _part_steps(me, part))


def _part_steps(me: str, part: RequestPart) -> list[Button]:
    n, line = part.number, f"{me} part={part.number}"
    steps: list[tuple[Place, Msg, str]] = [
        (Place.ARRIVED, _("Accept all of part {n}", n=n), "accept"),
        (Place.TRANSIT, _("Part {n} has arrived", n=n), "arrive"),
        (Place.PROMISED, _("Part {n} is on its way", n=n), "ship"),
        (Place.ACCEPTED, _("Assign part {n}", n=n), "assign"),
        (Place.ASSIGNED, _("Part {n} was returned", n=n), "return"),
        (Place.ASSIGNED, _("Part {n} is used up", n=n), "consume"),
    ]
    return [
        Button(label, f"/request {verb} {line}")
        for place, label, verb in steps
        if held(part, place)
    ]


def _joins(whole: Whole, twins: Sequence[Request]) -> tuple[Button, ...]:
    made: list[Button] = []
    for other in twins[:2]:
        first, second = sorted((whole.request, other), key=lambda each: each.number)
        one, two = f"R{first.number}", f"R{second.number}"
        made += [
            Button(
                _("Join {second} into {first}", first=one, second=two),
                f"/request join {reference(second)} into={one}",
            ),
            Button(
                _("{first} and {second} are different", first=one, second=two),
                f"/request apart {reference(second)} from={one}",
            ),
        ]
    return tuple(made)


async def listed(
    uow: UnitOfWork,
    incident: Incident,
    now: datetime,
    *,
    whole: bool = False,
    most: int = LISTED,
) -> list[Block]:
    """The requests that are not over, or with `whole` all of them, a line each, `most` of them."""
    known = list(await uow.requests.all(incident.id, open_only=not whole))
    known.sort(key=_urgency)
    there = await scene(uow, incident, now)
    lines: list[Inline] = []
    for each in known[:most]:
        lines.append(await line(uow, await keeping.load(uow, incident, each), there, now))
    blocks: list[Block] = [Bullets(tuple(lines))] if lines else []
    if len(known) > most:
        blocks.append(Para(_("and {n} more", n=len(known) - most)))
    return blocks


def _urgency(request: Request) -> tuple[bool, int, bool, float, int]:
    """What is open, urgent and needed soon goes before."""
    order = {"urgent": 0, "routine": 1, "low": 2}
    due = request.needed_by
    soon = 0.0 if due is None else due.timestamp()
    return request.state in ENDED, order[request.priority], due is None, soon, request.number


async def line(uow: UnitOfWork, whole: Whole, there: Scene, now: datetime) -> Inline:
    """A request on one line: what, until when, what it waits for and on whom."""
    request = whole.request
    urgent = "❗" if request.priority == "urgent" else ""
    parts: list[Inline] = [
        f"{SIGNS[whole.state]}{urgent} ",
        Bold(whole.reference),
        name(whole).removeprefix(whole.reference),
    ]
    if request.place is not None:
        parts.append(f" → {request.place}")
    if request.needed_by is not None and keeping.awaited(whole):
        late = request.needed_by <= now
        parts += [
            " · ",
            _("overdue since {time}", time=request.needed_by)
            if late
            else _("until {time}", time=request.needed_by),
        ]
    waiting = await waits(uow, whole, there)
    if not waiting:
        return Span((*parts, " — ", STATES[whole.state]))
    parts += [" — ", _("waits for {what}", what=waiting[0].what)]
    if names := tuple(each.name for each in waiting[0].people[:3]):
        parts.append(_(" ({text})", text=names))
    return Span(tuple(parts))
