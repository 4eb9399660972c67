"""Broken updates and sync answers harm nobody: no crash, no loss, no lane stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.storm import storm


@pytest.mark.timeout(300)
async def test_good_messages_among_broken_ones_arrive_once_and_in_order(
    tmp_path: Path, store_url: str
) -> None:
    """Two hundred and fifty updates and as many sync answers; the bench has ten thousand."""
    async with storm(tmp_path, 20261122, store_url) as raging:
        found = await raging.rage(150, 150)
    assert not found.lost
    assert not found.doubled
    assert not found.disordered
    assert not found.set_aside
