"""For whom goods are, and who may take them over without the code of their waybill."""

from __future__ import annotations

import re

from storage import UnitOfWork
from storage.tables import Consignment
from workflows.authority import Standing
from workflows.custody.evidence import reference
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.text import _

_BETWEEN = re.compile(r"[\s,，、;；/()（）]+")


async def receivers(uow: UnitOfWork, consignment: Consignment) -> frozenset[int]:
    """The people whom the waybill names as receivers.

    A name that several people bear names nobody: whoever takes it on later would be one of them.
    """
    typed = (consignment.receiver or "").strip()
    found = set[int]()
    for word in dict.fromkeys((typed, *_BETWEEN.split(typed))):
        name = word.removeprefix("@")
        if not name:
            continue
        account = await uow.people.account(f"matrix:{word}") if ":" in word else None
        known = [account] if account is not None else await uow.people.by_handle(name)
        ids = {each.person_id for each in known}
        if not ids:
            ids = {each.id for each in await uow.people.named(name) if each.id is not None}
        if len(ids) == 1:
            found |= ids
    return frozenset(found)


async def is_receiver(uow: UnitOfWork, consignment: Consignment, by: By) -> bool:
    """Whether somebody, or an agency of theirs, is the receiver whom the waybill names."""
    if consignment.receiver is None or by.person_id is None:
        return False
    named = consignment.receiver.strip().casefold()
    for agency in await uow.agencies.of_person(by.person_id):
        if named in (agency.name.casefold(), agency.short.casefold()):
            return True
    return by.person_id in await receivers(uow, consignment)


async def _carries(uow: UnitOfWork, consignment: Consignment, by: By) -> bool:
    if consignment.unit_number is None:
        return False
    unit = await uow.resources.get(consignment.incident_id, consignment.unit_number)
    return unit is not None and unit.leader_id is not None and unit.leader_id == by.person_id


async def is_meant_for_others(uow: UnitOfWork, consignment: Consignment, by: By) -> bool:
    """Whether a receiver is named and somebody is neither that nor the carrier."""
    if consignment.receiver is None or await _carries(uow, consignment, by):
        return False
    return not await is_receiver(uow, consignment, by)


async def may_take(uow: UnitOfWork, consignment: Consignment, by: By, standing: Standing) -> None:
    """Without the code goods are taken over by people of an agency or with a role, by the receiver
    and by the carrier. Raises `Refusal` (`custody-stranger`)."""
    if standing.member or standing.roles or by.person_id == consignment.holder_id:
        return
    if await _carries(uow, consignment, by):
        return
    if not await is_receiver(uow, consignment, by):
        raise Refusal(
            "custody-stranger",
            _(
                "You belong to no agency: take {reference} over by the code on its waybill, or "
                "join your agency with /agency join NAME.",
                reference=reference(consignment),
            ),
        )
