"""Chats and what is in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers.botapi.accounts import Account, BotAccount, Member, Person
from tests.servers.botapi.errors import Json, bad_request, forbidden, upgraded
from tests.servers.botapi.messages import OWN_SERVICE, Message

if TYPE_CHECKING:
    from tests.servers.botapi.world import World


@dataclass
class Topic:
    """A forum topic; its id is that of the service message that made it."""

    id: int
    name: str
    icon_color: int = 0x6FB9F0
    closed: bool = False


class ChatState:
    """A private chat, basic group or supergroup: members, messages in order, topics, pins."""

    def __init__(self, world: World, chat_id: int, kind: str, title: str = "") -> None:
        self.world = world
        self.id = chat_id
        self.kind = kind
        self.title = title
        self.is_forum = False
        self.person: Person | None = None
        self.bot: BotAccount | None = None
        self.members: dict[int, Member] = {}
        self.messages_by_id: dict[int, Message] = {}
        self.topics: dict[int, Topic] = {}
        self.pinned: list[int] = []
        self.migrated_to: ChatState | None = None
        self.instance = str(7_000_000_000_000_000_000 + abs(chat_id))
        self._last_id = 0
        self._last_bot: int | None = None
        self._touched: list[Message] = []
        self._bot_messages = 0

    def to_json(self) -> Json:
        """The `Chat` object."""
        if self.person is not None:
            account = self.person.to_json()
            names = ("first_name", "last_name", "username")
            shown = {name: account[name] for name in names if name in account}
            return {"id": self.id, "type": "private", **shown}
        result: Json = {"id": self.id, "type": self.kind, "title": self.title}
        if self.is_forum:
            result["is_forum"] = True
        return result

    @property
    def messages(self) -> list[Message]:
        """What a person sees now: in order, without deleted messages."""
        return [each for each in self.messages_by_id.values() if not each.deleted]

    @property
    def from_bots(self) -> list[Message]:
        """The visible messages that a bot sent, service messages left out."""
        return [each for each in self.messages if each.sender.is_bot and not each.is_service]

    @property
    def texts(self) -> list[str]:
        """Texts and captions of the visible messages, in order."""
        return [each.text for each in self.messages if each.text]

    def message(self, message_id: int) -> Message:
        """The message with that id, deleted or not; KeyError if there never was one."""
        return self.messages_by_id[message_id]

    async def wait_for(
        self, predicate: Callable[[Message], bool], timeout: float = 10.0
    ) -> Message:
        """The first visible message that fits, now or within `timeout` seconds."""

        for message in self.messages:
            if predicate(message):
                return message
        seen = len(self._touched)

        def found() -> Message | None:
            nonlocal seen
            while seen < len(self._touched):
                message = self._touched[seen]
                seen += 1
                if not message.deleted and predicate(message):
                    return message
            return None

        return await self.world.signals.until(found, timeout)

    async def wait_count(self, count: int, timeout: float = 10.0) -> list[Message]:
        """The visible messages of bots, once there are at least `count`."""

        def enough() -> list[Message] | None:
            return self.from_bots if self._bot_messages >= count else None

        return await self.world.signals.until(enough, timeout)

    def member(self, account: Account) -> Member:
        """The account's standing; someone who never was here has left."""
        return self.members.get(account.id) or Member(account, "left")

    def bots(self) -> list[BotAccount]:
        """The bots in this chat now."""
        if self.bot is not None:
            return [self.bot]
        here = (each for each in self.members.values() if each.present)
        return [each.account for each in here if isinstance(each.account, BotAccount)]

    def next_id(self) -> int:
        """The next message id: the chat's own in supergroups, else the account's counter.

        A basic group with several bots counts by the first of them, which the real server does
        per account.
        """
        bots = self.bots() if self.kind != "supergroup" else []
        if bots:
            self._last_id = bots[0].next_message_id()
        else:
            self._last_id += 1
        return self._last_id

    def add(
        self,
        sender: Account,
        kind: str,
        content: Json,
        *,
        reply_to: int | None = None,
        quote: Json | None = None,
        thread: int | None = None,
        reply_markup: Json | None = None,
        media_group_id: str | None = None,
        forward_origin: Json | None = None,
        silent: bool = False,
        to: list[BotAccount] | None = None,
        opens_thread: bool = False,
    ) -> Message:
        """Stores a message and tells the bots that may see it (`to`: exactly these).

        `opens_thread`: the message is the first of a topic that bears its id.
        """
        message = Message(
            chat=self,
            id=self.next_id(),
            date=int(self.world.clock.now()),
            sender=sender,
            kind=kind,
            content=content,
            reply_to=reply_to,
            quote=quote,
            thread=thread,
            reply_markup=reply_markup,
            media_group_id=media_group_id,
            forward_origin=forward_origin,
            silent=silent,
        )
        self.messages_by_id[message.id] = message
        if opens_thread:
            message.thread = message.id
        if sender.is_bot and not message.is_service:
            self._bot_messages += 1
        readers = self._readers(message) if to is None else to
        if isinstance(sender, BotAccount):
            self._last_bot = sender.id
        self._tell(readers, "message", message)
        return message

    def changed(self, message: Message) -> None:
        """Records the edit of a message and tells the bots that may see it."""
        message.edit_date = int(self.world.clock.now())
        self._tell(self._readers(message), "edited_message", message)

    def remove(self, message: Message) -> None:
        """Deletes a message for everybody; bots are told nothing."""
        if not message.deleted:
            message.deleted = True
            self._bot_messages -= message.sender.is_bot and not message.is_service
            self.touch(message)

    def touch(self, message: Message) -> None:
        """Lets waiting tests look at a message again."""
        self._touched.append(message)
        self.world.signals.changed()

    def _tell(self, readers: list[BotAccount], kind: str, message: Message) -> None:
        if readers:
            body = message.to_json()
            for bot in readers:
                bot.queue.push(kind, body)
        self.touch(message)

    def _readers(self, message: Message) -> list[BotAccount]:
        if message.sender.is_bot and not message.is_service:
            return []
        return [
            bot
            for bot in self.bots()
            if (bot is not message.sender or message.kind in OWN_SERVICE)
            and (self.bot is not None or message.is_service or self._may_read(bot, message))
            and not (self.person is not None and bot.id in self.person.blocked)
        ]

    def _may_read(self, bot: BotAccount, message: Message) -> bool:
        """The rule of privacy mode: all, or only commands and replies meant for the bot."""
        if bot.can_read_all_group_messages or self.member(bot).is_admin:
            return True
        replied = self.messages_by_id.get(message.reply_to or 0)
        if replied is not None and replied.sender is bot:
            return True
        if not message.text.startswith("/"):
            return False
        command, _, name = message.text.split()[0].partition("@")
        if not name:
            return len(command) > 1 and self._last_bot in (None, bot.id)
        return name.lower() == (bot.username or "").lower()

    def check_access(self, bot: BotAccount, *, write: bool) -> None:
        """Raises what a bot gets that may not read (or write) here."""
        if self.migrated_to is not None:
            raise upgraded(self.migrated_to.id)
        if self.person is not None:
            if write and bot.id in self.person.blocked:
                raise forbidden("bot was blocked by the user")
            return
        member = self.member(bot)
        if member.status == "kicked":
            raise forbidden(f"bot was kicked from the {self.kind} chat")
        if member.status == "left":
            raise forbidden(f"bot is not a member of the {self.kind} chat")

    def check_may_send(self, bot: BotAccount, what: str, thread: int | None) -> None:
        """Raises what a bot gets that is muted, or writes to a topic that is closed or unknown."""
        member = self.members.get(bot.id)
        if member is not None and member.muted and not member.is_admin:
            raise bad_request(f"not enough rights to send {what} to the chat")
        if thread is None:
            return
        if thread not in self.topics:
            raise bad_request("message thread not found")
        if self.topics[thread].closed and not self.member(bot).may("can_manage_topics"):
            raise bad_request("TOPIC_CLOSED")

    def require(self, bot: BotAccount, right: str, refusal: str) -> None:
        """Raises a 400 unless the bot holds the administrator's right (never in private)."""
        if self.person is None and not self.member(bot).may(right):
            raise bad_request(refusal)
