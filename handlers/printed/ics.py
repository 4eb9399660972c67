"""Forms and plans as PDF: the QR code is drawn here, the pages by `ics.typ`."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from workflows.text import Json

if TYPE_CHECKING:
    from handlers.printed.press import Press


def make(press: Press, form: str, data: Mapping[str, Json]) -> bytes:
    """A PDF (or of its first page a PNG) of `data` as `handlers.cards.forms` makes it.

    Raises `NotPrinted`.
    """
    return press.make("ics.typ", form, {**data, "qr": svg(str(data["link"]))})


def svg(words: str) -> str:
    """The QR code of these words as an SVG picture, without a border: the page is white."""
    # Who prints no form does not pay for the library.
    import segno

    made = io.BytesIO()
    segno.make(words, micro=False, error="m").save(
        made, kind="svg", border=1, xmldecl=False, svgns=True, nl=False
    )
    return made.getvalue().decode()
