"""Who is on scene, as people read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Inline, Para, Span
from storage.tables import CheckIn, Incident
from workflows.incidents.roster import Present, silent
from workflows.text import Msg, _, ngettext


def roster(name: str, everybody: Sequence[Present], silence: timedelta, now: datetime) -> Document:
    """Everybody by agency and team with when they were heard of last; who is silent stands out."""
    heading = Heading(_("On scene: {incident}", incident=name))
    if not everybody:
        return Document((heading, Para(_("Nobody has checked in. /checkin does that."))))
    there = [each for each in everybody if not each.on_the_way()]
    coming = len(everybody) - len(there)
    total: list[Inline] = [
        ngettext(
            "{n} person on scene", "{n} people on scene", sum(each.row.people for each in there)
        )
    ]
    if coming:
        total += [" · ", ngettext("{n} arrival awaited", "{n} arrivals awaited", coming)]
    blocks: list[Block] = [heading, Para(Span(tuple(total)))]
    quiet = {each.row.id for each in silent(everybody, silence, now)}

    def agency(each: Present) -> str:
        return each.row.agency or ""

    for agency_name, group in groupby(sorted(everybody, key=agency), agency):
        members = sorted(group, key=lambda each: (each.row.team or "", each.row.in_at))
        count = sum(each.row.people for each in members)
        title: Inline = agency_name or _("Of no agency")
        blocks.append(Para(Span((Bold(title), " — ", ngettext("{n} person", "{n} people", count)))))
        blocks.append(Bullets(tuple(_line(each, each.row.id in quiet) for each in members)))
    return Document(tuple(blocks))


def missing(name: str, quiet: Sequence[Present], silence: timedelta) -> Document:
    """Who has not been heard of, for everybody to look for."""
    return Document(
        (
            Heading(_("⚠ Not heard of for {time}: {incident}", time=silence, incident=name)),
            Bullets(tuple(_line(each, True) for each in quiet)),
            Para(_("Whoever writes anything here counts as heard of. Who has left: /checkout.")),
        )
    )


def receipt(row: CheckIn, text: Msg, incident: Incident, mine: tuple[str, ...]) -> Document:
    """What is answered to a check-in, with the usual next step for who did it: the accounts
    `mine`."""
    me = f"incident=I{incident.id}"
    steps = (
        (Button(_("I have arrived"), f"/checkin {me}", only=mine),)
        if row.eta is not None
        else (Button(_("Check out"), f"/checkout {me}", only=mine),)
    )
    where = Para(f"I{incident.id} · {incident.title}")
    return Document((Para(text), where), (*steps, Button(_("Who is here"), f"/roster {me}")))


def _line(each: Present, quiet: bool) -> Inline:
    row = each.row
    parts: list[Inline] = ["⚠ " if quiet else "", Bold(each.name)]
    if row.team is not None:
        parts.append(f" [{row.team}]")
    if row.people > 1:
        parts.append(f" ×{row.people}")
    parts.append(" — ")
    if row.eta is not None:
        parts.append(_("on the way, expected {time}", time=row.eta))
    else:
        parts.append(_("since {time}, heard of {heard}", time=row.in_at, heard=each.heard_at))
    if row.lat is not None and row.lon is not None:
        parts.append(_(" ({text})", text=f"{row.lat:.5f}, {row.lon:.5f}"))
    return Span(tuple(parts))
