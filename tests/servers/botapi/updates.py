"""Updates that wait for a bot: getUpdates and the queue behind it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from tests.servers.botapi.clock import Clock
from tests.servers.botapi.errors import Json, bad_request, conflict
from tests.servers.botapi.signals import Signals

KEPT_SECONDS = 24 * 3600
KINDS = frozenset(
    [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
    ]
)
DEFAULT_KINDS = KINDS - {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(frozen=True)
class Update:
    """One update: its id, when it arose (Unix seconds), its kind and its object."""

    id: int
    time: float
    kind: str
    body: object

    def to_json(self) -> Json:
        """The `Update` object."""
        return {"update_id": self.id, self.kind: self.body}


class UpdateQueue:
    """Updates in order until the bot confirms them or 24 hours have passed."""

    def __init__(self, clock: Clock, signals: Signals, first_id: int) -> None:
        self.allowed: frozenset[str] = DEFAULT_KINDS
        self.asked: frozenset[str] | None = None
        self.webhook_url = ""
        self.confirmed = 0
        self._clock = clock
        self._signals = signals
        self._next_id = first_id
        self._updates: deque[Update] = deque()
        self._poll: asyncio.Future[None] | None = None
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        self._expire()
        return len(self._updates)

    def push(self, kind: str, body: Json) -> None:
        """Adds an update, unless the bot did not ask for this kind."""
        if kind in self.allowed:
            self.inject(kind, body)

    def inject(self, kind: str, body: object) -> None:
        """Adds an update as it is, however malformed, whatever the bot asked for."""
        self._updates.append(Update(self._next_id, self._clock.now(), kind, body))
        self._next_id += 1
        self._arrived.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def allow(self, kinds: object) -> None:
        """Remembers allowed_updates; None leaves them, an empty list resets them."""
        if kinds is None:
            return
        if not isinstance(kinds, list) or not all(isinstance(each, str) for each in kinds):
            raise bad_request("can't parse allowed updates: expected an Array of String")
        unknown = set(kinds) - KINDS
        if unknown:
            raise bad_request(f'allowed updates: unknown update type "{min(unknown)}"')
        self.asked = frozenset(kinds) or None
        self.allowed = self.asked or DEFAULT_KINDS

    def first(self) -> Update | None:
        """The oldest update that is still waiting."""
        self._expire()
        return self._updates[0] if self._updates else None

    def confirm_below(self, update_id: int) -> None:
        """Forgets every update with a smaller id."""
        while self._updates and self._updates[0].id < update_id:
            self.confirmed = self._updates.popleft().id
        self._signals.changed()

    def clear(self) -> None:
        """Forgets all updates."""
        self._updates.clear()
        self._signals.changed()

    async def arrived(self) -> None:
        """Waits until there is an update."""
        while not self._updates:
            self._arrived.clear()
            await self._arrived.wait()

    def end_poll(self, description: str = "terminated by setWebhook request") -> None:
        """Ends a long poll that is under way with a 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(conflict(description))

    async def get(self, offset: int, limit: int, timeout: int) -> list[Json]:
        """What getUpdates answers; 409 with a webhook, or for the poll that another one ends."""
        if self.webhook_url:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        self.end_poll(
            "terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        )
        self._expire()
        if offset < 0:
            while len(self._updates) > -offset:
                self.confirmed = self._updates.popleft().id
        elif offset:
            self.confirm_below(offset)
        if not self._updates and timeout > 0:
            poll: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._poll = poll
            try:
                async with asyncio.timeout(timeout):
                    await poll
            except TimeoutError:
                pass
            finally:
                if self._poll is poll:
                    self._poll = None
        return [self._updates[at].to_json() for at in range(min(limit, len(self._updates)))]

    def _expire(self) -> None:
        oldest = self._clock.now() - KEPT_SECONDS
        while self._updates and self._updates[0].time < oldest:
            self._updates.popleft()
