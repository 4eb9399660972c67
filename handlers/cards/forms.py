"""Forms as papers: what the printing template reads beside the blocks."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.document import Paper, lines
from workflows.organisation import approval
from workflows.plans.facts import Facts
from workflows.plans.sheets import Sheet
from workflows.text import Json, Msg, _

MAKER = "ics"
"""The maker in `handlers.printed` that draws them."""

FOOT, HEAD = 60, 44
"""Characters of the name at the foot and of the title at the head of each page; the form itself has
them whole."""


def data(
    *,
    incident: str,
    number: str,
    period: str,
    prepared: str,
    made: str,
    sheets: Sequence[Json],
    digest: str,
    link: str,
    state: Msg | None = None,
    firm: bool = False,
    signed: Sequence[Json] = (),
) -> dict[str, Json]:
    """What `ics.typ` reads. `state` stands at the foot of each page, green if it is `firm`;
    `signed` are the rows of those who approved."""
    return {
        "name": f"{number} {incident}",
        "incident": _cut(incident, HEAD),
        "number": number,
        "period": period,
        "prepared": _cut(prepared, FOOT),
        "made": made,
        "sheets": list(sheets),
        "digest": digest,
        "link": link,
        "state": "" if state is None else lines(state),
        "firm": firm,
        "signed": list(signed),
        "words": {
            "prepared": lines(_("Prepared by")),
            "page": lines(_("Page {n} of {m}", n="<n>", m="<m>")),
            "digest": lines(_("Digest")),
            "serial": lines(_("Serial no.")),
            "signed": [
                lines(_("Name")),
                lines(_("Agency")),
                lines(_("Date/Time")),
                lines(_("Signature")),
            ],
        },
    }


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[:longest]}…"


def paper(facts: Facts, sheets: Sequence[Sheet], name: str, caption: Msg) -> Paper:
    """Forms as they are now, as one PDF. The digest is of their content."""
    made = [each.to_json() for each in sheets]
    digest = approval.digest({"sheets": list(made)})
    return Paper(
        name,
        MAKER,
        caption,
        data(
            incident=facts.incident.title,
            number=facts.designation,
            period=facts.span,
            prepared=facts.prepared,
            made=f"{facts.time(facts.now)} {facts.zone.key}",
            sheets=made,
            digest=digest,
            link=f"{name} sha256:{digest}",
        ),
        "pdf",
    )
