"""Files in and out: streamed, and encrypted where the room is.

Encrypted attachments: Matrix client-server API, "Sending encrypted attachments" (AES-256-CTR,
SHA-256 over the ciphertext).
"""

from __future__ import annotations

import base64
import binascii
import json
import tempfile
from collections.abc import AsyncIterator
from typing import IO
from urllib.parse import quote

from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.Random import get_random_bytes
from Crypto.Util import Counter

from bot.transports.base import (
    AnswerLost,
    Media,
    OpenMedia,
    Rejected,
    SendFault,
    Unreachable,
)
from bot.transports.matrix.client import Client
from bot.transports.matrix.shapes import Body, mapping, text, whole
from workflows.text import Json

CHUNK = 64 * 1024

_PASSING = frozenset(("401", "408", "421", "425", "429"))
"""Refusals that may be over at the next try."""


class TooLarge(Rejected):
    """The homeserver takes no file of this size."""


async def upload_limit(client: Client) -> int | None:
    """The largest file that the homeserver takes, in bytes; None where it does not tell.

    "GET /_matrix/client/v1/media/config"; servers before 1.11 know only the older path.
    """
    for path in ("/_matrix/client/v1/media/config", "/_matrix/media/v3/config"):
        try:
            return whole(await client.call("GET", path, timeout=10), "m.upload.size")
        except SendFault as fault:
            if isinstance(fault, Unreachable):
                raise
    return None


async def upload(client: Client, media: Media, opened: OpenMedia, *, secret: bool) -> Body:
    """Store a file on the homeserver; the keys `url` or `file` for the event, and its `size`.

    The bytes pass through a temporary file, since the length must be told first.
    """
    with tempfile.TemporaryFile() as held:
        lock = _Lock() if secret else None
        async for chunk in opened(media):
            held.write(lock.seal(chunk) if lock else chunk)
        size = held.tell()
        held.seek(0)
        headers = {
            "Content-Type": "application/octet-stream" if secret else media.mime,
            "Content-Length": str(size),
        }
        query = "" if secret else f"?filename={quote(media.name, safe='')}"
        path = f"/_matrix/media/v3/upload{query}"
        try:
            async with client.exchange("POST", path, _chunks(held), headers) as answer:
                url = text(mapping(json.loads(await answer.read())), "content_uri")
        except ValueError:
            url = ""
        except SendFault as fault:
            if fault.reason.startswith("413"):
                raise TooLarge(fault.reason) from fault
            raise _of_a_file(fault) from fault
    if not url.startswith("mxc://"):
        raise AnswerLost("no content_uri in the answer to the upload")
    made: Body = {"size": size}
    if lock is None:
        made["url"] = url
    else:
        made["file"] = {"url": url, **lock.key()}
    return made


async def download(client: Client, media: Media) -> AsyncIterator[bytes]:
    """The bytes of a file, decrypted. An encrypted one is given only once it is known whole."""
    ref = dict(media.ref)
    address = ref.get("url", "").removeprefix("mxc://")
    server, _slash, name = address.partition("/")
    if not server or not name:
        raise Rejected("no mxc:// address")
    place = f"{quote(server, safe='')}/{quote(name, safe='')}"
    if "secret" not in ref:
        async for chunk in _stored(client, place):
            yield chunk
        return
    try:
        secret = mapping(json.loads(ref["secret"]))
        key, iv = _bytes(text(secret, "k")), _bytes(text(secret, "iv"))
        counter = Counter.new(64, prefix=iv[:8], initial_value=int.from_bytes(iv[8:16], "big"))
        cipher = AES.new(key, AES.MODE_CTR, counter=counter)
        wanted = _bytes(text(secret, "sha256"))
    except (ValueError, binascii.Error) as error:
        raise Rejected("the key of the file is not readable") from error
    with tempfile.TemporaryFile() as held:
        digest = SHA256.new()
        async for chunk in _stored(client, place):
            digest.update(chunk)
            held.write(chunk)
        if digest.digest() != wanted:
            raise Rejected("the encrypted file is not the one that was sent")
        held.seek(0)
        while chunk := held.read(CHUNK):
            yield cipher.decrypt(chunk)


async def _stored(client: Client, place: str) -> AsyncIterator[bytes]:
    """As the server has it; servers before 1.11 know only the path without a login."""
    try:
        async for chunk in _get(client, f"/_matrix/client/v1/media/download/{place}"):
            yield chunk
        return
    except SendFault as fault:
        if not fault.reason.startswith("404"):
            raise _of_a_file(fault) from fault
        first = _of_a_file(fault)
    try:
        async for chunk in _get(client, f"/_matrix/media/v3/download/{place}"):
            yield chunk
    except SendFault as fault:
        raise (first if fault.reason.startswith("4") else _of_a_file(fault)) from None


def _of_a_file(fault: SendFault) -> SendFault:
    """What an answer means that was given about a file: 403, 404, 410, 413 and their like are the
    last word on it, and none on the room, also where a proxy says it without a code."""
    status = fault.reason[:3]
    definite = len(status) == 3 and status[0] == "4" and status not in _PASSING
    return Rejected(fault.reason) if definite else fault


async def _get(client: Client, path: str) -> AsyncIterator[bytes]:
    async with client.exchange("GET", path) as answer:
        async for chunk in answer.content.iter_chunked(CHUNK):
            yield chunk


async def _chunks(held: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := held.read(CHUNK):
        yield chunk


class _Lock:
    """Encrypts one file as it passes."""

    def __init__(self) -> None:
        self._key, self._iv = get_random_bytes(32), get_random_bytes(8)
        counter = Counter.new(64, prefix=self._iv, initial_value=0)
        self._cipher = AES.new(self._key, AES.MODE_CTR, counter=counter)
        self._digest = SHA256.new()

    def seal(self, chunk: bytes) -> bytes:
        """The next part of the file."""
        sealed = self._cipher.encrypt(chunk)
        self._digest.update(sealed)
        return sealed

    def key(self) -> Body:
        """What a reader needs, as the event holds it."""
        ops: list[Json] = ["encrypt", "decrypt"]
        return {
            "v": "v2",
            "key": {
                "kty": "oct",
                "alg": "A256CTR",
                "ext": True,
                "k": base64.urlsafe_b64encode(self._key).decode().rstrip("="),
                "key_ops": ops,
            },
            "iv": base64.b64encode(self._iv + bytes(8)).decode().rstrip("="),
            "hashes": {"sha256": base64.b64encode(self._digest.digest()).decode().rstrip("=")},
        }


def _bytes(text: str) -> bytes:
    """Base64 of either alphabet, with or without padding."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
