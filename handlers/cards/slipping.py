"""Objectives against time: what slips, with what could be done as buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.cards.objective import TIERS
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
)
from storage import UnitOfWork
from storage.tables import Incident, Objective
from workflows.objectives.rules import State
from workflows.periods import tiers
from workflows.periods.cycle import Cycle
from workflows.periods.slipping import Slip, Told, Why, slipping
from workflows.text import Msg, _, ngettext

LISTED = 12
PROPOSED = 3
"""Objectives for which there are buttons: more fit on no phone."""

SIGNS: Mapping[Why, str] = {Why.OVERDUE: "⏰", Why.BEHIND: "🐢", Why.SILENT: "🔇", Why.ENDLESS: "♾️"}


async def compared(
    uow: UnitOfWork, incident: Incident, cycle: Cycle, now: datetime
) -> tuple[Document, Sequence[Slip]]:
    """What slips, and the document that says so with proposals for decisions."""
    known = await uow.objectives.all(incident.id)
    open_ = [each for each in known if each.state == State.OPEN]
    told = [await _told(uow, each) for each in open_]
    slips = slipping(told, now, margin=cycle.margin, silent=cycle.silent)
    blocks: list[Block] = [Heading(_("Objectives against time"))]
    if not open_:
        blocks.append(Para(_("No objective is open.")))
    elif not slips:
        text = ngettext("The one open objective goes as planned.",
                        "All {n} open objectives go as planned.", len(open_))  # fmt: skip
        blocks.append(Para(text))
    else:
        text = _("{slipping} of {n} open objectives slip. What is to be done is a decision:",
                 slipping=len(slips), n=len(open_))  # fmt: skip
        blocks += [Para(text), Bullets(tuple(_line(each, now) for each in slips[:LISTED]))]
    if len(slips) > LISTED:
        blocks.append(Para(_("and {n} more", n=len(slips) - LISTED)))
    buttons = await _proposals(uow, incident, slips, now)
    tier = await tiers.current(uow, incident.id)
    following = tiers.proposed(tier, known)
    if following is not None:
        blocks.append(
            Para(
                _("All objectives of {tier} are over. Is it {following} now?",
                  tier=TIERS[tier], following=TIERS[following])
            )
        )  # fmt: skip
        which = f"incident=I{incident.id}"
        label = _("Go on to {tier}", tier=TIERS[following])
        buttons.append(Button(label, f"/period tier {following} {which}"))
    return Document(tuple(blocks), tuple(buttons)), slips


async def _told(uow: UnitOfWork, objective: Objective) -> Told:
    assert objective.id is not None
    said = [
        change.at
        for change in await uow.objectives.history(objective.id)
        if "progress" in change.after
    ]
    return Told(
        number=objective.number,
        text=objective.text,
        progress=objective.progress,
        made_at=objective.made_at,
        told_at=max(said, default=objective.made_at),
        due=objective.due,
        priority=objective.priority,
        tier=objective.tier,
    )


def _line(slip: Slip, now: datetime) -> Inline:
    told = slip.objective
    parts: list[Inline] = [
        f"{SIGNS[slip.why]} ",
        Bold(f"O{told.number}"),
        f" {told.text} — ",
        _why(slip, now),
    ]
    if slip.why in (Why.OVERDUE, Why.BEHIND) and slip.until is not None:
        parts += [" · ", _("at this pace until {time}", time=slip.until)]
    return Span(tuple(parts))


def _why(slip: Slip, now: datetime) -> Msg:
    told = slip.objective
    match slip.why:
        case Why.OVERDUE:
            assert told.due is not None
            return _("overdue since {time}, at {percent} %", time=told.due, percent=told.progress)
        case Why.BEHIND:
            return _("at {percent} %, by the time it should be {expected} %",
                     percent=told.progress, expected=slip.expected)  # fmt: skip
        case Why.SILENT:
            return _("at {percent} %, nothing was said since {time}",
                     percent=told.progress, time=told.told_at)  # fmt: skip
        case Why.ENDLESS:
            return _("at {percent} %, without an end", percent=told.progress)


async def _proposals(
    uow: UnitOfWork, incident: Incident, slips: Sequence[Slip], now: datetime
) -> list[Button]:
    """For each of the first objectives what fits its reason; all of it asks, nothing is done."""
    periods = (
        await uow.periods.current(incident.id),
        await uow.periods.planned(incident.id),
    )
    ends = [each.ends_at for each in periods if each is not None]
    buttons: list[Button] = []
    for slip in slips[:PROPOSED]:
        name = f"O{slip.objective.number}"
        me = f"I{incident.id}-{name}"
        times = [*([] if slip.until is None else [slip.until]), *ends]
        until = next((each for each in times if each > (slip.objective.due or now)), None)
        progress = Button(_("How far is {reference}?", reference=name), f"/objective progress {me}")
        if slip.why is Why.SILENT:
            buttons.append(progress)
            continue
        if until is not None:
            buttons.append(
                Button(
                    _("{reference} until {time}", reference=name, time=until),
                    f"/objective set {me} by={_typed(until, incident)}",
                )
            )
        if slip.why is Why.ENDLESS:
            continue
        buttons += [
            progress,
            Button(_("Order for {reference}", reference=name), f"/order new objective={me}"),
            Button(_("Drop {reference}", reference=name), f"/objective drop {me}"),
        ]
    return buttons


def _typed(at: datetime, incident: Incident) -> str:
    return at.astimezone(ZoneInfo(incident.zone)).isoformat(timespec="minutes")
