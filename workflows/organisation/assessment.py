"""The initial assessment: what its answers speak for, with reasons. Pure, and it decides nothing.

Thresholds are data with their source. Accidents: State Council Order 493 (2007), article 3, and
State Administration of Work Safety Order 21 (2009), article 26. Environment: the national plan for
environmental emergencies (2014), annex 1. Natural disasters: the national plan for disaster relief
(2016), which speaks of the response level; the other two speak of the event level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields

from workflows.incidents.rules import LEVELS, one_line
from workflows.organisation.chart import Seat
from workflows.text import Json, Msg, _

LONGEST = 500
"""Characters of one answer in words."""

NATURAL = frozenset({"flood", "landslide", "earthquake"})
POLLUTING = frozenset({"spill", "chemical", "pipeline"})
HEALTH = frozenset({"epidemic"})

COMPLEXITY: Mapping[str, Msg] = {
    "hazmat": _("hazardous substances"),
    "agencies": _("several agencies"),
    "areas": _("more than one place or district"),
    "long": _("more than 12 hours"),
    "crowd": _("many people nearby"),
    "utilities": _("power, water or communications are down"),
}

PACKS: Mapping[str, Msg] = {
    "environment": _("environment"),
    "work-safety": _("work safety"),
    "natural-disaster": _("natural disaster"),
    "local": _("local plan"),
}
"""Sets of reporting clocks."""


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
    """Something that is proposed, and why."""

    what: str
    why: Msg


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
            return None if each is None else {"what": each.what, "why": each.why.to_json()}

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


_ORDER_493 = _("State Council Decree 493, article 3")
_ORDER_21 = _("Work Safety Decree 21, article 26")
_ENVIRONMENT = _("National plan for environmental emergencies, annex 1")
_RELIEF = _("National plan for disaster relief")

_DEAD = ("dead", "missing")

ACCIDENT = (
    Threshold("I", _DEAD, 30, _ORDER_493),
    Threshold("I", ("injured",), 100, _ORDER_493),
    Threshold("II", _DEAD, 10, _ORDER_493),
    Threshold("II", ("injured",), 50, _ORDER_493),
    Threshold("III", _DEAD, 3, _ORDER_493),
    Threshold("III", ("injured",), 10, _ORDER_493),
    Threshold("III", ("missing", "trapped"), 3, _ORDER_21),
    Threshold("III", ("evacuated",), 500, _ORDER_21),
)
POLLUTION = (
    Threshold("I", ("evacuated",), 50_000, _ENVIRONMENT),
    Threshold("II", ("evacuated",), 10_000, _ENVIRONMENT),
    Threshold("III", ("evacuated",), 5_000, _ENVIRONMENT),
)
DISASTER = (
    Threshold("I", _DEAD, 200, _RELIEF),
    Threshold("II", _DEAD, 100, _RELIEF),
    Threshold("III", _DEAD, 50, _RELIEF),
    Threshold("IV", _DEAD, 20, _RELIEF),
)


def propose(said: Answers) -> Proposal:
    """What the answers speak for."""
    event = response = None
    if said.type in NATURAL:
        response = _highest(said, DISASTER)
    else:
        event = _highest(said, ACCIDENT + (POLLUTION if said.type in POLLUTING else ()))
        if event is None:
            event = Reasoned("IV", _("Nothing that was counted reaches a higher level."))
    worst = min((LEVELS.index(each.what) for each in (event, response) if each), default=3)
    return Proposal(
        event,
        response,
        tuple({each.what: each for each in reversed(tuple(_seats(said, worst)))}.values())[::-1],
        tuple(_packs(said)),
        tuple(name for name in ASKED if getattr(said, name) is None),
    )


def _highest(said: Answers, table: tuple[Threshold, ...]) -> Reasoned | None:
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


def _seats(said: Answers, worst: int) -> Iterator[Reasoned]:
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
    if "hazmat" in there or said.type in (*POLLUTING, *HEALTH):
        yield Reasoned("experts", _("the substance or disease needs experts"))
    if (said.evacuated or 0) or "crowd" in there:
        yield Reasoned("community", _("people who live nearby are concerned"))


def _packs(said: Answers) -> Iterator[Reasoned]:
    if said.type in NATURAL:
        yield Reasoned("natural-disaster", _("it is a natural disaster"))
        return
    if said.type in POLLUTING or "hazmat" in said.complexity:
        yield Reasoned("environment", _("something may get into air, water or ground"))
    if said.type in (None, "other", *HEALTH):
        yield Reasoned("local", _("no national clock is known for this type"))
    else:
        yield Reasoned("work-safety", _("it is an accident"))


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
