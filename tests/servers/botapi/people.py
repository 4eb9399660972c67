"""What people do in a chat."""

from __future__ import annotations

from collections.abc import Sequence

from tests.servers.botapi.accounts import ADMIN_RIGHTS, Account, BotAccount, Member, Person
from tests.servers.botapi.callbacks import Answer, Press
from tests.servers.botapi.chats import ChatState, Topic
from tests.servers.botapi.errors import Json
from tests.servers.botapi.files import media_json
from tests.servers.botapi.messages import Message
from tests.servers.botapi.text import detect

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c63"
    "f8cfc0f01f00050001ffa5a9c9d20000000049454e44ae426082".replace(" ", "")
)


class Chat(ChatState):
    """A chat in which people act; each act that Telegram reports reaches the bots as an update."""

    def say(
        self,
        person: Account,
        text: str,
        entities: list[Json] | None = None,
        *,
        reply_to: int | None = None,
        thread: int | None = None,
        quote: str | None = None,
    ) -> Message:
        """A text message; commands, mentions, hashtags and links are found in it."""
        content: Json = {"text": text}
        found = detect(text, entities or ())
        if found:
            content["entities"] = found
        quoted: Json | None = None
        if quote is not None:
            quoted = {"text": quote, "position": 0, "is_manual": True}
        return self.add(person, "text", content, reply_to=reply_to, thread=thread, quote=quoted)

    def send(
        self,
        person: Account,
        kind: str,
        data: bytes = PNG,
        *,
        name: str = "",
        mime: str = "",
        size: int | None = None,
        caption: str = "",
        entities: list[Json] | None = None,
        reply_to: int | None = None,
        thread: int | None = None,
        extra: Json | None = None,
        media_group_id: str | None = None,
    ) -> Message:
        """A file; `kind`: photo, document, voice, audio, video, animation, sticker, video_note.

        `size` (bytes) pretends a larger file; `extra` are more fields of the medium's object.
        """
        file = self.world.files.put(kind, data, name, mime, size)
        content: Json = {kind: media_json(file, extra)}
        if kind == "animation":
            content["document"] = media_json(self.world.files.put("document", data, name, mime))
        if caption:
            content["caption"] = caption
            found = detect(caption, entities or ())
            if found:
                content["caption_entities"] = found
        return self.add(
            person, kind, content, reply_to=reply_to, thread=thread, media_group_id=media_group_id
        )

    def album(
        self,
        person: Account,
        items: Sequence[tuple[str, bytes]],
        caption: str = "",
        *,
        thread: int | None = None,
    ) -> list[Message]:
        """Photos and videos (or documents) sent together; the caption stands on the first."""
        group = f"1{next(self.world.numbers):016d}"
        return [
            self.send(
                person,
                kind,
                data,
                caption="" if index else caption,
                thread=thread,
                media_group_id=group,
            )
            for index, (kind, data) in enumerate(items)
        ]

    def send_location(
        self,
        person: Account,
        latitude: float,
        longitude: float,
        *,
        live_period: int | None = None,
        thread: int | None = None,
    ) -> Message:
        """A place in degrees, live for `live_period` seconds if given."""
        place: Json = {"latitude": latitude, "longitude": longitude}
        if live_period is not None:
            place["live_period"] = live_period
        return self.add(person, "location", {"location": place}, thread=thread)

    def move_location(self, message_id: int, latitude: float, longitude: float) -> Message:
        """The next point of a live location."""
        message = self.message(message_id)
        place = message.content["location"]
        assert isinstance(place, dict)
        message.content["location"] = {**place, "latitude": latitude, "longitude": longitude}
        self.changed(message)
        return message

    def stop_location(self, message_id: int) -> Message:
        """The end of a live location."""
        message = self.message(message_id)
        place = message.content["location"]
        assert isinstance(place, dict)
        message.content["location"] = {k: v for k, v in place.items() if k != "live_period"}
        self.changed(message)
        return message

    def send_venue(
        self, person: Account, latitude: float, longitude: float, title: str, address: str
    ) -> Message:
        """A place with a name."""
        place: Json = {"latitude": latitude, "longitude": longitude}
        venue: Json = {"location": place, "title": title, "address": address}
        return self.add(person, "venue", {"venue": venue, "location": place})

    def send_contact(self, person: Account, phone: str, name: str) -> Message:
        """A contact card."""
        return self.add(person, "contact", {"contact": {"phone_number": phone, "first_name": name}})

    def send_poll(self, person: Account, question: str, options: Sequence[str]) -> Message:
        """A regular anonymous poll."""
        poll = poll_json(f"5{next(self.world.numbers):016d}", question, options)
        return self.add(person, "poll", {"poll": poll})

    def stop_poll(self, message: Message, votes: Sequence[int]) -> None:
        """A person ends their poll with these votes; bots are told of the poll alone."""
        poll = message.content["poll"]
        assert isinstance(poll, dict)
        options = poll["options"]
        assert isinstance(options, list)
        for option, count in zip(options, votes, strict=True):
            assert isinstance(option, dict)
            option["voter_count"] = count
        poll |= {"total_voter_count": sum(votes), "is_closed": True}
        for bot in self.bots():
            bot.queue.push("poll", poll)
        self.touch(message)

    def send_dice(self, person: Account, emoji: str = "🎲", value: int = 4) -> Message:
        """A die that shows `value`."""
        return self.add(person, "dice", {"dice": {"emoji": emoji, "value": value}})

    def edit(
        self, message: Message | int, text: str, entities: list[Json] | None = None
    ) -> Message:
        """A person edits the text or caption of a message."""
        target = self.message(message) if isinstance(message, int) else message
        target.history.append(target.text)
        target.set_text(text, detect(text, entities or ()))
        self.changed(target)
        return target

    def delete(self, message: Message | int) -> None:
        """A person deletes a message; bots are told nothing."""
        target = self.message(message) if isinstance(message, int) else message
        self.remove(target)

    def forward(self, person: Account, message: Message, *, thread: int | None = None) -> Message:
        """A person forwards a message of any chat into this one."""
        return self.add(
            person,
            message.kind,
            dict(message.content),
            thread=thread,
            forward_origin=forward_origin(message),
        )

    def react(self, person: Person, message: Message | int, *emoji: str) -> None:
        """A person's reactions become exactly these; administrators that asked are told."""
        target = self.message(message) if isinstance(message, int) else message
        old = target.reactions.pop(person.id, [])
        if emoji:
            target.reactions[person.id] = list(emoji)
        body: Json = {
            "chat": self.to_json(),
            "message_id": target.id,
            "user": person.to_json(),
            "date": int(self.world.clock.now()),
            "old_reaction": [{"type": "emoji", "emoji": each} for each in old],
            "new_reaction": [{"type": "emoji", "emoji": each} for each in emoji],
        }
        for bot in self.bots():
            if self.bot is not None or self.member(bot).is_admin:
                bot.queue.push("message_reaction", body)
        self.touch(target)

    def press_now(self, person: Person, message: Message | int, button: str) -> Press:
        """Presses the button with that callback_data or text; does not wait for the bot."""
        target = self.message(message) if isinstance(message, int) else message
        bot = target.sender
        assert isinstance(bot, BotAccount)
        found = [
            each["callback_data"]
            for row in target.buttons
            for each in row
            if "callback_data" in each and button in (each["callback_data"], each["text"])
        ]
        if not found:
            raise LookupError(f"message {target.id} has no button {button!r}: {target.buttons}")
        press = self.world.callbacks.press(bot.id)
        body: Json = {
            "id": press.id,
            "from": person.to_json(),
            "message": target.to_json(),
            "chat_instance": self.instance,
            "data": found[0],
        }
        bot.queue.push("callback_query", body)
        self.world.signals.changed()
        return press

    async def press(
        self, person: Person, message: Message | int, button: str, timeout: float = 10.0
    ) -> Answer:
        """Presses a button and waits for the bot's answerCallbackQuery."""
        return await self.press_now(person, message, button).answered(timeout)

    def pin(self, person: Account, message: Message | int) -> Message:
        """Pins a message, which leaves a service message."""
        target = self.message(message) if isinstance(message, int) else message
        self.pinned.append(target.id)
        content: Json = {"pinned_message": target.to_json(nested=True)}
        return self.add(person, "pinned_message", content)

    def rename(self, person: Account, title: str) -> Message:
        """A new title, with its service message."""
        self.title = title
        return self.add(person, "new_chat_title", {"new_chat_title": title})

    def join(self, account: Account, by: Account | None = None) -> Message:
        """Someone joins, or is added `by` a member; with service message and member updates."""
        self._become(account, Member(account), by or account)
        return self.add(
            by or account, "new_chat_members", {"new_chat_members": [account.to_json()]}
        )

    def leave(self, account: Account, by: Account | None = None) -> Message:
        """Someone leaves, or is removed `by` another (`kicked`); a bot is told of its own end."""
        readers = self.bots()
        status = "left" if by is None or by is account else "kicked"
        self._become(account, Member(account, status), by or account)
        content: Json = {"left_chat_member": account.to_json()}
        return self.add(
            by or account,
            "left_chat_member",
            content,
            to=readers,
        )

    def promote(
        self, account: Account, *rights: str, by: Account | None = None, owner: bool = False
    ) -> None:
        """Makes someone an administrator with those rights (none named: all), or the owner."""
        held = frozenset(rights or ADMIN_RIGHTS)
        status = "creator" if owner else "administrator"
        self._become(account, Member(account, status, held), by or account)

    def demote(self, account: Account, by: Account | None = None) -> None:
        """Makes an administrator an ordinary member."""
        self._become(account, Member(account), by or account)

    def mute(self, account: Account, muted: bool = True, by: Account | None = None) -> None:
        """Takes (or gives back) a member's right to send."""
        self._become(account, Member(account, "member", muted=muted), by or account)

    def block(self, blocked: bool = True) -> None:
        """In a private chat: the person blocks (or unblocks) the bot."""
        assert self.person is not None
        assert self.bot is not None
        bot, person = self.bot, self.person
        old = Member(bot, "kicked" if bot.id in person.blocked else "member")
        (person.blocked.add if blocked else person.blocked.discard)(bot.id)
        self._tell_membership(old, Member(bot, "kicked" if blocked else "member"), person)

    def topic(self, account: Account, name: str, icon_color: int = 0x6FB9F0) -> Topic:
        """A new forum topic; its id is its service message's."""
        content: Json = {"forum_topic_created": {"name": name, "icon_color": icon_color}}
        message = self.add(account, "forum_topic_created", content, opens_thread=True)
        self.topics[message.id] = Topic(message.id, name, icon_color)
        return self.topics[message.id]

    def close_topic(self, account: Account, topic_id: int, closed: bool = True) -> Message:
        """Closes (or reopens) a topic."""
        self.topics[topic_id].closed = closed
        kind = "forum_topic_closed" if closed else "forum_topic_reopened"
        return self.add(account, kind, {kind: {}}, thread=topic_id)

    def rename_topic(self, account: Account, topic_id: int, name: str) -> Message:
        """A topic is called otherwise."""
        self.topics[topic_id].name = name
        content: Json = {"forum_topic_edited": {"name": name}}
        return self.add(account, "forum_topic_edited", content, thread=topic_id)

    def delete_topic(self, topic_id: int) -> None:
        """A topic goes with all its messages; bots are told nothing."""
        del self.topics[topic_id]
        for message in self.messages:
            if message.thread == topic_id:
                self.remove(message)

    def migrate(self, by: Account) -> Chat:
        """The basic group becomes a supergroup: both service messages, and a new chat."""
        new = self.world.supergroup(self.title)
        new.members = dict(self.members)
        self.add(by, "migrate_to_chat_id", {"migrate_to_chat_id": new.id})
        self.migrated_to = new
        new.add(by, "migrate_from_chat_id", {"migrate_from_chat_id": self.id})
        return new

    def _become(self, account: Account, member: Member, by: Account) -> None:
        old = self.member(account)
        self.members[account.id] = member
        self._tell_membership(old, member, by)

    def _tell_membership(self, old: Member, new: Member, by: Account) -> None:
        body: Json = {
            "chat": self.to_json(),
            "from": by.to_json(),
            "date": int(self.world.clock.now()),
            "old_chat_member": old.to_json(),
            "new_chat_member": new.to_json(),
        }
        if isinstance(new.account, BotAccount):
            new.account.queue.push("my_chat_member", body)
        for bot in self.bots():
            if bot is not new.account and self.member(bot).is_admin:
                bot.queue.push("chat_member", body)
        self.world.signals.changed()


def forward_origin(message: Message) -> Json:
    """The `MessageOrigin` of a forwarded message: where it was first."""
    if message.forward_origin is not None:
        return message.forward_origin
    return {"type": "user", "date": message.date, "sender_user": message.sender.to_json()}


def poll_json(
    poll_id: str, question: str, options: Sequence[str], extra: Json | None = None
) -> Json:
    """A `Poll` without votes."""
    return {
        "id": poll_id,
        "question": question,
        "options": [
            {"persistent_id": str(index), "text": each, "voter_count": 0}
            for index, each in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
        "members_only": False,
        **(extra or {}),
    }
