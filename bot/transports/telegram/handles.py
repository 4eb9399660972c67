"""User names and the accounts behind them: the Bot API resolves none."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

import structlog
from telegram import Message, MessageEntity, Update

from bot.transports.telegram.ids import NETWORK, account
from storage import Store

_REMEMBERED = 10_000
_log = structlog.get_logger(__name__)


class Handles:
    """From `"123"` or `"@name"` to an account, as last seen; unknown names stay text."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._accounts: OrderedDict[str, str] = OrderedDict()

    def account_of(self, key: str) -> str | None:
        """The account of a user number or of a name that `learn` has met."""
        if not key.startswith("@"):
            return account(int(key)) if key.isdecimal() else None
        return self._accounts.get(key[1:].lower())

    async def learn(self, updates: Iterable[Update]) -> None:
        """Remember who sent these, and look up in the store whom they mention by name."""
        unknown: set[str] = set()
        for update in updates:
            try:
                unknown.update(self._met(update))
            except Exception as error:  # types are not checked by the library: skip the hostile
                _log.warning(
                    "telegram.names_unreadable",
                    update=update.update_id,
                    error=type(error).__name__,
                )
        if not unknown:
            return
        async with self._store.read() as unit:
            for name in unknown:
                for found in await unit.people.by_handle(name):
                    if found.id.startswith(f"{NETWORK}:"):
                        self._put(name, found.id)

    def _met(self, update: Update) -> list[str]:
        """Remember the sender; the names in the text that are not known yet."""
        user = update.effective_user
        if user is not None and user.username:
            self._put(user.username, account(user.id))
        message = update.effective_message
        names = _names(message) if message is not None else ()
        return [name for name in names if name.lower() not in self._accounts]

    def _put(self, name: str, owner: str) -> None:
        self._accounts[name.lower()] = owner
        self._accounts.move_to_end(name.lower())
        if len(self._accounts) > _REMEMBERED:
            self._accounts.popitem(last=False)


def _names(message: Message) -> Iterator[str]:
    for entities, parse in (
        (message.entities, message.parse_entity),
        (message.caption_entities, message.parse_caption_entity),
    ):
        for entity in entities:
            if entity.type == MessageEntity.MENTION:
                name = parse(entity).removeprefix("@")
                if name.replace("_", "").isalnum() and name.isascii():
                    yield name
