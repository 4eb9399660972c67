"""What an answer that is no success means: the Matrix client-server API's errcodes as faults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import aiohttp

from bot.transports.base import (
    AccountRefused,
    AnswerLost,
    RateLimited,
    Rejected,
    RoomGone,
    SendFault,
    TargetGone,
    Unreachable,
)
from bot.transports.matrix.shapes import text, whole
from workflows.text import Json

DEFAULT_WAIT = timedelta(seconds=5)
"""Where a homeserver limits us without saying for how long."""
LONGEST_WAIT = timedelta(hours=1)

LOGIN_CODES = frozenset(
    (
        "M_UNKNOWN_TOKEN",
        "M_MISSING_TOKEN",
        "M_USER_DEACTIVATED",
        "M_USER_LOCKED",
        "M_USER_SUSPENDED",
        "M_CONSENT_NOT_GIVEN",
        "M_RESOURCE_LIMIT_EXCEEDED",
    )
)
"""Nothing can be done until the operator mends the account; the message itself is well."""


class LoginGone(AccountRefused):
    """The homeserver does not accept our login any more."""


def fault_of(status: int, body: Mapping[str, Json], headers: Mapping[str, str]) -> SendFault:
    """What an HTTP answer of 400 and above, or without the expected JSON, says about a call."""
    code = text(body, "errcode")
    reason = f"{status} {code} {text(body, 'error')}".strip()[:300]
    if status == 429 or code == "M_LIMIT_EXCEEDED":
        return RateLimited(_wait(body, headers), reason)
    if code in LOGIN_CODES or status == 401:
        return LoginGone(reason)
    if status >= 500 or status < 400 or not code:
        return AnswerLost(reason)
    if code == "M_FORBIDDEN" or code == "M_GUEST_ACCESS_FORBIDDEN":
        return RoomGone(reason)
    if code == "M_NOT_FOUND":
        return TargetGone(reason)
    return Rejected(reason)


def fault_of_error(error: Exception) -> SendFault:
    """What a failure below HTTP says: only before a connection stands is nothing sent."""
    reason = f"{type(error).__name__}: {error}"[:300]
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return Unreachable(reason)
    return AnswerLost(reason)


def _wait(body: Mapping[str, Json], headers: Mapping[str, str]) -> timedelta:
    milliseconds = whole(body, "retry_after_ms")
    if milliseconds is not None:
        return min(timedelta(milliseconds=milliseconds), LONGEST_WAIT)
    seconds = headers.get("Retry-After", "")
    if seconds.isascii() and seconds.isdigit() and len(seconds) < 9:
        return min(timedelta(seconds=int(seconds)), LONGEST_WAIT)
    return DEFAULT_WAIT
