"""What `lianzhi check` says of the web rooms."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

from bot.transports.base import Finding
from bot.transports.web.settings import Listen, WebSettings
from workflows.text import _


def findings(
    settings: WebSettings, data: Path, address: str, rooms: tuple[str, ...], known: tuple[str, ...]
) -> tuple[Finding, ...]:
    """Try the port (unless `address` is already served) and the folder; name contradictions."""
    return (
        _port(settings.address, settings.listen, address),
        _way_in(settings),
        _folder(data),
        *(_room(room) for room in rooms if room not in known),
    )


def _port(listen: Listen, shown: str, address: str) -> Finding:
    if address:
        return Finding("web", True, _("The web rooms are at {address}.", address=address))
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
