"""What a refusal looks like to who was refused."""

from __future__ import annotations

from handlers.document import Button, Document, say
from workflows.errors import Refusal


def refused(refusal: Refusal, account: str) -> Document:
    """The reason, and a button for each thing that `account` can do instead."""
    buttons = (Button(name, line, only=(account,)) for name, line in refusal.ways)
    return say(refusal.text, buttons=tuple(buttons))
