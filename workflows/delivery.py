"""Why a message was not delivered, in words for people."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.text import Msg, _

REASONS: Mapping[str, Msg] = {
    "RoomGone": _("I may not write there any more"),
    "Rejected": _("that network does not accept this message"),
    "TargetGone": _("the message that it belongs to is not there any more"),
    "AnswerLost": _("that network gives no answer to it"),
    "MediaUnavailable": _("the file cannot be fetched from where it lies"),
    "Unreachable": _("that network cannot be reached"),
    "RateLimited": _("that network has asked me to wait"),
}
"""By the kind of fault with which a stored error begins."""


def reason(error: str | None) -> Msg:
    """The words for a stored error, `KIND: detail`; the detail stays in the record."""
    kind = (error or "").partition(":")[0]
    return REASONS.get(kind, _("it failed in a way that nobody foresaw"))
