"""An alert as people read it: what it says, who has taken note, who has not."""

from __future__ import annotations

from collections.abc import Sequence

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
    Thing,
)
from storage.tables import Alert
from workflows.alerts import Noted
from workflows.text import Msg, _

LEVELS: dict[str, Msg] = {
    "I": _("RED ALERT"),
    "II": _("ORANGE ALERT"),
    "III": _("YELLOW ALERT"),
    "IV": _("BLUE ALERT"),
}
"""By the level of the warning colour: I red to IV blue."""

SIGNS = {"I": "🔴", "II": "🟠", "III": "🟡", "IV": "🔵"}


def card(
    alert: Alert,
    incident: str,
    by: str,
    noted: Noted,
    *,
    concerns: Sequence[Msg | str] = (),
    instead: Sequence[Msg] = (),
) -> Document:
    """The card, with the button by which people take note. `concerns` are the names of those to
    whom it goes, `instead` says of empty seats who answers for them."""
    blocks: list[Block] = [
        Heading(_headline(alert)),
        *(Para(Bold(line)) for line in alert.text.splitlines()),
        Para(_("{name}, {time} · {incident}", name=by, time=alert.made_at, incident=incident)),
    ]
    if concerns:
        blocks.append(Para(_("Concerns: {recipients}", recipients=tuple(concerns))))
    blocks += map(Para, instead)
    if noted.receipts:
        names = tuple(each.name for each in noted.receipts)
        blocks.append(Para(_("Acknowledged by {n}: {names}", n=len(names), names=names)))
    if noted.missing:
        blocks.append(
            Para(
                _("Not yet by {n}: {names}", n=len(noted.missing), names=noted.missing),
            )
        )
    ack = f"/alert ack W{alert.number} incident=I{alert.incident_id}"
    return Document(
        tuple(blocks),
        (Button(_("✅ Acknowledge"), ack),),
        card=Thing(alert.incident_id, "W", alert.number),
    )


def reminder(alert: Alert, missing: Sequence[Inline]) -> Document:
    """Who has not taken note in time."""
    ack = f"/alert ack W{alert.number} incident=I{alert.incident_id}"
    return Document(
        (
            Heading(_("{alert}: not acknowledged by", alert=_title(alert))),
            Bullets(tuple(missing)),
            Para(alert.text.splitlines()[0]),
        ),
        (Button(_("✅ Acknowledge"), ack),),
    )


def line(alert: Alert, noted: Noted) -> Inline:
    """An alert in a list."""
    return Span(
        (
            Bold(_title(alert)),
            " ",
            alert.text.splitlines()[0],
            " — ",
            _(
                "{time}, acknowledged by {n}, not yet by {missing}",
                time=alert.made_at,
                n=len(noted.receipts),
                missing=len(noted.missing),
            ),
        )
    )


def _title(alert: Alert) -> Msg:
    name = _("ALERT") if alert.level is None else LEVELS[alert.level]
    return _("{name} {reference}", name=name, reference=f"W{alert.number}")


def _headline(alert: Alert) -> Inline:
    return Span(("🚨", SIGNS.get(alert.level or "", ""), " ", _title(alert)))
