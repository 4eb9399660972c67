"""The organisation in words and as a picture; what a role may and must do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handlers.cards.incident import name
from handlers.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Document,
    Heading,
    Inline,
    Paper,
    Para,
    Span,
    lines,
)
from handlers.registry import Choice
from storage.tables import Incident
from workflows.organisation import rules
from workflows.organisation.chart import Holder, Node, Seat, responsible, sections
from workflows.organisation.headquarters import Group
from workflows.organisation.positions import (
    LAYERS,
    ROLES,
    SECTIONS,
    Layer,
    Section,
    may,
    must,
)
from workflows.organisation.scene import Scene, named
from workflows.text import Json, Msg, _

ROLE_CHOICES = tuple(Choice(each.code, each.title, each.names) for each in ROLES.values())
"""Every position, as an argument's choices."""

WIDTH = 540
"""Points of a picture in two columns, which a phone held upright shows whole."""
WIDE, MANY_SEATS = 810, 110
"""From so many positions on there are three columns."""
FEW_SEATS = 6


def chart(there: Scene, incident: Incident, now: datetime) -> Document:
    """The organisation in words, with what is wrong about it, and the picture that follows."""
    root = there.root
    me = f"incident=I{incident.id}"
    blocks: list[Block] = [
        Heading(_("Organisation of {incident}", incident=name(incident))),
        Para(_row(root, root, 0)),
    ]
    layer = None
    for section, nodes in sections(root).items():
        if (mine := nodes[0].seat.kind.layer) is not layer:
            layer = mine
            blocks.append(Para(Bold(LAYERS[layer])))
        if layer is Layer.EXECUTION:
            blocks.append(Para(Bold(SECTIONS[section])))
        rows = [each for node in nodes for each in node.walk()]
        blocks.append(Bullets(tuple(_row(root, node, depth) for depth, node in rows)))
    spans = rules.spans(root)
    buttons: list[Button] = []
    for span in spans:
        blocks.append(Para(_("⚠ {text}", text=span.text)))
        blocks += [Para(text) for text in proposed(span)]
        if span.splits:
            label = f" label=“{span.seat.label}”" if span.seat.label else ""
            buttons.append(
                Button(
                    _("Share out: {title}", title=span.seat.title),
                    f"/org split {span.seat.role}{label} {me}",
                )
            )
    return Document(tuple(blocks), tuple(buttons), papers=(picture(there, incident, now),))


def proposed(span: rules.Span) -> tuple[Msg, ...]:
    """How a span that is too wide could be shared out."""
    return tuple(
        _(
            "Proposal: {head} with {seats}",
            head=each.head.title,
            seats=tuple(seat.title for seat in each.seats),
        )
        for each in span.splits
    )


def headquarters_line(there: Scene, group: Group) -> Inline:
    """A group of the on-scene headquarters, the position that leads it, and who holds that."""
    seats = [each for each in there.seats if each.role == group.role] or [Seat(group.role)]
    held = [each for seat in seats for each in there.holders(seat)]
    who: Msg = _("{names}", names=named(held)) if held else _vacant(there.root, seats[0])
    return Span((Bold(group.title), " ", seats[0].kind.title, " — ", who))


def _row(root: Node, node: Node, depth: int) -> Inline:
    parts: list[Inline] = [Bold(node.seat.title), " "]
    if depth > 0:
        parts += [_("(under {title})", title=root.path(node.seat)[-2].seat.title), " "]
    parts.append("— ")
    if node.staffed:
        parts.append(_("{names}", names=_names(node.holders)))
    else:
        parts.append(_vacant(root, node.seat))
    if node.deputies:
        parts.append(_("; deputy: {names}", names=_names(node.deputies)))
    return Span(tuple(parts))


def _vacant(root: Node, seat: Seat) -> Msg:
    head = responsible(root, seat)
    if head is None:
        return _("nobody")
    return _("nobody; {title} answers for it", title=head.seat.title)


def _names(holders: Sequence[Holder]) -> tuple[Msg | str, ...]:
    return tuple(
        _("{name} ({agency})", name=each.name, agency=each.agency) if each.agency else each.name
        for each in holders
    )


def picture(there: Scene, incident: Incident, now: datetime) -> Paper:
    """The organisation as a picture; see `handlers/printed/org.typ` for what is read of it."""
    root = there.root
    seats = len(there.seats)
    columns = 1 if seats <= FEW_SEATS else 3 if seats > MANY_SEATS else 2
    people = {position.person_id for position, _person in there.held}
    top = _card_row(root, root, 0)
    if len(root.holders) > 1:
        top["title"] = lines(_("Unified Command"))
    data: dict[str, Json] = {
        "width": WIDE if columns == 3 else WIDTH,
        "title": name(incident),
        "under": lines(
            _("As of {time}: positions {seats}, people {people}", time=now, seats=seats,
              people=len(people))
        ),
        "deputy": lines(_("deputy")),
        "top": top,
        "columns": _flowed(_cards(root), columns),
        "notes": [lines(each.text) for each in rules.spans(root)],
    }  # fmt: skip
    caption = _("Organisation of {incident}", incident=name(incident))
    return Paper(f"org-I{incident.id}", "org.typ", caption, data)


def _card_row(root: Node, node: Node, depth: int) -> dict[str, Json]:
    return {
        "depth": min(depth, 4),
        "title": lines(node.seat.title),
        "people": [{"name": each.name, "agency": each.agency} for each in node.holders],
        "deputies": [{"name": each.name, "agency": each.agency} for each in node.deputies],
        "vacant": lines(_vacant(root, node.seat)),
    }


Card = tuple[Section, list[dict[str, Json]]]


def _cards(root: Node) -> list[Card]:
    return [
        (section, [_card_row(root, each, depth) for node in nodes for depth, each in node.walk()])
        for section, nodes in sections(root).items()
    ]


def _height(row: dict[str, Json]) -> float:
    people, deputies = row["people"], row["deputies"]
    assert isinstance(people, list)
    assert isinstance(deputies, list)
    return 1.2 + max(len(people) + len(deputies), 1)


HEAD = 1.6
"""The height of a card's head, in lines."""


def _flowed(cards: Sequence[Card], columns: int) -> list[Json]:
    """Cards from one column into the next; one that reaches too far goes on in the next."""
    left = sum(HEAD + sum(map(_height, rows)) for _section, rows in cards)
    made: list[list[Json]] = [[]]
    room = left / columns
    used = 0.0
    for section, rows in cards:
        rest, again = list(rows), False
        while rest:
            fits = _fitting(rest, room - used - HEAD)
            last = len(made) == columns
            if last or len(rest) - fits < 2:
                fits = len(rest)
            if fits < 2 and not last and len(rest) >= 2 and made[-1]:
                fits = 0
            if fits:
                part, rest = rest[:fits], rest[fits:]
                made[-1].append(_printed(section, part, again))
                used += HEAD + sum(map(_height, part))
                again = True
            if rest and not last:
                made.append([])
                used = 0.0
    made += [[] for _column in range(columns - len(made))]
    return [list(column) for column in made]


def _fitting(rows: Sequence[dict[str, Json]], room: float) -> int:
    fits = 0
    for row in rows:
        room -= _height(row)
        if room < -0.5:
            break
        fits += 1
    return fits


def _printed(section: Section, rows: Sequence[dict[str, Json]], again: bool) -> Json:
    title = _("Command Staff") if section is Section.COMMAND else SECTIONS[section]
    if again:
        title = _("{title} (continued)", title=title)
    return {"section": str(section), "title": lines(title), "rows": list(rows)}


def duties(seat: Seat, deputy: bool) -> tuple[Block, ...]:
    """What whoever holds a seat may and must do."""
    blocks: list[Block] = []
    if deputy:
        blocks.append(Para(_("As a deputy you may do what the one you stand for may.")))
    blocks.append(Para(Bold(_("You may:"))))
    blocks.append(Bullets(may(seat.kind)))
    blocks.append(Para(Bold(_("You must:"))))
    blocks.append(Bullets(must(seat.kind)))
    return tuple(blocks)


def listed(there: Scene) -> Bullets:
    """Who holds what since when, a line for each, deputies after those they stand for."""
    order = {seat: number for number, seat in enumerate(there.seats)}
    held = sorted(
        there.held, key=lambda each: (order[Seat(each[0].role, each[0].label)], each[0].deputy)
    )
    rows: list[Inline] = []
    for position, person in held:
        seat = Seat(position.role, position.label)
        who: Msg | str = person.name
        if position.agency:
            who = _("{name} ({agency})", name=person.name, agency=position.agency)
        text = (
            _("{name}, deputy, since {time}", name=who, time=position.since)
            if position.deputy
            else _("{name}, since {time}", name=who, time=position.since)
        )
        if position.until is not None:
            text = _("{text}, until {time}", text=text, time=position.until)
        rows.append(Span((Bold(seat.title), " — ", text)))
    return Bullets(tuple(rows))
