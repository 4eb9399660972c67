"""Faults that a test orders, and the real server's flood control."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.servers.botapi.clock import Clock
from tests.servers.botapi.errors import ApiError, too_many_requests

KINDS = frozenset(
    [
        "429",
        "500",
        "502",
        "401",
        "403",
        "400",
        "reset",
        "hang",
        "garbage",
        "lost_reset",
        "lost_hang",
        "lost_close",
    ]
)
NGINX_502 = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n"
    "</body>\r\n</html>\r\n"
)


@dataclass
class Fault:
    """What goes wrong, for which calls and how often.

    `kind`: 429, 401, 400, 403, 500 (JSON errors), 502 (HTML, as nginx writes it), reset (before
    anything was processed), hang (not processed, never answered), garbage (a body that is no
    JSON), lost_reset, lost_close and lost_hang (processed; the answer never arrives).
    `method` "*" means any but getUpdates; `chat` an id, or None for any.
    """

    method: str
    kind: str
    chat: int | None = None
    times: int = 1
    retry_after: int = 1
    description: str = ""
    hits: int = 0

    def error(self) -> ApiError | None:
        """The JSON error of this fault, None if it is of another nature."""
        if self.kind == "429":
            return too_many_requests(self.retry_after)
        named = {"401": "Unauthorized", "500": "Internal Server Error", "403": "Forbidden"}
        if self.kind in ("400", "401", "403", "500"):
            text = self.description or named.get(self.kind, "Bad Request")
            return ApiError(int(self.kind), text)
        return None


@dataclass
class Faults:
    """Faults in the order in which they were asked for; each is used up by the calls it hits."""

    waiting: list[Fault] = field(default_factory=list)

    def next(
        self,
        method: str,
        kind: str,
        chat: int | None = None,
        *,
        times: int = 1,
        retry_after: int = 1,
        description: str = "",
    ) -> Fault:
        """The next `times` calls of that method (in that chat) go wrong."""
        if kind not in KINDS:
            raise ValueError(f"unknown kind of fault {kind!r}; there are {sorted(KINDS)}")
        fault = Fault(method.lower(), kind, chat, times, retry_after, description)
        self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Takes all waiting faults back."""
        self.waiting.clear()

    def take(self, method: str, chat: object) -> Fault | None:
        """The fault that this call meets, which is used up by it."""
        for fault in self.waiting:
            fits = fault.method == method or (fault.method == "*" and method != "getupdates")
            if fits and (fault.chat is None or str(fault.chat) == str(chat)):
                fault.hits += 1
                if fault.hits >= fault.times:
                    self.waiting.remove(fault)
                return fault
        return None


@dataclass
class Window:
    """Times of the latest messages within a sliding window of `seconds`, `limit` at most."""

    seconds: float
    limit: int
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float, count: int) -> float:
        """Seconds until `count` more messages fit; 0 if they do now."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        excess = len(self.times) + min(count, self.limit) - self.limit
        return 0.0 if excess <= 0 else self.times[excess - 1] + self.seconds - now

    def add(self, now: float, count: int) -> None:
        """Counts messages that went through."""
        self.times.extend([now] * count)


class Flood:
    """Limits on messages: 30/s per token, 1/s per chat, 20 in 60 s per group; off until `enable`.

    Whoever goes on sending before retry_after has passed waits longer: each further call doubles
    the penalty, up to a minute more; a message that goes through ends the growth.
    """

    def __init__(self, clock: Clock) -> None:
        self.enabled = False
        self.rejected = 0
        self._clock = clock
        self._limits = (30, 1, 20)
        self._windows: dict[tuple[str, int], Window] = {}
        self._penalties: dict[tuple[int, int], tuple[float, int]] = {}

    def enable(self, per_second: int = 30, chat_second: int = 1, group_minute: int = 20) -> None:
        """Switches the limits on."""
        self.enabled = True
        self._limits = (per_second, chat_second, group_minute)
        self._windows.clear()
        self._penalties.clear()

    def disable(self) -> None:
        """Switches the limits off."""
        self.enabled = False

    def check(self, bot_id: int, method: str, chat: object, count: int) -> None:
        """Counts a call; raises a 429 with a growing retry_after if it is one too many."""
        limited = method.startswith(("send", "edit", "copymessage", "forwardmessage"))
        if not self.enabled or not limited or method == "sendchataction":
            return
        try:
            chat_id = int(str(chat))
        except ValueError:
            return
        now = self._clock.now()
        until, strikes = self._penalties.get((bot_id, chat_id), (0.0, 0))
        windows = [self._window("token", bot_id, 1.0, self._limits[0])]
        windows.append(self._window(f"chat {bot_id}", chat_id, 1.0, self._limits[1]))
        if chat_id < 0:
            windows.append(self._window(f"group {bot_id}", chat_id, 60.0, self._limits[2]))
        wait = max(until - now, *(window.wait(now, count) for window in windows))
        if wait > 0:
            self.rejected += 1
            retry_after = max(1, int(wait + 0.999)) + (min(60, 2**strikes) if strikes else 0)
            self._penalties[bot_id, chat_id] = (now + retry_after, strikes + 1)
            raise too_many_requests(retry_after)
        self._penalties.pop((bot_id, chat_id), None)
        for window in windows:
            window.add(now, count)

    def _window(self, name: str, key: int, seconds: float, limit: int) -> Window:
        return self._windows.setdefault((name, key), Window(seconds, limit))
