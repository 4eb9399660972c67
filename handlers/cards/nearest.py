"""The best sources of a kind as people read them: when each could be there, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from handlers.cards.stock import joined
from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Inline, Para, Span
from storage.tables import StockCapacity, StockKind
from workflows.geo.routes import Roads
from workflows.stock import service
from workflows.stock.nearest import Answer
from workflows.stock.production import Made
from workflows.stock.ranking import TIES, Need, Part, Ranked, Terms
from workflows.stock.units import Units
from workflows.text import Msg, Param, _, ngettext

BUTTONS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What sources are looked for, as far as it is for a request for which line (`I3-R12`)."""

    kind: StockKind
    need: Need
    where: str
    reference: str | None = None
    line: int | None = None


def document(
    asked: Asked,
    answer: Answer,
    terms: Terms,
    units: Units,
    roads: Roads | None,
    capacities: Sequence[StockCapacity] = (),
    made: Made | None = None,
) -> Document:
    """The ranked list with reasons, what together does, and buttons that commit it."""
    blocks: list[Block] = [Heading(_heading(asked, units))]
    if not answer.ranked:
        blocks.append(Para(_("No depot has any that could be taken.")))
    for number, each in enumerate(answer.ranked, 1):
        blocks.append(Para(_line(number, each, asked.kind, units)))
    blocks += _all_of_it(asked, answer, units)
    blocks += _with_made(asked, made, units)
    blocks += _made(asked.kind, capacities, units)
    if answer.ranked:
        blocks.append(Para(_how(terms, roads, answer)))
    return Document(tuple(blocks), tuple(_buttons(asked, answer, units)))


def _heading(asked: Asked, units: Units) -> Msg:
    params: dict[str, Param] = {"kind": asked.kind.name, "place": asked.where}
    if asked.need.milli is None:
        return _("Nearest sources of {kind} for {place}", **params)
    params["quantity"] = service.said(units, asked.kind, asked.need.milli)
    if asked.reference is None:
        return _("Nearest sources of {quantity} of {kind} for {place}", **params)
    return _(
        "{reference}: nearest sources of {quantity} of {kind} for {place}",
        reference=asked.reference,
        **params,
    )


def _line(number: int, each: Ranked, kind: StockKind, units: Units) -> Inline:
    """`1. D2 North depot — 300 m, 12 km away, there in 45 minutes · own stock, ...`."""
    supply = each.supply
    name = Bold(f"{number}. D{supply.depot} {supply.name}")
    quantity = service.said(units, kind, each.milli)
    if each.metres is None or each.seconds is None:
        what = _("{quantity}; where it lies is not known", quantity=quantity)
    else:
        what = _(
            "{quantity}, {distance} away, there in {time}",
            quantity=quantity,
            distance=distance(each.metres),
            time=rounded(each.seconds),
        )
    why = joined(_reasons(each))
    return Span((name, " — ", what) if why is None else (name, " — ", what, " · ", why))


def _reasons(each: Ranked) -> list[Inline]:
    supply = each.supply
    reasons: list[Inline] = []
    if supply.agency is not None:
        reasons.append(_("{agency}: {relation}", agency=supply.agency, relation=TIES[each.tie]))
    if each.lead:
        reasons.append(_("{time} until agreed", time=rounded(each.lead)))
    if supply.expiry is not None:
        day = supply.expiry.isoformat()
        reasons.append(
            _("the first expires on {day}: use it first", day=day)
            if each.soon
            else _("good until {day}", day=day)
        )
    if each.seconds is not None:
        reasons.append(_("time by road from the routing server") if each.routed else _("estimate"))
    return reasons


def distance(metres: float) -> Msg:
    """Metres as people say them."""
    if metres < 1000:
        return _("{n} m", n=round(metres / 10) * 10)
    tenths = 1 if metres < 10_000 else 0
    return _("{n} km", n=round(Decimal(metres) / 1000, tenths))


def rounded(seconds: float) -> timedelta:
    """To five minutes, from an hour on to a quarter of one: no estimate is better than that."""
    step = 300 if seconds < 3600 else 900
    return timedelta(seconds=max(step, round(seconds / step) * step))


def _all_of_it(asked: Asked, answer: Answer, units: Units) -> list[Block]:
    """What has all of it on the spot soonest: several together, or one alone."""
    together, blocks = answer.together, list[Block]()
    if together is not None and together.parts:
        items = tuple(_share(each, asked.kind, units) for each in together.parts)
        if together.short:
            head = _(
                "All that is known is not enough, {quantity} are lacking:",
                quantity=service.said(units, asked.kind, together.short),
            )
        else:
            head = _(
                "All of it soonest, in {time}, from {n} sources:",
                time=rounded(together.seconds or 0),
                n=len(items),
            )
        blocks += [Para(Bold(head)), Bullets(items)]
    whole = answer.whole
    if whole is not None and whole.seconds is not None:
        text = _(
            "All of it from one: D{n} {name}, in {time}.",
            n=str(whole.supply.depot),
            name=whole.supply.name,
            time=rounded(whole.seconds),
        )
        blocks.append(Para(text))
    return blocks


def _share(part: Part, kind: StockKind, units: Units) -> Inline:
    supply = part.source.supply
    quantity = service.said(units, kind, part.milli)
    name = f"D{supply.depot} {supply.name}"
    if part.source.seconds is None:
        return _("{quantity} from {name}", quantity=quantity, name=name)
    return _(
        "{quantity} from {name}, in {time}",
        quantity=quantity,
        name=name,
        time=rounded(part.source.seconds),
    )


def _with_made(asked: Asked, made: Made | None, units: Units) -> list[Block]:
    """What would be there sooner if some of it were made, apart from what lies in depots."""
    if made is None:
        return []
    items = [_share(each, asked.kind, units) for each in made.shelf]
    items += [
        _(
            "{quantity} that {agency} has yet to make: none of it is on the shelf, ask before you "
            "count on it",
            quantity=service.said(units, asked.kind, milli),
            agency=each.name,
        )
        for each, milli in made.works
    ]
    head = _("With what can be made, all of it in {time}:", time=rounded(made.seconds))
    return [Para(Bold(head)), Bullets(tuple(items))]


def _made(kind: StockKind, capacities: Sequence[StockCapacity], units: Units) -> list[Block]:
    """Who could make more of it."""
    return [
        Para(
            _(
                "{agency} can make {quantity} in {hours} hours, beginning {time} after it is "
                "asked.",
                agency=each.agency or each.name,
                quantity=service.said(units, kind, each.milli),
                hours=each.hours,
                time=timedelta(minutes=each.lead_minutes),
            )
        )
        for each in capacities[:3]
    ]


def _how(terms: Terms, roads: Roads | None, answer: Answer) -> Msg:
    """From what the times are made."""
    estimate = _(
        "Estimates: straight line × {factor} at {speed} km/h, {loading} to load, and the time "
        "until the owner has agreed.",
        factor=Decimal(str(terms.road_factor)),
        speed=round(terms.speed * 3.6),
        loading=timedelta(seconds=terms.loading),
    )
    if roads is None:
        return estimate
    if roads.waiting:
        return _("{text} Times by road are being asked for and follow.", text=estimate)
    if roads.fault is not None:
        return _("The routing server gives no times now. {text}", text=estimate)
    return ngettext(
        "{n} source compared; times by road, {loading} to load, and until the owner has agreed.",
        "{n} sources compared; times by road, {loading} to load, and until the owner has agreed.",
        answer.known,
        loading=timedelta(seconds=terms.loading),
    )


def _buttons(asked: Asked, answer: Answer, units: Units) -> list[Button]:
    """Each promises what a source is to give: the parts of what is soonest, else the nearest."""
    need = asked.need.milli
    parts = answer.together.parts if answer.together is not None else ()
    if not parts and need is not None:
        some = [answer.whole] if answer.whole is not None else []
        some += [each for each in answer.ranked if each not in some]
        parts = tuple(Part(each, min(each.milli, need)) for each in some)
    made = []
    for part in parts[:BUTTONS]:
        count, unit = units.number(part.milli, asked.kind.shown)
        word = "" if unit.code == asked.kind.shown else unit.label.param("zh")
        number = part.source.supply.depot
        line = f"/stock reserve {count:f}{word} “{asked.kind.name}” from=D{number}"
        if asked.reference is not None:
            line += f" request={asked.reference}"
            line += "" if asked.line is None else f" line={asked.line}"
        if part.source.seconds is not None:
            line += f" eta=+{max(1, round(part.source.seconds / 60))}min"
        label = _(
            "Promise {quantity} from D{n}",
            quantity=service.said(units, asked.kind, part.milli),
            n=str(number),
        )
        made.append(Button(label, line))
    return made
