"""What people put on messages: reactions and pins, shown wherever the message stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.announcing import tell_pinned
from bot.delivery.priority import Priority
from bot.post import Post
from bot.richtext import Html, from_plain, safe_name, safe_text
from bot.transports.base import Outgoing, Reaction, Transport
from storage import UnitOfWork
from storage.tables import Account, Message, ReactionRow

GATHER = timedelta(seconds=2)
"""Changes of one message's reactions within that time make one call for a room."""

MOST_EMOJI = 20
MOST_NAMES = 10
"""In a line; more are counted."""

_PRESENTED = "\ufe0f"
_KEYCAP = "\u20e3"


def bare(emoji: str) -> str:
    """What makes two reactions the same: networks differ in variation selectors."""
    return emoji.replace(_PRESENTED, "")


def shown(emoji: str) -> str:
    """As every network shows it in colour, and clients of Matrix write it.

    Signs that are text by default are narrow (UAX 11); they need a variation selector.
    """
    text = bare(" ".join(safe_text(emoji).split()))
    made = ""
    for at, sign in enumerate(text):
        made += sign
        narrow = unicodedata.east_asian_width(sign) not in "WF"
        joined = unicodedata.category(sign) == "So" and narrow
        if joined or text[at + 1 : at + 2] == _KEYCAP:
            made += _PRESENTED
    return made


def gathered(rows: Sequence[ReactionRow]) -> tuple[Reaction, ...]:
    """One for each emoji, in the order in which each was first put."""
    people: dict[str, dict[str, str]] = {}
    for row in rows:
        emoji = shown(row.emoji)
        if emoji and not emoji.startswith("mxc:"):
            people.setdefault(emoji, {})[row.account] = safe_name(row.name)
    return tuple(
        Reaction(emoji, tuple(who.items())) for emoji, who in list(people.items())[:MOST_EMOJI]
    )


def line(reactions: Sequence[Reaction], language: str) -> Html:
    """Who reacted how, in one line: `👍 Anna, Wang · ❤️ Li`."""
    comma = ", " if language == "en" else "、"
    parts = []
    for each in reactions:
        names = [name for _account, name in each.people]
        more = f" +{len(names) - MOST_NAMES}" if len(names) > MOST_NAMES else ""
        parts.append(f"{each.emoji} {comma.join(names[:MOST_NAMES])}{more}")
    return Html(from_plain(" · ".join(parts)))


@dataclass(frozen=True)
class Marks:
    """Keeps reactions and pins and orders the calls that show them elsewhere."""

    post: Post

    async def reacted(
        self,
        uow: UnitOfWork,
        message: Message,
        room: str,
        account: Account,
        *,
        added: Sequence[str],
        removed: Sequence[str],
        remote: str | None,
    ) -> None:
        """Somebody's reactions in `room` changed; `remote` is the network's id of an added one."""
        assert message.id is not None
        changed = False
        for emoji in removed:
            changed |= await uow.reactions.take(message.id, account.id, emoji)
        for emoji in added if message.deleted_at is None else ():
            await uow.reactions.put(
                message.id,
                account.id,
                emoji,
                room=room,
                name=account.name,
                remote=remote,
                now=self.post.now(),
            )
            changed = True
        if changed:
            await self.show(uow, message, room)

    async def withdrawn(
        self, uow: UnitOfWork, room: str, remote: str
    ) -> tuple[Message, str, str] | None:
        """A reaction that its network knows by an id was taken off: the message, whose it was
        and the emoji; None if it is none."""
        taken = await uow.reactions.take_remote(room, remote)
        message = None if taken is None else await uow.messages.get(taken[0])
        if taken is None or message is None:
            return None
        await self.show(uow, message, room)
        return message, taken[1], taken[2]

    async def show(self, uow: UnitOfWork, message: Message, changed_in: str) -> None:
        """Bring every room that hears `changed_in` and shows the message up to date."""
        assert message.id is not None
        if message.deleted_at is not None:
            return
        standing = {copy.room for copy in await uow.messages.copies(message.id)}
        rows = await uow.reactions.of_message(message.id)
        for room in await uow.bridges.linked(changed_in):
            transport = self.post.transport(room)
            if room not in standing or transport is None:
                continue
            heard = await uow.seals.heard(room)
            reactions = gathered([row for row in rows if row.room in heard])
            payload = transport.compose_reactions(reactions)
            if payload is None:
                await self._tell(uow, message.id, room, transport, reactions)
                continue
            made, waited = await uow.outbox.supersede(room, message.id, ("react",))
            moment = waited or (made and made + GATHER)
            await self.post.order(uow, room, "react", payload, message.id, not_before=moment)

    async def _tell(
        self,
        uow: UnitOfWork,
        message_id: int,
        room: str,
        transport: Transport,
        reactions: Sequence[Reaction],
    ) -> None:
        """The line under the message: sent, changed, or taken back when nobody is left."""
        known = await uow.rooms.get(room)
        language = known.language if known is not None else "both"
        html, now = line(reactions, language), self.post.now()
        line_id = await uow.reactions.line(message_id, room)
        if line_id is not None and await self._is_ending(uow, line_id):
            await uow.reactions.drop_line(message_id, room)
            line_id = None
        if line_id is None and reactions:
            line_id = await uow.messages.add(
                room=room, content={"html": html}, at=now, taken_at=now, reply_to=message_id
            )
            await uow.messages.place(line_id, room)
            await uow.reactions.add_line(message_id, room, line_id)
            (payload,) = transport.compose(Outgoing(html, language))[:1]
            await self.post.order(uow, room, "send", payload, line_id, reply_to=message_id)
        elif line_id is not None:
            made, waited = await uow.outbox.supersede(room, line_id, ("edit", "delete"))
            if not reactions:
                moment = now + GATHER
                await self.post.order(uow, room, "delete", {}, line_id, not_before=moment)
                return
            rows = await uow.outbox.of_message(line_id)
            made = made or max((each.made_at for each in rows), default=now)
            (payload,) = transport.compose(Outgoing(html, language))[:1]
            moment = waited or made + GATHER
            await self.post.order(uow, room, "edit", payload, line_id, not_before=moment)

    async def _is_ending(self, uow: UnitOfWork, line_id: int) -> bool:
        """Whether the line is taken back or about to be, too late to change it instead."""
        ends = [row for row in await uow.outbox.of_message(line_id) if row.action == "delete"]
        return any(
            row.state != "dropped"
            and not (row.state == "queued" and row.not_before and row.not_before > self.post.now())
            for row in ends
        )

    async def pinned(
        self, uow: UnitOfWork, room: str, name: str, target: str, *, pinned: bool
    ) -> None:
        """A message was pinned or unpinned in `room`: its copies are too, or a line says so."""
        copy = await uow.messages.find_anywhere(room, target)
        message = None if copy is None else await uow.messages.get(copy.message_id)
        where = room if copy is None else copy.room
        standing: set[str] = set()
        if message is not None and message.id is not None and message.deleted_at is None:
            standing = {each.room for each in await uow.messages.copies(message.id)}
        by = safe_name(name)
        for other in await uow.bridges.linked(where):
            if message is not None and message.id is not None and other in standing:
                action = "pin" if pinned else "unpin"
                await uow.outbox.supersede(other, message.id, ("pin", "unpin"))
                await self.post.order(
                    uow, other, action, {"by": by}, message.id, priority=Priority.TALK
                )
            elif pinned:
                message_id = None if message is None else message.id
                await tell_pinned(self.post, uow, other, by, message_id)
