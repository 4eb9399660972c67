"""A waybill as PDF: its QR code is drawn here, the page by `waybill.typ`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from handlers.printed.ics import svg
from workflows.text import Json

if TYPE_CHECKING:
    from handlers.printed.press import Press


def make(press: Press, form: str, data: Mapping[str, Json]) -> bytes:
    """A PDF (or of its first page a PNG) of `data` as `handlers.cards.custody` makes it.

    Raises `NotPrinted`.
    """
    return press.make("waybill.typ", form, {**data, "qr": svg(str(data["link"]))})
