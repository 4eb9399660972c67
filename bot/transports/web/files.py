"""Files of the web rooms: one copy for each content, under its SHA-256."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bot.richtext import safe_file_name
from bot.transports.base import Media, MediaKind
from bot.transports.web.invites import Signer

NETWORK = "web"
FILE_LIMIT = 100 * 1024 * 1024
"""Bytes of one file."""
CHUNK = 64 * 1024

_SHA = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MIME = re.compile(r"[a-z]+/[a-z0-9.+-]{1,80}", re.ASCII)
_INLINE: dict[str, MediaKind] = {
    "image/png": "photo",
    "image/jpeg": "photo",
    "image/gif": "photo",
    "image/webp": "photo",
    "video/mp4": "video",
    "video/webm": "video",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
    "audio/webm": "audio",
    "audio/wav": "audio",
    "audio/x-wav": "audio",
    "audio/aac": "audio",
    "audio/flac": "audio",
}
_MAGIC: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}


class FileTooBig(Exception):
    """More than `FILE_LIMIT` bytes."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A content that is on disk, synced."""

    sha256: str
    size: int
    head: bytes
    """Its first bytes, which tell pictures from what only says that it is one."""


class FileStore:
    """The folder of contents. A repeated content is stored once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, chunks: AsyncIterator[bytes], limit: int = FILE_LIMIT) -> Stored:
        """Write to disk what `chunks` bring. Raises `FileTooBig`, `OSError`; leaves no half."""
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        part = self._folder / f"{secrets.token_hex(8)}.part"
        digest = hashlib.sha256()
        size, head = 0, b""
        file = await asyncio.to_thread(part.open, "xb")
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise FileTooBig
                head = head or bytes(chunk[:16])
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_settle, file.fileno(), file.flush)
            file.close()
            await asyncio.to_thread(part.replace, self.path(digest.hexdigest()))
        except BaseException:
            file.close()
            part.unlink(missing_ok=True)
            raise
        return Stored(digest.hexdigest(), size, head)

    def path(self, sha256: str) -> Path:
        """Where this content is, or would be. ValueError for what is no SHA-256."""
        if not _SHA.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._folder / sha256

    def sweep(self) -> None:
        """Remove the halves that an interrupted process left."""
        for part in self._folder.glob("*.part"):
            part.unlink(missing_ok=True)

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """The bytes of a content. Raises `OSError`, ValueError."""
        file = await asyncio.to_thread(self.path(sha256).open, "rb")
        try:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk
        finally:
            file.close()


def _settle(descriptor: int, flush: object) -> None:
    assert callable(flush)
    flush()
    os.fsync(descriptor)


def describe(stored: Stored, name: str, mime: str) -> Media:
    """The stored content as a file that lies on this network; `mime` is the sender's claim."""
    kind_of = mime.split(";")[0].strip().lower()
    if not _MIME.fullmatch(kind_of):
        kind_of = "application/octet-stream"
    kind = _INLINE.get(kind_of, "document")
    if kind == "photo" and not stored.head.startswith(_MAGIC[kind_of]):
        # A picture of another type than was said is shown as what it is.
        real = next((each for each in _MAGIC if stored.head.startswith(_MAGIC[each])), None)
        kind, kind_of = ("photo", real) if real else ("document", "application/octet-stream")
    return Media(
        network=NETWORK,
        kind=kind,
        name=safe_file_name(name),
        mime=kind_of,
        ref=(("sha256", stored.sha256),),
        size=stored.size,
    )


def shown_inline(mime: str) -> bool:
    """Whether a browser may show this type itself: it runs nothing."""
    return mime in _INLINE


def disposition(name: str, *, inline: bool) -> str:
    """The Content-Disposition for a file of this name (RFC 6266)."""
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename*=UTF-8''{quote(name, safe='')}"


def handle(by: Signer, room: str, media: Media) -> str:
    """What the browser shows to say that it uploaded this file, in this room."""
    value = [room, media.to_json()]
    return by.sign("upload", json.dumps(value, ensure_ascii=False))


def shared_path(by: Signer, event_id: int, at: int) -> str:
    """The address of one file of a message for those who have no invitation to its room."""
    return f"/media/{event_id}/{at}?key={by.digest('shared', f'{event_id}/{at}').hex()[:40]}"


def from_handle(by: Signer, room: str, text: str) -> Media | None:
    """The file of a handle that was given for this room."""
    value = by.read("upload", text)
    if value is None:
        return None
    place, media = json.loads(value)
    return Media.from_json(media) if place == room else None
