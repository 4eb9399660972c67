"""A text that everybody who commands has to approve, each of them the very same.

`ask` puts it, `voice` takes what somebody says, `settle` looks whether it is decided. The digest
is the SHA-256 of the text's canonical JSON: whoever approves names the digest of what he read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Approval, Incident
from storage.tables.organisation import COMMANDER
from workflows.errors import Refusal
from workflows.incidents.record import By, record
from workflows.text import Json, Msg, _

SHOWN = 8
"""Signs of a digest that people compare."""


def digest(words: Mapping[str, Json]) -> str:
    """The SHA-256, in hexadecimal, of the words with their keys in order."""
    whole = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()


async def ask(
    uow: UnitOfWork,
    incident: Incident,
    subject: str,
    words: Mapping[str, Json],
    *,
    by: By,
    now: datetime,
) -> Approval:
    """Put a text to everybody who commands. One about the same subject that still waits is
    superseded: what was said to it does not count for the new one."""
    for older in await uow.approvals.asked(incident.id, subject):
        older.state, older.settled_at = "superseded", now
        await uow.approvals.save(older)
    made = await uow.approvals.add(
        incident_id=incident.id, subject=subject, digest=digest(words), words=dict(words),
        asked_at=now, asked_by=by.person_id,
    )  # fmt: skip
    await _recorded(
        uow, incident, made, "approval.asked",
        _("{by} asked command to approve a text [{digest}]", by=by.name,
          digest=made.digest[:SHOWN]),
        by=by, now=now,
    )  # fmt: skip
    return made


async def waiting(uow: UnitOfWork, asked: Approval, now: datetime) -> tuple[str, ...]:
    """The agencies whose commander has not approved this text, or the commander of no agency;
    empty: all have."""
    agreed = {
        each.agency
        for each in await uow.approvals.voices(_id(asked))
        if each.agreed and each.digest == asked.digest
    }
    commanding = await uow.organisation.held(asked.incident_id, now, role=COMMANDER)
    return tuple(
        each.agency or person.name
        for each, person in commanding
        if not each.deputy and each.agency not in agreed
    )


async def voice(
    uow: UnitOfWork,
    incident: Incident,
    approval_id: int,
    read: str,
    *,
    agreed: bool,
    reason: str | None = None,
    by: By,
    now: datetime,
) -> Approval:
    """A commander, or a deputy for him, approves or refuses what he read: the digest `read`, or
    its beginning. One refusal settles it. Raises `Refusal`."""
    asked = await uow.approvals.get(approval_id)
    if asked is None or asked.incident_id != incident.id:
        raise Refusal("approval-unknown", _("There is no such text to be approved here."))
    if asked.state != "asked":
        raise Refusal("approval-over", STATES[asked.state])
    if len(read) < SHOWN or not asked.digest.startswith(read.lower()):
        raise Refusal(
            "approval-changed",
            _("That is not the text that is asked about now. Read it again: [{digest}].",
              digest=asked.digest[:SHOWN]),
        )  # fmt: skip
    commanding = await uow.organisation.held(incident.id, now, role=COMMANDER)
    mine = [each for each, person in commanding if person.id == by.person_id]
    if not mine or by.person_id is None:
        raise Refusal(
            "not-allowed",
            _("Only those who command can approve: {names}.",
              names=tuple(person.name for each, person in commanding if not each.deputy)),
        )  # fmt: skip
    for agency in dict.fromkeys(each.agency for each in mine):
        await uow.approvals.speak(
            approval_id=asked.id, agency=agency, person_id=by.person_id, digest=asked.digest,
            agreed=agreed, reason=reason, at=now,
        )  # fmt: skip
    await _recorded(
        uow, incident, asked, "approval.voice",
        _("{by} approved the text [{digest}]", by=by.name, digest=asked.digest[:SHOWN])
        if agreed
        else _("{by} did not approve the text [{digest}]", by=by.name,
               digest=asked.digest[:SHOWN]),
        by=by, now=now, params={"agreed": agreed, "reason": reason},
    )  # fmt: skip
    return await settle(uow, incident, asked, by=by, now=now)


async def settle(
    uow: UnitOfWork, incident: Incident, asked: Approval, *, by: By, now: datetime
) -> Approval:
    """Decide what waits, if everybody who commands now has said the same of the same text. Called
    too when a commander leaves: nobody waits for who does not command."""
    refused = [each for each in await uow.approvals.voices(_id(asked)) if not each.agreed]
    if refused:
        state = "refused"
    elif not await waiting(uow, asked, now):
        state = "approved"
    else:
        return asked
    asked.state, asked.settled_at = state, now
    await uow.approvals.save(asked)
    await _recorded(
        uow, incident, asked, f"approval.{state}", STATES[state], by=by, now=now
    )  # fmt: skip
    return asked


STATES: Mapping[str, Msg] = {
    "approved": _("The text is approved by everybody who commands."),
    "refused": _("The text was not approved."),
    "superseded": _("The text was replaced by a newer one, which is the one to approve."),
}


def _id(asked: Approval) -> int:
    assert asked.id is not None
    return asked.id


async def _recorded(
    uow: UnitOfWork, incident: Incident, asked: Approval, code: str, text: Msg, *, by: By,
    now: datetime, params: Mapping[str, Json] | None = None,
) -> None:  # fmt: skip
    await record(
        uow, incident, code, text, by=by, now=now, thing=f"approval {asked.id}",
        changes={"subject": asked.subject, "digest": asked.digest, "state": asked.state},
        params=params,
    )  # fmt: skip
