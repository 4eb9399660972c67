"""`lianzhi invite`: links that let people on other machines into a web room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.settings import Settings
from bot.terminal import Terminal
from bot.transports.web import invites
from bot.transports.web.settings import WebSettings
from storage import Store
from workflows.errors import Refusal
from workflows.text import _


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Store]:
    store = await Store.open(settings.database_url)
    try:
        yield store
    finally:
        await store.close()


async def make(
    settings: Settings, terminal: Terminal, *, name: str, room: str, days: int | None
) -> int:
    """Print a link that lets `name` into `room`, for so many days or until revoked.

    Raises `Refusal` for a room that is not configured.
    """
    place = room if room.startswith("web:") else f"web:{room}"
    rooms = [wish.room for wish in settings.rooms_of("web")]
    if place not in rooms:
        raise Refusal(
            "invite.room",
            _(
                'There is no room "{room}"; the web rooms are: {rooms}.',
                room=place,
                rooms=tuple(rooms),
            ),
        )
    web = settings.sections["web"]
    assert isinstance(web, WebSettings)
    now = datetime.now(UTC)
    until = None if days is None else now + timedelta(days=days)
    base = web.public_url or web.address.url(web.address.port)
    async with _opened(settings) as store:
        invitation, token = await invites.make(store, name=name, room=place, now=now, until=until)
    terminal.out(invites.link(base, token))
    terminal.say(
        _(
            "This link lets {name} into {room}; lianzhi invite --revoke {id} closes it.",
            name=invitation.name,
            room=place,
            id=invitation.id,
        )
    )
    if until is not None:
        replace(terminal, zone=settings.timezone).say(_("It opens until {until}.", until=until))
    if web.public_url is None:
        terminal.say(
            _(
                "[web] has no public_url: replace the address if people come by another one.",
            )
        )
    return 0


async def show(settings: Settings, terminal: Terminal) -> int:
    """Print the links that were made, newest first."""
    now = datetime.now(UTC)
    local = replace(terminal, zone=settings.timezone)
    async with _opened(settings) as store:
        issued = await invites.listing(store)
    for each in issued:
        if each.revoked_at is not None:
            state = _("revoked {at}", at=each.revoked_at)
        elif each.until is None:
            state = _("open until revoked")
        elif each.holds(now):
            state = _("open until {until}", until=each.until)
        else:
            state = _("ended {until}", until=each.until)
        local.out("  ".join((each.id, each.room, each.name, local.text(state))))
    if not issued:
        terminal.say(_("No links were made."))
    return 0


async def revoke(settings: Settings, terminal: Terminal, invite_id: str) -> int:
    """Close a link at once. Raises `Refusal` if it is not open."""
    async with _opened(settings) as store:
        await invites.revoke(store, invite_id, datetime.now(UTC))
    terminal.say(_("Link {id} is closed.", id=invite_id))
    return 0
