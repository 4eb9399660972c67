"""One message as the server stores it and as a bot sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.botapi.accounts import Account
from tests.servers.botapi.errors import Json

if TYPE_CHECKING:
    from tests.servers.botapi.chats import ChatState

CAPTIONED = frozenset(("photo", "document", "voice", "audio", "video", "animation"))
SERVICE = frozenset(
    [
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "pinned_message",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
        "group_chat_created",
    ]
)

# The server tells a bot of these even when the bot caused them.
OWN_SERVICE = frozenset(
    (
        "new_chat_title",
        "left_chat_member",
        "pinned_message",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
    )
)


@dataclass(eq=False)
class Message:
    """A message in a chat; `content` holds the fields that depend on its kind.

    `reactions` maps an account's id to its emoji; `deleted` messages stay readable for tests.
    """

    chat: ChatState
    id: int
    date: int
    sender: Account
    kind: str
    content: Json
    reply_to: int | None = None
    quote: Json | None = None
    thread: int | None = None
    edit_date: int | None = None
    deleted: bool = False
    silent: bool = False
    reply_markup: Json | None = None
    media_group_id: str | None = None
    forward_origin: Json | None = None
    reactions: dict[int, list[str]] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text, or the caption of a medium, or an empty string."""
        value = self.content.get("text", self.content.get("caption", ""))
        return value if isinstance(value, str) else ""

    @property
    def entities(self) -> list[Json]:
        """Entities of the text or caption."""
        value = self.content.get("entities", self.content.get("caption_entities"))
        return list(value) if isinstance(value, list) else []

    @property
    def edited(self) -> bool:
        """Whether the message was edited."""
        return self.edit_date is not None

    @property
    def is_service(self) -> bool:
        """Whether this is a service message."""
        return self.kind in SERVICE

    @property
    def buttons(self) -> list[list[Json]]:
        """Rows of inline buttons, empty when there are none."""
        rows = (self.reply_markup or {}).get("inline_keyboard")
        return rows if isinstance(rows, list) else []

    def set_text(self, text: str, entities: list[Json]) -> None:
        """Puts the text or caption and its entities in place of the old ones."""
        name = "text" if self.kind == "text" else "caption"
        entity_name = "entities" if self.kind == "text" else "caption_entities"
        for key in (name, entity_name):
            self.content.pop(key, None)
        if text:
            self.content[name] = text
        if entities:
            self.content[entity_name] = entities

    def to_json(self, nested: bool = False) -> Json:
        """The `Message` object; a `nested` one carries no reply of its own."""
        result: Json = {
            "message_id": self.id,
            "from": self.sender.to_json(),
            "chat": self.chat.to_json(),
            "date": self.date,
            **self.content,
        }
        if self.thread is not None:
            result["message_thread_id"] = self.thread
            result["is_topic_message"] = True
        if self.edit_date is not None:
            result["edit_date"] = self.edit_date
        if self.forward_origin is not None:
            result["forward_origin"] = self.forward_origin
        if self.media_group_id is not None:
            result["media_group_id"] = self.media_group_id
        if self.buttons:
            result["reply_markup"] = self.reply_markup
        if not nested:
            target = self.chat.messages_by_id.get(self.reply_to or self.thread or 0)
            if target is not None and target is not self and not target.deleted:
                result["reply_to_message"] = target.to_json(nested=True)
            if self.quote is not None:
                result["quote"] = self.quote
        return result
