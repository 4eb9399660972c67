"""Going home (ICS 221): a unit is released once every ticked box is signed, or by command with a
reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, Person, Resource, ResourceBox, ResourceCheckout
from workflows.authority import Standing, ask_command
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.rules import reason as checked_reason
from workflows.incidents.scene import to_act_in
from workflows.organisation.chart import Seat
from workflows.organisation.scene import scene
from workflows.resources import devices, journey, resting, rules
from workflows.resources.rules import Event, Status
from workflows.resources.service import SERVED, become, called, reference
from workflows.shelf import Shelf, both, unfit
from workflows.text import Json, Msg, _, either

LONGEST_REMARKS = 300


@dataclass(frozen=True, slots=True)
class Kind:
    """A box as the pack describes it."""

    code: str
    zh: str
    en: str
    names: tuple[str, ...]
    roles: tuple[str, ...]
    ticked: bool
    only: frozenset[str]


def kinds(shelf: Shelf) -> tuple[Kind, ...]:
    """Every box that there is. Raises `NotUsable`."""
    read = shelf.read("workflows.resources", "checkout")
    try:
        return tuple(_kind(each) for each in read["box"])
    except (KeyError, TypeError, ValueError) as wrong:
        raise unfit("checkout", wrong) from wrong


def _kind(each: dict[str, Json]) -> Kind:
    zh, en = both(each["title"])
    names, roles, only = each["names"], each["roles"], each.get("only", [])
    if not isinstance(names, list) or not isinstance(roles, list) or not isinstance(only, list):
        raise ValueError("names, roles and only are lists")
    return Kind(
        str(each["code"]), zh, en, tuple(map(str, names)), tuple(map(str, roles)),
        each.get("ticked", True) is True, frozenset(map(str, only)),
    )  # fmt: skip


def title(box: ResourceBox) -> Msg:
    """What a box says, in the language of who reads it."""
    return either(str(box.title["zh"]), str(box.title["en"]))


async def ask(
    uow: UnitOfWork,
    resource: Resource,
    shelf: Shelf,
    *,
    planned: datetime | None,
    destination: str | None,
    wanted: Sequence[str],
    reason: str | None,
    by: By,
    standing: Standing,
    now: datetime,
) -> ResourceCheckout:
    """A unit is to go home: its boxes stand open from now on; `wanted` names those to be signed
    besides the usual ones. With a reason, command has those alone signed, and what was signed
    already. Asked again it changes time and destination.

    Raises `Refusal` (`resource-status`, `demob-box`, `not-allowed`).
    """
    incident = await to_act_in(uow, resource.incident_id)
    assert resource.id is not None
    assert by.person_id is not None
    if resource.status == Status.RELEASED:
        rules.after(resource.status, Event.FREE, reference(resource))
    known = kinds(shelf)
    chosen = [one(known, each).code for each in wanted]
    why = None if reason is None else checked_reason(reason)
    checkout = await uow.resources.checkout(resource.id)
    new = checkout is None
    if checkout is None:
        checkout = ResourceCheckout(resource_id=resource.id, asked_at=now, asked_by=by.person_id)
    checkout.planned_at = planned or checkout.planned_at
    if destination is not None:
        checkout.destination = rules.name(destination)
    await uow.resources.save(checkout)
    boxes = {each.code: each for each in await uow.resources.boxes(resource.id)}
    dropped: list[ResourceBox] = []
    for place, kind in enumerate(known):
        box = boxes.get(kind.code) or ResourceBox(
            resource_id=resource.id, code=kind.code, place=place,
            title={"zh": kind.zh, "en": kind.en}, roles=list(kind.roles),
        )  # fmt: skip
        if kind.code not in boxes:
            box.ticked = kind.ticked and (not kind.only or resource.category in kind.only)
        if kind.code in chosen:
            box.ticked = True
        elif chosen and why is not None and box.ticked and box.signed_at is None:
            box.ticked = False
            dropped.append(box)
        await uow.resources.save(box)
    if dropped and not (standing.commands or standing.admin):
        refusal = _("Only the Incident Commander or a deputy may do this.")
        raise Refusal("not-allowed", ask_command(refusal)(standing))
    text = _("{name} asked for {unit} to be demobilised", name=by.name, unit=called(resource))
    if dropped and why is not None:
        text = _(
            "{name} asked for {unit} to be demobilised; {boxes} need not be signed. "
            "Reason: {reason}",
            name=by.name,
            unit=called(resource),
            boxes=tuple(title(each) for each in dropped),
            reason=why,
        )
    code = "resource.demob" if new else "resource.demob-changed"
    params: dict[str, Json] = {}
    if dropped:
        params = {"unticked": [each.code for each in dropped], "reason": why}
    await _noted(uow, incident, resource, code, text, by=by, now=now, params=params)
    return checkout


def one(known: Sequence[Kind], typed: str) -> Kind:
    """The box that somebody names. Raises `Refusal` (`demob-box`)."""
    plain = unicodedata.normalize("NFKC", typed).casefold().strip()
    for each in known:
        if plain in (each.code, *each.names, each.zh.casefold(), each.en.casefold()):
            return each
    raise Refusal(
        "demob-box",
        _(
            "There is no box “{text}”. There are: {names}.",
            text=typed[:40],
            names=tuple("/".join(each.names[:2]) for each in known),
        ),
    )


async def signers(
    uow: UnitOfWork, incident: Incident, box: ResourceBox, now: datetime
) -> Sequence[Person]:
    """Who may sign a box: whoever answers for its positions now."""
    there = await scene(uow, incident, now)
    found: dict[int | None, Person] = {}
    for role in box.roles:
        node = there.responsible(Seat(role, ""))
        for _position, person in () if node is None else there.holders(node.seat):
            found[person.id] = person
    return tuple(found.values())


async def _open(uow: UnitOfWork, resource: Resource) -> ResourceCheckout:
    assert resource.id is not None
    checkout = await uow.resources.checkout(resource.id)
    if checkout is None:
        raise Refusal(
            "demob-none",
            _(
                "Nobody has asked for {unit} to be demobilised yet: /resource demob {reference}",
                unit=called(resource),
                reference=reference(resource),
            ),
        )
    if checkout.released_at is not None:
        rules.after(resource.status, Event.FREE, reference(resource))
    return checkout


async def sign(
    uow: UnitOfWork,
    resource: Resource,
    shelf: Shelf,
    typed: str,
    remarks: str | None,
    *,
    by: By,
    standing: Standing,
    now: datetime,
) -> ResourceBox:
    """Somebody signs a box, once. Raises `Refusal` (`demob-none`, `demob-box`, `demob-signed`,
    `demob-unticked`, `demob-signer`)."""
    incident = await to_act_in(uow, resource.incident_id)
    await _open(uow, resource)
    assert resource.id is not None
    kind = one(kinds(shelf), typed)
    box = next(
        (each for each in await uow.resources.boxes(resource.id) if each.code == kind.code), None
    )
    if box is None or not box.ticked:
        raise Refusal("demob-unticked", _("That box need not be signed for {unit}.",
                                          unit=called(resource)))  # fmt: skip
    if box.signed_at is not None:
        raise Refusal(
            "demob-signed",
            _("{name} signed that {time} already. Nothing was changed.", name=box.name or "?",
              time=box.signed_at),
        )  # fmt: skip
    may = await signers(uow, incident, box, now)
    if by.person_id not in {each.id for each in may} and not standing.commands:
        names = tuple(each.name for each in may) or standing.commanders
        raise Refusal(
            "demob-signer",
            _("That is signed by {names}.", names=names)
            if names
            else _("Nobody holds the position that signs that. Ask an administrator."),
        )
    box.signed_at, box.signed_by, box.name = now, by.person_id, by.name
    box.remarks = None if remarks is None else checked_reason(remarks)[:LONGEST_REMARKS]
    await uow.resources.save(box)
    text = _("{name} signed for {unit}: {box}", name=by.name, unit=called(resource),
             box=title(box))  # fmt: skip
    await _noted(uow, incident, resource, "resource.signed", text, by=by, now=now)
    return box


async def unsigned(uow: UnitOfWork, resource: Resource) -> Sequence[ResourceBox]:
    """The ticked boxes that nobody has signed yet."""
    assert resource.id is not None
    boxes = await uow.resources.boxes(resource.id)
    return [each for each in boxes if each.ticked and each.signed_at is None]


async def release(
    uow: UnitOfWork,
    resource: Resource,
    override: str | None,
    *,
    by: By,
    standing: Standing,
    now: datetime,
) -> None:
    """The unit goes home. With boxes left unsigned only by command, which says why.

    Raises `Refusal` (`demob-none`, `demob-unsigned`, `demob-carries`, `resource-status`,
    `not-allowed`).
    """
    incident = await to_act_in(uow, resource.incident_id)
    assert resource.id is not None
    why = None if override is None else checked_reason(override)
    if why is not None and not (standing.commands or standing.admin):
        refusal = _("Only the Incident Commander or a deputy may do this.")
        raise Refusal("not-allowed", ask_command(refusal)(standing))
    if why is not None and await uow.resources.checkout(resource.id) is None:
        assert by.person_id is not None
        await uow.resources.save(
            ResourceCheckout(resource_id=resource.id, asked_at=now, asked_by=by.person_id)
        )
    checkout = await _open(uow, resource)
    carried = [
        each
        for each in await uow.custody.all(incident.id, open_only=True)
        if each.unit_number == resource.number
    ]
    if carried:
        raise Refusal(
            "demob-carries",
            _(
                "{unit} still carries {goods}. They are handed over first.",
                unit=called(resource),
                goods=tuple(f"C{each.number} {each.goods}" for each in carried),
            ),
        )
    left = await unsigned(uow, resource)
    if left and why is None:
        raise Refusal(
            "demob-unsigned",
            _(
                "{unit} is not released: {boxes} is not signed yet. The Incident Commander can "
                "release it all the same: /resource release {reference} override=REASON",
                unit=called(resource),
                boxes=tuple(title(each) for each in left),
                reference=reference(resource),
            ),
        )
    checkout.released_at, checkout.released_by = now, by.person_id
    checkout.override = why if left else None
    await uow.resources.save(checkout)
    if journey.under_way(resource):
        await journey.stop(uow, resource, by=by, now=now)
    await devices.untrack(uow, resource, person_id=None, by=by, now=now)
    for kind in (resting.TIRED, resting.RESTED, SERVED):
        await uow.timers.drop(kind, str(resource.id))
    resource.on_since = resource.rest_until = None
    text = _("{name} released {unit}", name=by.name, unit=called(resource))
    if left and why is not None:
        text = _(
            "{name} released {unit} though {n} boxes were not signed. Reason: {reason}",
            name=by.name,
            unit=called(resource),
            n=len(left),
            reason=why,
        )
    await become(
        uow, incident, resource, Event.RELEASE, "resource.released", text, by=by, now=now,
        reason=why if left else None, more=("on_since", "rest_until"),
        params={"unsigned": [each.code for each in left]},
    )  # fmt: skip
    await _noted(uow, incident, resource, "resource.demob-over", text, by=by, now=now)


def fields(checkout: ResourceCheckout, boxes: Sequence[ResourceBox]) -> dict[str, Json]:
    """A demobilisation as the ledger keeps it."""
    made: dict[str, Json] = {}
    for name, value in checkout.model_dump(exclude={"resource_id"}).items():
        made[name] = iso(value) if isinstance(value, datetime) else value
    made["boxes"] = {
        each.code: {
            "ticked": each.ticked,
            "signed_at": iso(each.signed_at),
            "signed_by": each.signed_by,
            "name": each.name,
            "remarks": each.remarks,
        }
        for each in boxes
    }
    return made


async def _noted(
    uow: UnitOfWork,
    incident: Incident,
    resource: Resource,
    code: str,
    text: Msg,
    *,
    by: By,
    now: datetime,
    params: Mapping[str, Json] | None = None,
) -> None:
    assert resource.id is not None
    checkout = await uow.resources.checkout(resource.id)
    assert checkout is not None
    boxes = await uow.resources.boxes(resource.id)
    await record(
        uow, incident, code, text, by=by, now=now, thing=f"checkout {resource.number}",
        changes=fields(checkout, boxes), params={"unit": reference(resource), **(params or {})},
    )  # fmt: skip
