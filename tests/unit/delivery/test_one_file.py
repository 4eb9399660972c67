"""A network is added by one file."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import bot.transports
from bot.transports.base import networks
from tests.unit.delivery import loopback


def test_a_module_among_the_transports_is_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [network.name for network in networks()]
    assert "loopback" not in names
    shutil.copy(Path(loopback.__file__), tmp_path / "loopback.py")
    path = [*bot.transports.__path__, str(tmp_path)]
    monkeypatch.setattr(bot.transports, "__path__", path)
    try:
        found = {network.name: network for network in networks()}
    finally:
        sys.modules.pop("bot.transports.loopback", None)
    assert sorted(found) == sorted([*names, "loopback"])
    section = found["loopback"].settings.model_validate({"idempotent": False})
    assert section.model_dump() == {"idempotent": False}
