"""Questions to servers of others: which certificates are trusted, and how much is listened to."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache

import httpx

LARGEST = 1_000_000
"""Bytes of an answer; no server that we ask has more to say."""


@cache
def trusted() -> ssl.SSLContext:
    """As httpx makes it: `SSL_CERT_FILE` and `SSL_CERT_DIR` of the environment, else certifi's.
    Read once for all connections: 3 MB and 30 ms each time."""
    return httpx.create_ssl_context()


async def get(url: str, query: Mapping[str, str], patience: float) -> tuple[int, bytes]:
    """Status and body of an answer that comes within `patience` seconds for each of its steps.
    ValueError if it is too long, and `httpx.HTTPError`."""
    async with (
        httpx.AsyncClient(timeout=patience, follow_redirects=False, verify=trusted()) as client,
        client.stream("GET", url, params=dict(query)) as answer,
    ):
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > LARGEST:
                raise ValueError("the answer is too long")
        return answer.status_code, bytes(body)
