"""Blank forms given out and entered again: rules, store, ledger and timeline together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.tables import BlankForm, Incident
from workflows.continuity import serials
from workflows.errors import Refusal
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import to_act_in
from workflows.text import Json, _, ngettext

PACKED: Mapping[str, int] = {
    "211": 2,
    "213": 6,
    "213RR": 4,
    "214": 4,
    "204": 2,
    "209": 1,
    "221": 2,
}
"""How many blank forms of which number go into a pack."""

MOST = 50
"""Blank forms at once."""


async def give_out(
    uow: UnitOfWork, incident: Incident, wanted: Mapping[str, int], *, by: By, now: datetime
) -> list[BlankForm]:
    """Blank forms with serials that nobody has had before. One entry of the record tells which."""
    made = []
    for code, count in wanted.items():
        for _each in range(count):
            number = await uow.incidents.next_number(incident.id, f"F{code}")
            made.append(
                await uow.plans.give_out(
                    serial=serials.serial(incident.id, code, number),
                    incident_id=incident.id,
                    code=code,
                    made_at=now,
                    made_by=by.person_id,
                )
            )
    given: list[Json] = [each.serial for each in made]
    await record(
        uow,
        incident,
        "form.given",
        ngettext(
            "{name} gave out {n} blank form with a serial number",
            "{name} gave out {n} blank forms with serial numbers",
            len(made),
            name=by.name,
        ),
        by=by,
        now=now,
        thing="forms",
        changes={},
        params={"serials": given},
    )
    return made


@dataclass(frozen=True, slots=True)
class Entered:
    """A form that came back; `again`: it had been entered with the same words before."""

    form: BlankForm
    again: bool


async def enter(
    uow: UnitOfWork,
    typed_serial: str,
    typed: str,
    *,
    by: By,
    now: datetime,
    at: datetime | None = None,
) -> Entered:
    """What stood on a form goes into the timeline, once. The same again changes nothing; other
    words under a serial that is entered already are refused. Raises `Refusal`."""
    serial, number = serials.read(typed_serial)
    incident = await to_act_in(uow, number)
    form = await uow.plans.blank(serial)
    if form is None:
        raise Refusal(
            "form-unknown", _("No form with the serial number {serial} was given out.",
                              serial=serial)
        )  # fmt: skip
    text = serials.words(typed)
    if form.words is not None:
        if form.words == text:
            return Entered(form, True)
        raise Refusal(
            "form-entered",
            _(
                "{serial} was entered already, as {reference}, with other words: “{words}”. "
                "Nothing was changed. Write what is to be corrected with /log.",
                serial=serial,
                reference=f"L{form.entry}",
                words=form.words[:300],
            ),
        )
    if at is not None and at > now:
        raise Refusal("form-time", _("That is still to come. A form has what happened."))
    form.words, form.entered_at, form.entered_by = text, now, by.person_id
    entry = await record(
        uow,
        incident,
        "form.entered",
        _("{name} entered the form {serial}: {words}", name=by.name, serial=serial, words=text),
        by=by,
        now=now,
        at=at,
        thing=f"form {serial}",
        changes={"words": text, "at": iso(at or now)},
    )  # fmt: skip
    form.entry = entry.number
    await uow.plans.save(form)
    return Entered(form, False)
