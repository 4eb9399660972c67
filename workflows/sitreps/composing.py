"""What a report that goes up says: its own words, else what was reported to command since, else
what the one before it said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident
from storage.tables.organisation import COMMANDER
from workflows.incidents.rules import one_line
from workflows.orders.rules import State
from workflows.sitreps.elements import CARRIED, ELEMENTS, UPWARD, Kind, carried, ordered
from workflows.text import Msg, either

MOST_ORDERS = 6

_JOINS = {"；": "; ", "：": ": "}
_JOINED = {
    "leaders": {"（": " (", "）": ")", "、": ", ", **_JOINS},
    "needs": {"、": ", ", **_JOINS},
}
_AS_TYPED = ("place", "scope")
"""Elements of the record that people typed in one piece."""


async def composed(
    uow: UnitOfWork,
    incident: Incident,
    line: str,
    told: Mapping[str, str],
    now: datetime,
    *,
    before: int | None = None,
) -> dict[str, str]:
    """The elements of a report that goes up, in order: `told`, then what agencies reported since
    the last one, joined with their names where they are several, then what held before; what the
    incident itself knows where nobody said it. `before` is the number of the report itself."""
    last = await uow.sitreps.latest(incident.id, kinds=UPWARD, line=line, before=before)
    base = {} if last is None else last.content
    since = await _since(uow, incident, line, 0 if last is None else last.number)
    whole = carried(base, {**since, **told})
    known = await _known(uow, incident, now)
    whole = {**known, **whole}
    if incident.place:
        whole["place"] = incident.place
    return {code: whole[code] for code in ordered(whole)}


async def _since(uow: UnitOfWork, incident: Incident, line: str, after: int) -> dict[str, str]:
    """Each element as agencies reported it to command after that report."""
    told: dict[str, dict[str, str]] = {}
    for each in await uow.sitreps.all(incident.id, kinds=(Kind.REPORT,)):
        if each.number <= after or (line and each.agency != line):
            continue
        for code in each.given:
            if code in CARRIED and code in each.content:
                told.setdefault(code, {})[each.agency] = each.content[code]
    return {code: _joined(by_agency) for code, by_agency in told.items()}


def _joined(by_agency: Mapping[str, str]) -> str:
    if len(set(by_agency.values())) == 1:
        return next(iter(by_agency.values()))
    return "；".join(
        f"{agency}：{one_line(text)}" if agency else one_line(text)
        for agency, text in by_agency.items()
    )


async def _known(uow: UnitOfWork, incident: Incident, now: datetime) -> dict[str, str]:
    """What follows from the record: how far it reaches, who leads, what was ordered, what is still
    asked for."""
    commanders = await uow.organisation.held(incident.id, now, role=COMMANDER)
    names = [
        f"{person.name}（{held.agency}）" if held.agency else person.name
        for held, person in commanders
        if not held.deputy
    ]
    orders = [
        each.text
        for each in await uow.orders.all(incident.id)
        if each.state in (State.ACKNOWLEDGED, State.DONE)
    ]
    wanted = [
        f"{line.kind}{amount(line.quantity)}{line.unit}"
        for _request, line in await uow.requests.open(incident.id)
    ]
    assessed = await uow.assessments.latest(incident.id)
    found = {
        "scope": str(assessed.answers.get("extent") or "") if assessed is not None else "",
        "leaders": "、".join(names),
        "measures": "；".join(orders[-MOST_ORDERS:]),
        "needs": "、".join(wanted),
    }
    return {code: text for code, text in found.items() if text and code in ELEMENTS}


async def typed(uow: UnitOfWork, incident_id: int) -> frozenset[str]:
    """The elements that people typed into the reports of an incident."""
    return frozenset(
        str(each.content[code])
        for each in await uow.sitreps.all(incident_id)
        for code in each.given
        if code in each.content
    )


def worded(code: str, text: str, known: frozenset[str]) -> Msg | str:
    """An element for who reads it: what was put together here has the punctuation of each
    language, what people typed (`known`) stays as it is."""
    if text in known or code in _AS_TYPED:
        return text
    english = text
    for wide, half in _JOINED.get(code, _JOINS).items():
        english = english.replace(wide, half)
    return either(text, english.strip())


def amount(milli: int) -> str:
    """A quantity of thousandths without needless zeros."""
    whole, rest = divmod(milli, 1000)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".") if rest else str(whole)
