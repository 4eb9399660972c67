"""`lianzhi check` tells who leads, and whether a standby has what it needs to take over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.check import leader
from bot.leadership import Leadership, mark
from storage import Store


@pytest.fixture
async def store(ready_postgres_url: str) -> AsyncIterator[Store]:
    """What a check looks with."""
    opened = await Store.open(ready_postgres_url)
    yield opened
    await opened.close()


async def test_nobody_leads_before_the_first_start_and_after_a_clean_stop(
    store: Store, tmp_path: Path
) -> None:
    before = await leader(tmp_path, store)
    assert (before.ok, before.text.id) == (True, "No process leads: the next one that starts will.")
    leading = await Leadership.open(store.url)
    await leading.lead(lambda _other: None)
    await leading.close()
    assert await leader(tmp_path, store) == before


async def test_a_data_folder_that_is_not_the_leaders_is_wrong(store: Store, tmp_path: Path) -> None:
    """Keys and files would stay behind."""
    here, there = tmp_path / "here", tmp_path / "there"
    leading = await Leadership.open(store.url)
    try:
        await leading.lead(lambda _other: None)
        for folder in (here, there):
            folder.mkdir()
        mark(here, leading.holder)
        assert (await leader(here, store)).ok
        found = await leader(there, store)
        assert not found.ok
        assert found.mend is not None
        assert dict(found.mend.params)["path"] == str(there)
    finally:
        await leading.close()
