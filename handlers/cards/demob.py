"""A unit's way home as people see it: what is signed, and who has to sign what is left."""

from __future__ import annotations

from datetime import datetime

from handlers.cards.resource import me
from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Inline, Para, Span
from storage import UnitOfWork
from storage.tables import Incident, Resource, ResourceBox
from workflows.resources import demobilisation
from workflows.resources.service import called
from workflows.text import _


async def checkout(
    uow: UnitOfWork, incident: Incident, resource: Resource, now: datetime
) -> Document:
    """The boxes of a unit's demobilisation, with buttons for those that are left."""
    assert resource.id is not None
    row = await uow.resources.checkout(resource.id)
    boxes = [each for each in await uow.resources.boxes(resource.id) if each.ticked]
    left = [each for each in boxes if each.signed_at is None]
    blocks: list[Block] = [Heading(_("Demobilisation of {unit}", unit=called(resource)))]
    if row is not None and row.planned_at is not None:
        blocks.append(Para(_("Leaves {time}", time=row.planned_at)))
    if row is not None and row.destination is not None:
        blocks.append(Para(_("Goes to {place}", place=row.destination)))
    blocks.append(Bullets(tuple([await _line(uow, incident, each, now) for each in boxes])))
    unit = me(resource)
    buttons = [
        Button(demobilisation.title(each), f"/resource sign {unit} {each.code}") for each in left
    ]
    if left:
        blocks.append(
            Para(
                _(
                    "{n} of {all} boxes are left to be signed before it is released.",
                    n=len(left),
                    all=len(boxes),
                )
            )
        )
    else:
        blocks.append(Para(Bold(_("All is signed: it can be released."))))
        buttons.append(Button(_("Release"), f"/resource release {unit}"))
    return Document(tuple(blocks), tuple(buttons))


async def _line(uow: UnitOfWork, incident: Incident, box: ResourceBox, now: datetime) -> Inline:
    title = demobilisation.title(box)
    if box.signed_at is not None:
        said = _("signed by {name} {time}", name=box.name or "?", time=box.signed_at)
        parts: list[Inline] = ["☑ ", title, " — ", said]
        if box.remarks is not None:
            parts += [" · ", box.remarks]
        return Span(tuple(parts))
    people = tuple(each.name for each in await demobilisation.signers(uow, incident, box, now))
    if not people:
        return Span(("☐ ", title))
    return Span(("☐ ", title, " — ", _("to be signed by {names}", names=people)))
