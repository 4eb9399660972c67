"""Who is in the world: people, bots and what each of them is in a chat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.botapi.errors import Json

if TYPE_CHECKING:
    from tests.servers.botapi.people import Chat
    from tests.servers.botapi.updates import UpdateQueue

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_manage_tags",
    "can_send_welcome_messages",
)
SEND_RIGHTS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
)


@dataclass(eq=False)
class Account:
    """A user, human or bot, as others see it."""

    id: int
    first_name: str
    username: str | None = None
    last_name: str | None = None
    language_code: str | None = None

    @property
    def is_bot(self) -> bool:
        """Whether this account is a bot."""
        return isinstance(self, BotAccount)

    def to_json(self) -> Json:
        """The `User` object."""
        result: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            value = getattr(self, name)
            if value is not None:
                result[name] = value
        return result


@dataclass(eq=False)
class Person(Account):
    """A human; `blocked` holds the ids of the bots that this person has blocked."""

    blocked: set[int] = field(default_factory=set)


@dataclass(eq=False)
class BotAccount(Account):
    """A bot: its token, its updates, its private chats and its own message counter."""

    token: str = ""
    can_read_all_group_messages: bool = False
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    private: dict[int, Chat] = field(default_factory=dict)
    last_message_id: int = 0
    queue: UpdateQueue = field(init=False)

    def next_message_id(self) -> int:
        """Private chats and basic groups of one account share one counter."""
        self.last_message_id += 1
        return self.last_message_id

    def me(self) -> Json:
        """The `User` object that getMe returns."""
        return {
            **self.to_json(),
            "can_join_groups": True,
            "can_read_all_group_messages": self.can_read_all_group_messages,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }


@dataclass(eq=False)
class Member:
    """An account's standing in one chat; `rights` matter for administrators only."""

    account: Account
    status: str = "member"
    rights: frozenset[str] = frozenset()
    muted: bool = False

    @property
    def present(self) -> bool:
        """Whether the account is in the chat now."""
        return self.status not in ("left", "kicked")

    @property
    def is_admin(self) -> bool:
        """Whether the account is the owner or an administrator."""
        return self.status in ("creator", "administrator")

    def may(self, right: str) -> bool:
        """Whether the member holds an administrator's right."""
        return self.status == "creator" or (self.is_admin and right in self.rights)

    def to_json(self) -> Json:
        """One of the `ChatMember` objects."""
        status = "restricted" if self.muted and self.status == "member" else self.status
        result: Json = {"user": self.account.to_json(), "status": status}
        if status == "creator":
            result["is_anonymous"] = False
        elif status == "administrator":
            result |= {"can_be_edited": False, "is_anonymous": False}
            result |= {right: right in self.rights for right in ADMIN_RIGHTS}
        elif status == "restricted":
            result |= {"is_member": True, "until_date": 0}
            result |= dict.fromkeys(SEND_RIGHTS, False)
            result |= dict.fromkeys(
                ("can_change_info", "can_invite_users", "can_pin_messages"), False
            )
            result["can_manage_topics"] = False
        elif status == "kicked":
            result["until_date"] = 0
        return result
