"""The initial assessment: what its answers speak for, with reasons. Pure, and it decides nothing.

Thresholds and reporting packs are data with their sources, `assessment.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from workflows.incidents.rules import LEVELS, one_line
from workflows.organisation.chart import Seat
from workflows.shelf import Shelf, both, unfit
from workflows.text import Json, Msg, _, either

LONGEST = 500
"""Characters of one answer in words."""

COMPLEXITY: Mapping[str, Msg] = {
    "hazmat": _("hazardous substances"),
    "agencies": _("several agencies"),
    "areas": _("more than one place or district"),
    "long": _("more than 12 hours"),
    "crowd": _("many people nearby"),
    "utilities": _("power, water or communications are down"),
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What the first commander on scene said; None and empty: not known."""

    type: str | None = None
    extent: str | None = None
    dead: int | None = None
    missing: int | None = None
    injured: int | None = None
    trapped: int | None = None
    evacuated: int | None = None
    on_hand: str | None = None
    coming: str | None = None
    complexity: tuple[str, ...] = ()
    limits: str | None = None
    priority: str | None = None
    weather: str | None = None
    hazards: str | None = None

    def to_json(self) -> dict[str, Json]:
        """As it is stored."""
        return {**asdict(self), "complexity": list(self.complexity)}

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Answers:
        """Read what `to_json` wrote."""
        known = {each.name for each in fields(Answers)}
        given = {name: each for name, each in value.items() if name in known}
        listed = given.pop("complexity", ())
        return Answers(
            **given,  # type: ignore[arg-type] # what was stored was an Answers
            complexity=tuple(map(str, listed)) if isinstance(listed, list) else (),
        )


ASKED: Mapping[str, Msg] = {
    "extent": _("extent"),
    "dead": _("dead"),
    "missing": _("missing"),
    "injured": _("injured"),
    "trapped": _("trapped"),
    "evacuated": _("evacuated"),
    "on_hand": _("resources on hand"),
    "coming": _("resources on the way"),
    "limits": _("what limits control"),
    "priority": _("priority"),
    "weather": _("weather and surroundings"),
    "hazards": _("hazards"),
}


def words(typed: str | None) -> str | None:
    """An answer in words, on one line and not longer than `LONGEST`."""
    return None if typed is None else one_line(typed)[:LONGEST] or None


@dataclass(frozen=True, slots=True)
class Reasoned:
    """Something that is proposed, and why; `name` where data name it."""

    what: str
    why: Msg
    name: Msg | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the answers speak for. `event` and `response` are levels, `seats` roles to be set up,
    `packs` reporting packs; `unknown` names what was not answered."""

    event: Reasoned | None
    response: Reasoned | None
    seats: tuple[Reasoned, ...]
    packs: tuple[Reasoned, ...]
    unknown: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """As it is stored: codes and reasons."""

        def one(each: Reasoned | None) -> Json:
            if each is None:
                return None
            named = {} if each.name is None else {"name": each.name.to_json()}
            return {"what": each.what, "why": each.why.to_json(), **named}

        return {
            "event": one(self.event),
            "response": one(self.response),
            "seats": [one(each) for each in self.seats],
            "packs": [one(each) for each in self.packs],
            "unknown": list(self.unknown),
        }


@dataclass(frozen=True, slots=True)
class Threshold:
    """From `least` on of the people counted in `of` the level is this one."""

    level: str
    of: tuple[str, ...]
    least: int
    source: Msg


@dataclass(frozen=True, slots=True)
class Scale:
    """Thresholds of one scale (event or response) for some types, or for all but some."""

    of: str
    types: frozenset[str]
    without: frozenset[str]
    thresholds: tuple[Threshold, ...]

    def holds(self, type_: str | None) -> bool:
        """Whether it speaks of incidents of that type."""
        return type_ in self.types if self.types else type_ not in self.without


@dataclass(frozen=True, slots=True)
class Proposed:
    """When a set of reporting deadlines is proposed."""

    pack: Reasoned
    types: frozenset[str]
    complexity: frozenset[str]
    without: frozenset[str]

    def holds(self, said: Answers) -> bool:
        """Whether the answers speak for it."""
        if (said.type or "") in self.types:
            return True
        return said.type not in self.without and not self.complexity.isdisjoint(said.complexity)


@dataclass(frozen=True, slots=True)
class Rules:
    """What an assessment is judged by."""

    scales: tuple[Scale, ...]
    packs: tuple[Proposed, ...]
    experts: frozenset[str]


def read_rules(shelf: Shelf) -> Rules:
    """The rules in `assessment.toml`. Raises `NotUsable`."""
    data = shelf.read("workflows.organisation", "assessment")
    try:
        return Rules(
            tuple(_scale(each) for each in data["scale"]),
            tuple(_proposed(each) for each in data["pack"]),
            frozenset(map(str, data["expert_types"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise unfit("assessment", error) from error


def _scale(data: Mapping[str, Any]) -> Scale:
    if data["of"] not in ("event", "response"):
        raise ValueError(f"{data['of']!r} is neither event nor response")
    return Scale(
        data["of"],
        frozenset(data.get("types", ())),
        frozenset(data.get("except", ())),
        tuple(_threshold(each) for each in data["level"]),
    )


def _threshold(data: Mapping[str, Any]) -> Threshold:
    strange = [each for each in data["count"] if each not in ASKED]
    if strange or data["is"] not in LEVELS:
        raise ValueError(f"{strange or data['is']!r} is not known")
    source = either(*both(data["source"]))
    return Threshold(data["is"], tuple(data["count"]), int(data["least"]), source)


def _proposed(data: Mapping[str, Any]) -> Proposed:
    why, name = either(*both(data["why"])), either(*both(data["name"]))
    return Proposed(
        Reasoned(str(data["code"]), why, name),
        frozenset(data.get("types", ())),
        frozenset(data.get("complexity", ())),
        frozenset(data.get("except", ())),
    )


def propose(said: Answers, by: Rules) -> Proposal:
    """What the answers speak for."""
    scales = [each for each in by.scales if each.holds(said.type)]
    event, response = (
        _highest(said, [t for each in scales if each.of == of for t in each.thresholds])
        for of in ("event", "response")
    )
    if event is None and any(each.of == "event" for each in scales):
        event = Reasoned("IV", _("Nothing that was counted reaches a higher level."))
    worst = min((LEVELS.index(each.what) for each in (event, response) if each), default=3)
    return Proposal(
        event,
        response,
        tuple(
            {each.what: each for each in reversed(tuple(_seats(said, worst, by.experts)))}.values()
        )[::-1],
        tuple(each.pack for each in by.packs if each.holds(said)),
        tuple(name for name in ASKED if getattr(said, name) is None),
    )


def _highest(said: Answers, table: Sequence[Threshold]) -> Reasoned | None:
    """The gravest level that is reached; of the same level the first."""
    reached = []
    for each in table:
        n = sum(getattr(said, name) or 0 for name in each.of)
        if n >= each.least:
            reached.append((LEVELS.index(each.level), each, n))
    if not reached:
        return None
    _place, found, n = min(reached, key=lambda one: one[0])
    return Reasoned(
        found.level,
        _(
            "{counted}: {n}, from {least} on ({source})",
            counted=tuple(ASKED[name] for name in found.of),
            n=n,
            least=found.least,
            source=found.source,
        ),
    )


def _seats(said: Answers, worst: int, experts: frozenset[str]) -> Iterator[Reasoned]:
    """Roles, each with the first reason for it."""
    there = set(said.complexity)
    lost = (said.missing or 0) + (said.trapped or 0)
    if said.hazards or "hazmat" in there:
        yield Reasoned("safety", _("there are hazards to those who work"))
    if "agencies" in there:
        yield Reasoned("liaison", _("several agencies take part"))
    if (said.dead or 0) or (said.evacuated or 0) or "crowd" in there:
        yield Reasoned("pio", _("the public has to be told"))
    if lost:
        yield Reasoned("operations", _("people are to be found or freed"))
    if worst <= 2 or "areas" in there:
        yield Reasoned("operations", _("the work on scene needs one hand"))
    if worst <= 2 or "long" in there or "agencies" in there:
        yield Reasoned("planning", _("it goes on beyond what one person keeps in mind"))
        yield Reasoned("situation", _("reports have to be brought together"))
    if worst <= 1 or "long" in there:
        yield Reasoned("resources", _("resources have to be kept track of"))
    if worst <= 1 or "long" in there or "utilities" in there or said.limits:
        yield Reasoned("logistics", _("supplies, shelter or communications are needed"))
    if "utilities" in there:
        yield Reasoned("communications", _("networks are down"))
    if worst <= 1:
        yield Reasoned("finance", _("at this level costs and contracts are large"))
        yield Reasoned("information-center", _("many reports come from many places"))
    if "hazmat" in there or said.type in experts:
        yield Reasoned("experts", _("the substance or disease needs experts"))
    if (said.evacuated or 0) or "crowd" in there:
        yield Reasoned("community", _("people who live nearby are concerned"))


def seats_of(proposal: Mapping[str, Json]) -> tuple[Seat, ...]:
    """The seats of a stored proposal."""
    listed = proposal.get("seats")
    return tuple(
        Seat(str(each["what"]))
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict)
    )


def level_of(proposal: Mapping[str, Json], scale: str) -> str | None:
    """The level that a stored proposal has on that scale: event or response."""
    held = proposal.get(scale)
    return str(held["what"]) if isinstance(held, dict) else None
