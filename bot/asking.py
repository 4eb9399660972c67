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
    async with asking(patience) as client:
        return await read(client, url, query)


def asking(patience: float, at_once: int = 1, agent: str | None = None) -> httpx.AsyncClient:
    """What asks a server several things, no more than `at_once` at a time, and says who asks."""
    return httpx.AsyncClient(
        timeout=patience,
        follow_redirects=False,
        verify=trusted(),
        limits=httpx.Limits(max_connections=at_once),
        headers=None if agent is None else {"User-Agent": agent},
    )


async def read(
    client: httpx.AsyncClient, url: str, query: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """As `get`; what stands after a ? in the address stays where there is no `query`."""
    async with client.stream("GET", url, params=None if query is None else dict(query)) as answer:
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > LARGEST:
                raise ValueError("the answer is too long")
        return answer.status_code, bytes(body)
