"""Serial numbers of blank forms, and what comes back on them. Pure.

`I3-213RR-007K`: incident, form, number, and a letter by which a slip of the pen or of the ear is
found: any one digit that is wrong, and any two neighbours that changed places.
"""

from __future__ import annotations

import re
import unicodedata

from workflows.errors import Refusal
from workflows.incidents.rules import worded
from workflows.text import _

LETTERS = "ACDEFGHJKLMNPQRTUVWXYZ2"
"""Twenty-three, a prime, so that weighted sums tell all such slips apart; none looks or sounds like
a digit that a serial has beside it."""

LONGEST = 4000
"""Characters of what stood on one form."""

_SERIAL = re.compile(r"I(\d{1,9})[-\s]?((?:20[1-9]|21[1-5]|221)(?:RR|A)?)[-\s]?(\d{3,6})([A-Z0-9])")


def serial(incident: int, code: str, number: int) -> str:
    """The serial of that blank form."""
    digits = f"{number:03}"
    return f"I{incident}-{code}-{digits}{_check(incident, code, digits)}"


def read(typed: str) -> tuple[str, int]:
    """A serial as somebody typed it, and the incident that it is of.

    Raises `Refusal` (`serial`) for what is none, or has a slip in it.
    """
    folded = unicodedata.normalize("NFKC", typed).upper().strip().replace("—", "-")
    found = _SERIAL.fullmatch(folded)
    if found is None:
        raise Refusal(
            "serial",
            _(
                "“{text}” is not the serial number of a form. It stands at the top right, such as "
                "I3-213RR-007K.",
                text=typed[:40],
            ),
        )
    incident, code, digits, letter = int(found[1]), found[2], found[3], found[4]
    if _check(incident, code, digits) != letter:
        raise Refusal(
            "serial",
            _("{serial} has a slip in it: its last letter does not fit. Look again at the form.",
              serial=folded[:40]),
        )  # fmt: skip
    return f"I{incident}-{code}-{digits}{letter}", incident


def _check(incident: int, code: str, digits: str) -> str:
    signs = f"{incident}{code}{digits}"
    total = sum(at * int(sign, 36) for at, sign in enumerate(reversed(signs), 1))
    return LETTERS[total % len(LETTERS)]


def words(typed: str) -> str:
    """What stood on a form, line by line. Raises `Refusal` (`form-words`)."""
    lines = [" ".join(each.split()) for each in typed.strip().splitlines()]
    text = "\n".join(each for each in lines if each)
    return worded(
        text,
        LONGEST,
        "form-words",
        _("Say what stood on the form, 1 to {limit} characters.", limit=LONGEST),
    )
