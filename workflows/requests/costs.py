"""What lines are estimated to cost and parts did cost, and the limits that are set."""

from __future__ import annotations

from decimal import Decimal

from storage import UnitOfWork
from storage.tables import RequestLimit
from workflows.agencies import named as agency_named
from workflows.errors import Refusal
from workflows.incidents.record import record
from workflows.incidents.scene import to_act_in
from workflows.requests import amounts, keeping, limits, rules
from workflows.requests.rules import Event, State
from workflows.requests.steps import Acting, above, asks, logistics, supplies
from workflows.requests.whole import Whole
from workflows.text import Json, Msg, _


def finance(acting: Acting) -> bool:
    """Whether the person sets limits: Finance and command do."""
    return acting.standing.admin or not acting.standing.roles.isdisjoint(
        above("finance") | {"procurement", "cost"}
    )


async def estimated(
    uow: UnitOfWork,
    incident_id: int,
    number: int,
    cost: Decimal,
    acting: Acting,
    *,
    line: int | None = None,
) -> tuple[Whole, Msg, bool]:
    """What a line, or the whole, is estimated to cost. Above a limit it waits for Finance again,
    as long as nobody has committed anything. Last is whether Finance has to be told instead: of an
    estimate that rose above a limit afterwards, or above what Finance approved.

    Raises `Refusal` (`request-money`, `request-not-yours`, `request-state`).
    """
    whole = await keeping.to_change(uow, incident_id, number)
    if keeping.over(whole):
        rules.after(whole.state, Event.MOVE, whole.reference)
    if not (asks(whole, acting) or logistics(acting.standing) or finance(acting)):
        raise _not_yours(whole)
    cents, before = amounts.fen(cost), limits.estimate(whole)
    if line is None:
        limits.share(whole, cents)
    else:
        whole.line(line).estimate = cents
    open_ = whole.state is State.SOURCING and not whole.parts
    approved = "finance" in whole.request.steps
    if open_ and not approved:
        await limits.review(uow, whole, acting.now)
    now = limits.estimate(whole)
    rose = before is None or now is None or now > before
    above = whole.state in rules.SUPPLIED and rose and await limits.needs_finance(uow, whole)
    text = _(
        "{name}: {reference} is estimated to cost {amount}",
        name=acting.by.name,
        reference=whole.reference if line is None else f"{whole.reference}/{line}",
        amount=amounts.yuan(cents),
    )
    await keeping.keep(uow, whole, "request.estimated", text, acting)
    return whole, text, above


async def actual(
    uow: UnitOfWork, incident_id: int, number: int, part: int, cost: Decimal, acting: Acting
) -> tuple[Whole, Msg]:
    """What a part did cost. Raises `Refusal`."""
    whole = await keeping.to_change(uow, incident_id, number)
    found = whole.part(part)
    if not (finance(acting) or supplies(found.agency, found.by_id, acting)):
        raise _not_yours(whole)
    found.cost = amounts.fen(cost)
    found.changed_at = acting.now
    text = _(
        "{name}: part {n} of {reference} by {supplier} cost {amount}",
        name=acting.by.name,
        n=part,
        reference=whole.reference,
        supplier=found.supplier,
        amount=amounts.yuan(found.cost),
    )
    await keeping.keep(uow, whole, "request.paid", text, acting)
    return whole, text


def _not_yours(whole: Whole) -> Refusal:
    return Refusal(
        "request-not-yours",
        _(
            "What {reference} costs is for who asked, who supplies, Logistics or Finance to say.",
            reference=whole.reference,
        ),
    )


async def limit(
    uow: UnitOfWork,
    incident_id: int,
    acting: Acting,
    *,
    agency: str | None = None,
    approval: Decimal | None = None,
    total: Decimal | None = None,
    tell: tuple[str, ...] = (),
) -> RequestLimit:
    """Set limits of the incident or of an agency in it: from `approval` on Finance approves a
    request; those in `tell` (accounts) hear when most or all of `total` is spent.

    Raises `Refusal` (`request-not-finance`, `request-money`, `agency-unknown`).
    """
    incident = await to_act_in(uow, incident_id)
    if not finance(acting):
        raise Refusal(
            "request-not-finance",
            _("Limits are set by Finance or the Incident Commander."),
        )
    short = "" if agency is None else (await agency_named(uow, agency)).short
    known = await uow.requests.limit(incident_id, short)
    if known is None:
        known = RequestLimit(
            incident_id=incident_id, agency=short, tell=[], set_at=acting.now, told=0
        )
    if approval is not None:
        known.approval = amounts.fen(approval)
    if total is not None:
        known.total, known.told = amounts.fen(total), 0
    if tell:
        known.tell = sorted({*known.tell, *tell})
    known.set_at = acting.now
    await uow.requests.save(known)
    changes: dict[str, Json] = {
        "approval": known.approval,
        "total": known.total,
        "tell": list(known.tell),
    }
    await record(
        uow,
        incident,
        "request.limited",
        _("{name} set limits: {limits}", name=acting.by.name, limits=described(known)),
        by=acting.by,
        now=acting.now,
        thing=f"limit {short}".strip(),
        changes=changes,
    )
    return known


def described(known: RequestLimit) -> tuple[Msg, ...]:
    """A limit in words."""
    made: list[Msg] = []
    if known.agency:
        made.append(_("for {agency}", agency=known.agency))
    if known.approval is not None:
        made.append(_("Finance approves above {amount}", amount=amounts.yuan(known.approval)))
    if known.total is not None:
        made.append(_("in all {amount}", amount=amounts.yuan(known.total)))
    return tuple(made)
