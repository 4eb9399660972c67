"""What `lianzhi check` looks at on Telegram, and how to mend what it finds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from telegram import (
    Bot,
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberOwner,
    ChatMemberRestricted,
    User,
)

from bot.richtext import safe_text
from bot.transports.base import Finding, RoomGone, RoomMoved, SendFault
from bot.transports.telegram.connection import CONNECT_SECONDS
from bot.transports.telegram.contents import title_of
from bot.transports.telegram.faults import TokenRefused, translated
from bot.transports.telegram.ids import Place, place
from bot.transports.telegram.settings import TelegramSettings
from workflows.text import Msg, _

MOST_SKEW_SECONDS = 30


class Checks:
    """Tries every part; a part that cannot be tried is a finding too."""

    def __init__(self, bot: Bot, settings: TelegramSettings, now: Callable[[], datetime]) -> None:
        self._bot = bot
        self._settings = settings
        self._now = now

    async def run(self, rooms: tuple[str, ...]) -> tuple[Finding, ...]:
        """All findings; without a working token only that one."""
        try:
            with translated():
                me = await self._bot.get_me()
        except TokenRefused:
            return (
                Finding(
                    "telegram.token",
                    False,
                    _("Telegram refuses the bot's token."),
                    _("Ask @BotFather for it (/token) and put it into the configuration."),
                ),
            )
        except SendFault as fault:
            return (
                Finding(
                    "telegram.reach",
                    False,
                    _(
                        "Telegram cannot be reached at {address}: {reason}.",
                        address=self._settings.api_base_url,
                        reason=fault.reason,
                    ),
                    _("Look at network, proxy and firewall, and at api_base_url."),
                ),
            )
        found = [
            Finding(
                "telegram.token", True, _("The bot is @{username}.", username=me.username or "?")
            ),
            await self._way_in(),
            _privacy(me),
        ]
        for room in rooms:
            found += await self._room(room, me)
        found.append(await self._clock())
        return tuple(found)

    async def _way_in(self) -> Finding:
        part = "telegram.updates"
        try:
            with translated():
                info = await self._bot.get_webhook_info()
        except SendFault as fault:
            return _untried(part, fault)
        if self._settings.mode == "polling":
            if info.url:
                return Finding(
                    part,
                    False,
                    _("A webhook is set: {url}. It takes the updates.", url=info.url),
                    _(
                        "Stop whatever serves that address, or give this bot a token of its own. "
                        "Lianzhi removes the webhook when it starts."
                    ),
                )
            return Finding(
                part, True, _("Updates are polled. Waiting: {n}.", n=info.pending_update_count)
            )
        wanted = self._settings.webhook_url or ""
        if info.url and info.url != wanted:
            return Finding(
                part,
                False,
                _("Another webhook is set: {url}.", url=info.url),
                _("Stop whatever serves that address, or give this bot a token of its own."),
            )
        if info.last_error_message:
            return Finding(
                part,
                False,
                _(
                    "Telegram could not deliver to {url}: {reason}.",
                    url=wanted,
                    reason=safe_text(info.last_error_message),
                ),
                _(
                    "The address must be reachable from the internet by https "
                    "and lead to webhook_listen."
                ),
            )
        return Finding(part, True, _("Updates come to {url}.", url=wanted))

    async def _room(self, room: str, me: User) -> list[Finding]:
        part = f"telegram.room {room}"
        try:
            to = place(room)
        except ValueError:
            return [
                Finding(
                    part,
                    False,
                    _("{room} is no Telegram room.", room=room),
                    _("Write telegram:-1001234567890, or telegram:-1001234567890/5 for a topic."),
                )
            ]
        try:
            with translated():
                chat = await self._bot.get_chat(to.chat)
                if to.chat > 0:
                    return [Finding(part, True, _("The private chat with {name} is open.",
                                                  name=safe_text(title_of(chat))))]  # fmt: skip
                member = await self._bot.get_chat_member(to.chat, me.id)
                if to.thread is not None:
                    await self._bot.send_chat_action(to.chat, "typing", message_thread_id=to.thread)
        except RoomMoved as moved:
            return [
                Finding(
                    part,
                    False,
                    _("The group goes on as {room}.", room=moved.to),
                    _("Write the new id into the configuration."),
                )
            ]
        except RoomGone as fault:
            return [_gone(part, to, fault)]
        except SendFault as fault:
            return [_untried(part, fault)]
        return self._rights(part, safe_text(title_of(chat)), member, me)

    def _rights(self, part: str, title: str, member: ChatMember, me: User) -> list[Finding]:
        if member.status in (ChatMember.LEFT, ChatMember.BANNED):
            return [
                Finding(
                    part,
                    False,
                    _("The bot is not in {title}.", title=title),
                    _("Add @{username} to the group.", username=me.username or "?"),
                )
            ]
        if isinstance(member, ChatMemberRestricted) and not member.can_send_messages:
            return [
                Finding(
                    part,
                    False,
                    _("The bot may not write in {title}.", title=title),
                    _("Lift the bot's restriction in the group's permissions."),
                )
            ]
        if isinstance(member, ChatMemberOwner):
            return [Finding(part, True, _("The bot may do all that it needs in {title}.",
                                          title=title))]  # fmt: skip
        if not isinstance(member, ChatMemberAdministrator):
            found = [
                Finding(
                    f"{part} reactions",
                    False,
                    _("In {title} the bot is no administrator: it sees no reactions there.",
                      title=title),
                    _("Make @{username} an administrator of the group; no particular right "
                      "is needed for reactions.", username=me.username or "?"),
                )
            ]  # fmt: skip
            if not me.can_read_all_group_messages:
                found.insert(
                    0,
                    Finding(
                        f"{part} privacy",
                        False,
                        _("In {title} the bot sees only commands and answers to itself.",
                          title=title),
                        _how_to_read_all(me),
                    ),
                )  # fmt: skip
            return found
        if not member.can_delete_messages:
            return [
                Finding(
                    f"{part} deletion",
                    False,
                    _("In {title} the bot may not delete messages: after 48 hours it cannot "
                      "take its own back.", title=title),
                    _("Give @{username} the right to delete messages.",
                      username=me.username or "?"),
                )
            ]  # fmt: skip
        return [Finding(part, True, _("The bot may do all that it needs in {title}.", title=title))]

    async def _clock(self) -> Finding:
        part = "telegram.clock"
        try:
            async with httpx.AsyncClient(timeout=CONNECT_SECONDS) as client:
                answer = await client.head(self._settings.api_base_url)
            told = parsedate_to_datetime(answer.headers["Date"])
        except (httpx.HTTPError, KeyError, ValueError, TypeError) as error:
            return Finding(
                part,
                False,
                _("Telegram's time is not known: {reason}.", reason=type(error).__name__),
                _("Run the check again in a minute."),
            )
        if told.tzinfo is None:
            told = told.replace(tzinfo=UTC)
        skew = round(abs((self._now() - told).total_seconds()))
        if skew > MOST_SKEW_SECONDS:
            return Finding(
                part,
                False,
                _("This machine's clock is {n} seconds away from Telegram's.", n=skew),
                _("Switch on time synchronisation (timedatectl set-ntp true)."),
            )
        return Finding(part, True, _("This machine's clock agrees with Telegram's."))


def _privacy(me: User) -> Finding:
    part = "telegram.privacy"
    if me.can_read_all_group_messages:
        return Finding(part, True, _("Privacy mode is off: the bot reads what is said in groups."))
    return Finding(
        part,
        False,
        _("Privacy mode is on: where the bot is no administrator it sees only commands."),
        _how_to_read_all(me),
    )


def _how_to_read_all(me: User) -> Msg:
    return _(
        "Write to @BotFather: /setprivacy, choose @{username}, Disable. Then remove the bot from "
        "each group and add it again; or make it an administrator there.",
        username=me.username or "?",
    )


def _gone(part: str, to: Place, fault: RoomGone) -> Finding:
    reason = fault.reason
    if "thread" in reason.lower() or "topic" in reason.lower():
        return Finding(
            part,
            False,
            _("Topic {n} cannot be written to: {reason}.", n=to.thread or 0, reason=reason),
            _("Open the topic, or write the id of another one into the configuration."),
        )
    return Finding(
        part,
        False,
        _("The chat cannot be reached: {reason}.", reason=reason),
        _("Add the bot to the group, or mend the id in the configuration."),
    )


def _untried(part: str, fault: SendFault) -> Finding:
    return Finding(
        part,
        False,
        _("This could not be tried: {reason}.", reason=fault.reason),
        _("Run the check again in a minute."),
    )
