"""What shows a hand-over: photos and signatures, by their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Consignment, CustodyStep
from workflows.custody import rules
from workflows.errors import Refusal
from workflows.incidents.record import By, record
from workflows.incidents.scene import to_act_in
from workflows.text import Json, Msg, _


def reference(consignment: Consignment) -> str:
    """What means the consignment in its incident, `C3`."""
    return f"C{consignment.number}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A message that shows a hand-over: its words' SHA-256 and how many files it brings, whose
    own hashes follow once they were fetched."""

    message: int
    sha256: str
    files: tuple[str, ...] = ()


def kept(evidence: Evidence) -> dict[str, Json]:
    """Evidence as a hand-over keeps it."""
    return {
        "message": evidence.message,
        "sha256": evidence.sha256,
        "files": [{"name": each, "sha256": None} for each in evidence.files],
    }


async def show_evidence(
    uow: UnitOfWork, consignment: Consignment, evidence: Evidence, *, by: By, now: datetime
) -> CustodyStep:
    """A message shows the last hand-over. Raises `Refusal` (`custody-evidence`)."""
    incident = await to_act_in(uow, consignment.incident_id)
    assert consignment.id is not None
    steps = await uow.custody.steps(consignment.id)
    if not steps:
        raise Refusal(
            "custody-evidence",
            _("{reference} was not handed over yet.", reference=reference(consignment)),
        )
    step = steps[-1]
    known = [*step.evidence]
    if any(each["message"] == evidence.message for each in known):
        raise Refusal("custody-evidence", _("That message is kept as evidence already."))
    if len(known) >= rules.MOST_EVIDENCE:
        raise Refusal("custody-evidence", _("{n} messages are enough.", n=len(known)))
    step.evidence = [*known, kept(evidence)]
    await uow.custody.save(step)
    text = _("{name} added evidence to {reference}", name=by.name,
             reference=reference(consignment))  # fmt: skip
    await record(
        uow, incident, "custody.evidence", text, by=by, now=now, thing=reference(consignment),
        params={"step": step.step, "message": evidence.message, "sha256": evidence.sha256},
    )  # fmt: skip
    return step


async def fetched(
    uow: UnitOfWork, consignment_id: int, number: int, message: int, at: int,
    sha256: str | None, fault: Msg | None, *, by: By, now: datetime,
) -> None:  # fmt: skip
    """The hash of a file of the evidence is known, or that it could not be had."""
    known = await uow.custody.by_id(consignment_id)
    if known is None:
        return
    incident = await uow.incidents.locked(known.incident_id)
    assert incident is not None
    consignment = await uow.custody.get(known.incident_id, known.number)
    # Read only now: another file or message may have come in while they were waited for.
    found = [each for each in await uow.custody.steps(consignment_id) if each.step == number]
    if not found or consignment is None:
        return
    step, evidence = found[0], []
    name = ""
    for each in found[0].evidence:
        entry = {**each, "files": [{**file} for file in each["files"]]}
        if entry["message"] == message and at < len(entry["files"]):
            entry["files"][at]["sha256"] = sha256
            name = str(entry["files"][at]["name"])
        evidence.append(entry)
    step.evidence = evidence
    await uow.custody.save(step)
    shown = name or _("photo")
    text = (
        _("Evidence of {reference}: {file}, SHA-256 {sha256}", reference=reference(consignment),
          file=shown, sha256=sha256)
        if sha256 is not None
        else _("Evidence of {reference}: {file} could not be had. {reason}",
               reference=reference(consignment), file=shown, reason=fault or "")
    )  # fmt: skip
    await record(
        uow, incident, "custody.hashed", text, by=by, now=now, thing=reference(consignment),
        params={"step": number, "message": message, "file": name, "sha256": sha256},
    )  # fmt: skip
