"""The READMEs say what the program does: parts of them are made from it.

`LIANZHI_WRITE_README=1` with these tests brings the parts up to date.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import pytest

from bot.catalogues import Catalogues
from bot.operation.health import Alarm
from bot.operation.metrics import Metrics
from bot.speech import Speech
from handlers import families
from handlers.context import Context
from handlers.registry import discover
from tests.servers.parts import ROOT

README: dict[Literal["en", "zh"], Path] = {
    "en": ROOT / "README.md",
    "zh": ROOT / "README.zh-CN.md",
}


def compare_or_write(path: Path, part: str, made: str) -> None:
    """The part between its two comments is `made`; written so if asked."""
    text = path.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)", re.DOTALL)
    assert pattern.search(text), f"{path.name} has no part {part}"
    wanted = pattern.sub(lambda found: f"{found[1]}{made}{found[2]}", text)
    if os.environ.get("LIANZHI_WRITE_README"):
        path.write_text(wanted, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == wanted


@pytest.fixture
def speech() -> Speech:
    """The project's own words."""
    return Speech(Catalogues.load(), ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_of_commands_is_that_of_the_registry(
    language: Literal["en", "zh"], speech: Speech
) -> None:
    """A command is added in one place; the README's table follows from it."""
    registry = discover(families, Context)
    table = registry.table(language, lambda text: speech.text(text, language))
    compare_or_write(README[language], "commands", table)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_alarm_and_every_figure_has_its_page(language: Literal["en", "zh"]) -> None:
    """What it means and what to do: an alarm without one helps nobody at night."""
    text = README[language].read_text(encoding="utf-8")
    pages = re.findall(r"^\*\*`(\w+)`[:：].+\*\*.*\S", text, re.MULTILINE)
    assert sorted(pages) == sorted(get_args(Alarm))
    served = re.findall(rb"^# TYPE (lianzhi_\w+) ", Metrics().text(), re.MULTILINE)
    missing = {each.decode() for each in served if not each.endswith(b"_created")}
    assert not {each for each in missing if f"`{each}`" not in text}


def test_both_readmes_have_the_same_parts() -> None:
    """What is added to one language is added to the other."""

    def count(path: Path) -> int:
        text = path.read_text(encoding="utf-8")
        return len(re.findall(r"^## ", text, re.MULTILINE))

    assert count(README["en"]) == count(README["zh"])
