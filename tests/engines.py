"""Engines that share what they have compiled, as one process' engine does over its life.

Each test opens a database of its own, and compiling every statement anew for each was an eighth
of what the tests computed. Only an engine's own dialect finds what was compiled for it, so that
later engines take the first one's.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


class SharedEngines:
    """Makes engines; those of one kind of database share one dialect."""

    def __init__(self) -> None:
        self._first: dict[str, Any] = {}

    def make(self, url: str, **options: Any) -> AsyncEngine:
        """As `create_async_engine`."""
        made = create_async_engine(url, **options)
        own: Any = made.sync_engine
        first = self._first.setdefault(own.dialect.name, own)
        # One that was never connected knows nothing of its server.
        if getattr(first.dialect, "server_version_info", None) is None:
            self._first[own.dialect.name] = own
        else:
            own.dialect = own.pool._dialect = first.dialect
            own._compiled_cache = first._compiled_cache
        return made
