"""A part that a machine lacks is named, with its remedy; continuous integration insists on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import parts
from tests.servers.parts import PARTS, need


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One without programs and without environments for servers."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(parts, "CACHE", tmp_path)


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize("part", sorted(PARTS.keys() - {"postgresql"}))
@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_a_missing_part_skips_with_what_to_install_and_fails_in_continuous_integration(
    part: str, ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(
        (pytest.skip.Exception, pytest.fail.Exception), match=PARTS[part].remedy
    ) as caught:
        need(part)
    assert caught.type is outcome
