"""What one report says that the one before it did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storage import UnitOfWork
from storage.tables import Sitrep, SitrepFigure
from workflows.sitreps.elements import ELEMENTS, UPWARD, Kind, changed
from workflows.sitreps.figures import Code
from workflows.text import Json


@dataclass(frozen=True, slots=True)
class Shift:
    """A figure that is another than in the report before; None: it was not counted."""

    code: Code
    before: Mapping[str, Json] | None
    now: Mapping[str, Json]
    reason: str | None = None


async def news(
    uow: UnitOfWork, sitrep: Sitrep
) -> tuple[tuple[str, ...], tuple[Shift, ...], Sitrep | None]:
    """What a report says that the one before it did not: elements, figures; and that one."""
    kinds = (Kind.REPORT,) if sitrep.kind == Kind.REPORT else UPWARD
    before = await uow.sitreps.latest(
        sitrep.incident_id,
        kinds=kinds,
        line=sitrep.line,
        agency=sitrep.agency if sitrep.kind == Kind.REPORT else None,
        before=sitrep.number,
    )
    content = {} if before is None else before.content
    was = {} if before is None else before.figures
    rows = await uow.sitreps.figures(sitrep.incident_id)
    shifts = [
        Shift(code, was.get(code), sitrep.figures[code], _why(rows, code, before, sitrep))
        for code in Code
        if code in sitrep.figures and sitrep.figures[code] != was.get(code)
    ]
    told = changed(content, sitrep.content)
    return tuple(code for code in told if code in ELEMENTS), tuple(shifts), before


def _why(
    rows: Sequence[SitrepFigure], code: Code, before: Sitrep | None, sitrep: Sitrep
) -> str | None:
    """The last reason that was given for a change of that figure in between."""
    since = 0 if before is None or before.id is None else before.id
    given = [
        row.reason
        for row in rows
        if row.code == code and row.reason and (sitrep.id or 0) >= (row.sitrep_id or 0) > since
    ]
    return given[-1] if given else None
