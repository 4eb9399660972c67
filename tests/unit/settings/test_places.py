"""Where things are kept."""

from __future__ import annotations

from pathlib import Path

from bot.settings import load


def test_a_data_folder_holds_the_database_too_unless_that_has_a_place_of_its_own(
    tmp_path: Path,
) -> None:
    """A service's configuration lies where the service may not write."""
    (tmp_path / "lianzhi.toml").write_text('[general]\ndata = "/var/lib/lianzhi"\n')
    assert load(here=tmp_path).database_file == Path("/var/lib/lianzhi/lianzhi.db")

    named = '[database]\nurl = "sqlite+aiosqlite:///own.db"\n[general]\ndata = "elsewhere"\n'
    (tmp_path / "lianzhi.toml").write_text(named)
    assert load(here=tmp_path).database_file == tmp_path / "own.db"
