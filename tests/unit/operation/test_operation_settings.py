"""What an operator may configure of watching and forgetting, and what is refused."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.catalogues import Catalogues
from bot.settings import BadSettings, load
from bot.speech import Speech


def test_without_a_word_nothing_is_served_and_nothing_forgotten(tmp_path: Path) -> None:
    """Both are for those who ask for them."""
    settings = load(here=tmp_path)
    assert settings.operation.address is None
    assert settings.retention.talk_days == settings.retention.media_days == 0


def test_the_address_is_read_with_its_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the file, or from the environment over it."""
    (tmp_path / "lianzhi.toml").write_text('[operation]\nlisten = "127.0.0.1:8081"')
    assert load(here=tmp_path).operation.address == ("127.0.0.1", 8081)
    monkeypatch.setenv("LIANZHI_OPERATION__LISTEN", "[::1]:9000")
    monkeypatch.setenv("LIANZHI_RETENTION__TALK_DAYS", "90")
    settings = load(here=tmp_path)
    assert settings.operation.address == ("::1", 9000)
    assert settings.retention.talk_days == 90


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ('[operation]\nlisten = "8081"', ":2: operation.listen: must be an address and a port"),
        ('[operation]\nlisten = "h:99999"', ":2: operation.listen: must have a port from 0"),
        ("[operation]\nunsent_minutes = 0", ":2: operation.unsent_minutes: must be at least 1"),
        ("[retention]\ntalk_days = -1", ":2: retention.talk_days: must be at least 0"),
        ("[retention]\ntalk_day = 1", ':2: retention.talk_day: unknown key (did you mean "talk_d'),
    ],
)
def test_a_mistake_is_named_with_its_line(toml: str, line: str, tmp_path: Path) -> None:
    """As everywhere in the file."""
    (tmp_path / "lianzhi.toml").write_text(toml)
    with pytest.raises(BadSettings) as refused:
        load(here=tmp_path)
    said = Speech(Catalogues.load(), ZoneInfo("UTC")).text(refused.value.problems[0], "en")
    assert said.startswith(f"lianzhi.toml{line}")
