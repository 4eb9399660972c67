"""From an action in the browser to a batch that is taken, in one transaction with its event.

A message needs its id before it is taken, so it is first stored as pending, which nobody is
shown; the transaction that takes it also lifts that mark. A repeated action finds what its
first time left and does nothing twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.richtext import Html
from bot.transports.base import (
    Batch,
    Content,
    Deleted,
    Edited,
    Event,
    Inbound,
    Media,
    Pinned,
    Pressed,
    Reacted,
    Said,
    Sender,
    Take,
)
from bot.transports.location import Location
from bot.transports.web import events, files, markup
from bot.transports.web.hub import Client
from bot.transports.web.invites import Signer
from bot.transports.web.protocol import Action, Delete, Edit, Pin, Press, React, Say
from storage import Store, UnitOfWork
from storage.tables import WebEvent
from workflows.errors import Refusal
from workflows.text import _

PEOPLE_SEEN_IN = 300
"""How many of the latest events tell who can be mentioned."""

Change = Callable[[UnitOfWork], Awaitable[None]]


class Desk:
    """Carries out what people do, one action at a time."""

    def __init__(
        self,
        store: Store,
        signer: Signer,
        now: Callable[[], datetime],
        show: Callable[[WebEvent], None],
        public_url: str | None = None,
    ) -> None:
        """`public_url` is where people elsewhere reach the rooms, if they can."""
        self._store = store
        self._signer = signer
        self._now = now
        self._show = show
        self._public_url = public_url

    async def carry_out(self, client: Client, action: Action, take: Take) -> int:
        """Do it; the id of the event concerned, once all is committed.

        Raises `Refusal` for what this person may not do, and whatever `take` raises.
        """
        if isinstance(action, Say):
            return await self._say(client, action, take)
        if not client.name:
            raise _nameless()
        target = await self._target(client, action.id)
        if target.deleted_at is not None and not isinstance(action, Delete):
            raise _absent()
        match action:
            case Edit():
                await self._edit(client, action, target, take)
            case Delete():
                await self._delete(client, action, target, take)
            case React():
                await self._react(client, action, target, take)
            case Pin():
                await self._pin(client, action, take)
            case Press():
                pressed = Pressed(action.token, str(action.id), str(client.number))
                if action.token not in {each["token"] for each in target.body.get("buttons", ())}:
                    raise Refusal("web-button", _("This button is not there any more."))
                await self._take(client, action, pressed, take)
        return action.id

    async def _say(self, client: Client, say: Say, take: Take) -> int:
        if not client.name:
            raise _nameless()
        people = await self._people(client.room, say.mentions)
        html = markup.to_html(say.text, people)
        found = markup.find_mentions(say.text, people)
        media = self._files(client.room, say)
        replied = await self._replied(client.room, say.reply_to)
        body = events.said(
            name=client.name,
            text=say.text,
            html=html,
            media=media,
            mentions=found,
            reply_to=replied.id if replied else None,
            cid=say.cid,
        )
        async with self._store.write() as uow:
            event_id, new = await uow.web.post(
                client.room,
                _key(client, say.cid),
                {**body, events.PENDING: True},
                self._now(),
                client.account,
            )
            known = None if new else await uow.web.get(event_id)
        if known is not None and not known.body.get(events.PENDING):
            return event_id

        async def stand(uow: UnitOfWork) -> None:
            await uow.web.edit(event_id, body, self._now())

        said = Said(
            Content(
                html,
                self._linked(event_id, media),
                text=say.text,
                mentions=found,
                location=Location.from_uri(say.text),
            ),
            reply_to=str(replied.id) if replied else None,
            reply_author=events.author_of(replied) if replied else None,
            reply_html=Html(str(replied.body.get("html", ""))) if replied else None,
        )
        await self._take(client, say, said, take, stand, remote=str(event_id))
        await self._show_again(event_id)
        return event_id

    def _files(self, room: str, say: Say) -> tuple[Media, ...]:
        found = tuple(files.from_handle(self._signer, room, handle) for handle in say.files)
        if any(each is None for each in found):
            raise Refusal("web-file", _("A file was not uploaded here. Attach it again."))
        return tuple(each for each in found if each is not None)

    def _linked(self, event_id: int, media: tuple[Media, ...]) -> tuple[Media, ...]:
        """The files with what a network says that cannot take them: sum and address."""
        return tuple(
            replace(
                each,
                sha256=dict(each.ref).get("sha256"),
                link=self._public_url
                and f"{self._public_url}{files.shared_path(self._signer, event_id, at)}",
            )
            for at, each in enumerate(media)
        )

    async def _edit(self, client: Client, edit: Edit, target: WebEvent, take: Take) -> None:
        _own(client, target)
        if not edit.text.strip() and not target.body.get("media"):
            raise Refusal("web-empty", _("A message cannot become empty. Delete it instead."))
        people = await self._people(client.room, edit.mentions)
        html = markup.to_html(edit.text, people)
        found = markup.find_mentions(edit.text, people)
        media = tuple(Media.from_json(each) for each in target.body.get("media", ()))

        async def change(uow: UnitOfWork) -> None:
            fresh = await uow.web.get(edit.id)
            if fresh is None or edit.cid in fresh.body.get("edits", ()):
                return
            done = [*fresh.body.get("edits", ())[-20:], edit.cid]
            body = events.edited(
                fresh.body,
                self._now(),
                text=edit.text,
                html=html,
                mentions=[list(each) for each in found],
                edits=done,
            )
            await uow.web.edit(edit.id, body, self._now())

        content = Content(
            html,
            self._linked(edit.id, media),
            text=edit.text,
            mentions=found,
            location=Location.from_uri(edit.text),
        )
        await self._take(client, edit, Edited(str(edit.id), content), take, change)
        await self._show_again(edit.id)

    async def _delete(self, client: Client, delete: Delete, target: WebEvent, take: Take) -> None:
        _own(client, target)

        async def change(uow: UnitOfWork) -> None:
            await uow.web.delete(delete.id, self._now())

        await self._take(client, delete, Deleted(str(delete.id)), take, change)
        await self._show_again(delete.id)

    async def _react(self, client: Client, react: React, target: WebEvent, take: Take) -> None:
        if react.add and len(target.body.get("reactions") or ()) >= 20:
            raise Refusal("web-reactions", _("This message has enough different reactions."))

        async def change(uow: UnitOfWork) -> None:
            fresh = await uow.web.get(react.id)
            if fresh is not None:
                body = events.reacted(
                    fresh.body, react.emoji, client.account, client.name, add=react.add
                )
                await uow.web.edit(react.id, body, self._now())

        emoji = (react.emoji,)
        event = Reacted(
            str(react.id), added=emoji if react.add else (), removed=() if react.add else emoji
        )
        await self._take(client, react, event, take, change)
        await self._show_again(react.id)

    async def _pin(self, client: Client, pin: Pin, take: Take) -> None:
        async def change(uow: UnitOfWork) -> None:
            fresh = await uow.web.get(pin.id)
            if fresh is not None:
                body = events.pinned(fresh.body, client.name if pin.add else "")
                await uow.web.edit(pin.id, body, self._now())

        target = (str(pin.id),)
        event = Pinned(added=target if pin.add else (), removed=() if pin.add else target)
        await self._take(client, pin, event, take, change)
        await self._show_again(pin.id)

    async def _take(
        self,
        client: Client,
        action: Action,
        event: Event,
        take: Take,
        alongside: Change | None = None,
        remote: str | None = None,
    ) -> None:
        inbound = Inbound(
            key=_key(client, action.cid),
            room=client.room,
            at=self._now(),
            event=event,
            sender=Sender(client.account, client.name),
            remote=remote,
        )
        await take(Batch((inbound,), alongside=alongside))

    async def _target(self, client: Client, event_id: int) -> WebEvent:
        async with self._store.read() as uow:
            event = await uow.web.get(event_id)
        if event is None or event.room != client.room or event.body.get(events.PENDING):
            raise _absent()
        return event

    async def _replied(self, room: str, event_id: int | None) -> WebEvent | None:
        if event_id is None:
            return None
        async with self._store.read() as uow:
            event = await uow.web.get(event_id)
        return event if event is not None and event.room == room else None

    async def _people(self, room: str, mentions: tuple[tuple[str, str], ...]) -> dict[str, str]:
        """Of the mentions that a page names, those of people who were seen in the room."""
        if not mentions:
            return {}
        async with self._store.read() as uow:
            seen = events.people_of(list(await uow.web.history(room, limit=PEOPLE_SEEN_IN)))
        return {name: account for name, account in mentions if seen.get(account) == name}

    async def _show_again(self, event_id: int) -> None:
        async with self._store.read() as uow:
            event = await uow.web.get(event_id)
        if event is not None:
            self._show(event)


def _key(client: Client, cid: str) -> str:
    return f"{client.account}:{cid}"


def _own(client: Client, event: WebEvent) -> None:
    if event.account != client.account:
        raise Refusal("web-not-yours", _("Only your own messages can be changed."))


def _absent() -> Refusal:
    return Refusal("web-gone", _("That message is not there any more."))


def _nameless() -> Refusal:
    return Refusal("web-name", _("Enter your name first."))


def media_at(event: WebEvent, at: int) -> dict[str, Any] | None:
    """The file at that place of an event, if it lies here."""
    media = event.body.get("media") or []
    if at >= len(media) or not media[at]["ref"].get("sha256"):
        return None
    found: dict[str, Any] = media[at]
    return found
