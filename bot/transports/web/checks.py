"""What `lianzhi check` says of the web rooms."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from pathlib import Path

import aiohttp

from bot.transports.base import Finding
from bot.transports.web.settings import WHOSE, Listen, WebSettings
from workflows.text import _

WHOSE_SECONDS = 3.0
"""How long whoever has the port may take to say who it is."""


async def findings(
    settings: WebSettings,
    data: Path,
    address: str,
    ours: str | None,
    rooms: tuple[str, ...],
    known: tuple[str, ...],
) -> tuple[Finding, ...]:
    """Try the port (unless `address` is already served) and the folder; name contradictions.

    `ours` is what a process of this installation that runs beside us says of itself.
    """
    return (
        await _address(settings, address, ours),
        _way_in(settings),
        await asyncio.to_thread(_folder, data),
        *(_room(room) for room in rooms if room not in known),
    )


async def _address(settings: WebSettings, address: str, ours: str | None) -> Finding:
    if address:
        return Finding("web", True, _("The web rooms are at {address}.", address=address))
    listen, found = settings.address, []
    for port in settings.ports:
        found.append(_port(Listen(listen.host, port)))
        if found[-1].ok:
            return found[-1]
        url = listen.url(port)
        if ours is not None and await _whose(url) == ours:
            return Finding("web", True, _("The running Lianzhi has {address}.", address=url))
    return found[0]


async def _whose(url: str) -> str | None:
    """Which installation serves there; None if it is no Lianzhi, or does not answer."""
    patience = aiohttp.ClientTimeout(total=WHOSE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=patience) as client,
            client.get(f"{url}{WHOSE}", allow_redirects=False) as answer,
        ):
            return (await answer.content.read(100)).decode("ascii", "replace")
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return None


def _port(listen: Listen) -> Finding:
    shown = str(listen)
    try:
        family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((listen.host, listen.port))
    except OSError as error:
        return Finding(
            "web",
            False,
            _("{address} cannot be used: {reason}.", address=shown, reason=error.strerror or "?"),
            _("Choose another address in [web] listen, or end the program that has it."),
        )
    return Finding("web", True, _("{address} is free for the web rooms.", address=shown))


def _way_in(settings: WebSettings) -> Finding:
    if settings.open:
        return Finding("web", True, _("The web rooms are open to this machine alone."))
    if settings.public_url is None:
        return Finding(
            "web",
            False,
            _("The web rooms can be reached from outside without encryption."),
            _("Put a proxy with HTTPS in front and name its address in [web] public_url."),
        )
    if not settings.public_url.startswith("https:"):
        return Finding(
            "web",
            False,
            _("[web] public_url is not encrypted: {address}.", address=settings.public_url),
            _("Use an address that begins with https."),
        )
    return Finding(
        "web",
        True,
        _("People come in at {address} by invitation.", address=settings.public_url),
    )


def _folder(data: Path) -> Finding:
    folder = data / "media"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part") as file:
            file.write(b"0" * 4096)
            file.flush()
    except OSError as error:
        return Finding(
            "web",
            False,
            _(
                "Files cannot be kept in {folder}: {reason}.",
                folder=str(folder),
                reason=error.strerror or "?",
            ),
            _("Make the folder writable for this program, or free some space."),
        )
    return Finding("web", True, _("Files are kept in {folder}.", folder=str(folder)))


def _room(room: str) -> Finding:
    return Finding(
        "web",
        False,
        _("The web room {room} is used but not set up.", room=room),
        _("Add it to the configuration as a [[room]]."),
    )
