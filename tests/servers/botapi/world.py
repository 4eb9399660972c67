"""The whole world behind the server: bots, people, chats and files."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from tests.servers.botapi.accounts import ADMIN_RIGHTS, Account, BotAccount, Member, Person
from tests.servers.botapi.callbacks import Callbacks
from tests.servers.botapi.clock import Clock
from tests.servers.botapi.errors import Json, bad_request
from tests.servers.botapi.files import FileStore
from tests.servers.botapi.people import Chat
from tests.servers.botapi.signals import Signals
from tests.servers.botapi.updates import UpdateQueue

ALL_RIGHTS = frozenset(ADMIN_RIGHTS)


class World:
    """State that outlives every bot process, and what builds it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.signals = Signals()
        self.files = FileStore()
        self.callbacks = Callbacks(clock)
        self.bots: dict[str, BotAccount] = {}
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.numbers = itertools.count(1)
        self._chat_numbers = itertools.count(1001)
        self._account_numbers = itertools.count(10_001)

    def bot(
        self,
        token: str = "7000001:AAbotapi-test-token",
        username: str = "lianzhi_bot",
        can_read_all_group_messages: bool = True,
        first_name: str = "Lianzhi",
    ) -> BotAccount:
        """A bot that may call the API with that token, whose first part is its id."""
        bot = BotAccount(
            id=int(token.partition(":")[0]),
            first_name=first_name,
            username=username,
            token=token,
            can_read_all_group_messages=can_read_all_group_messages,
        )
        bot.queue = UpdateQueue(self.clock, self.signals, first_id=bot.id % 1000 * 100_000 + 1)
        self.bots[token] = bot
        return bot

    def user(
        self,
        name: str,
        username: str | None = None,
        language_code: str | None = None,
        last_name: str | None = None,
    ) -> Person:
        """A person; `name` is the first name."""
        person = Person(
            id=next(self._account_numbers),
            first_name=name,
            last_name=last_name,
            username=username,
            language_code=language_code,
        )
        self.people[person.id] = person
        return person

    def private(self, person: Person, bot: BotAccount | None = None) -> Chat:
        """The private chat of a person with a bot (the only bot, unless named)."""
        bot = bot or next(iter(self.bots.values()))
        if person.id not in bot.private:
            chat = Chat(self, person.id, "private")
            chat.person, chat.bot = person, bot
            bot.private[person.id] = chat
        return bot.private[person.id]

    def group(self, title: str, *members: Account, admins: Iterable[Account] = ()) -> Chat:
        """A basic group with those members, put there without updates."""
        return self._place(Chat(self, -next(self._chat_numbers), "group", title), members, admins)

    def supergroup(
        self,
        title: str,
        *members: Account,
        admins: Iterable[Account] = (),
        forum: bool = False,
    ) -> Chat:
        """A supergroup, or a forum, with those members, put there without updates."""
        chat_id = -1_000_000_000_000 - next(self._chat_numbers)
        chat = Chat(self, chat_id, "supergroup", title)
        chat.is_forum = forum
        return self._place(chat, members, admins)

    def account(self, account_id: int) -> Account | None:
        """The person or bot with that id."""
        if account_id in self.people:
            return self.people[account_id]
        return next((each for each in self.bots.values() if each.id == account_id), None)

    def find_chat(self, bot: BotAccount, chat_id: object) -> Chat:
        """The chat as this bot names it; 400 if the bot cannot know it."""
        if isinstance(chat_id, str) and chat_id.startswith("@"):
            raise bad_request("chat not found")
        if not isinstance(chat_id, int):
            raise bad_request("chat_id is empty")
        chat = bot.private.get(chat_id) if chat_id > 0 else self.chats.get(chat_id)
        if chat is None or (chat.person is None and bot.id not in chat.members):
            raise bad_request("chat not found")
        return chat

    def known_user(self, account_id: int) -> Json | None:
        """The `User` of an account, for text mentions."""
        account = self.account(account_id)
        return None if account is None else account.to_json()

    def _place(self, chat: Chat, members: Iterable[Account], admins: Iterable[Account]) -> Chat:
        self.chats[chat.id] = chat
        for account in members:
            chat.members[account.id] = Member(account)
        for account in admins:
            chat.members[account.id] = Member(account, "administrator", ALL_RIGHTS)
        return chat
