"""The terminal's language is the person's."""

from __future__ import annotations

import pytest

from bot.terminal import language_option, terminal_language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "fr:en"}, "en"),
        ({"LANG": "C", "LANGUAGE": "zh"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN@x"}, "zh"),
    ],
)
def test_the_locale_chooses_the_language(environment: dict[str, str], language: str) -> None:
    """As gettext reads the variables; what is neither Chinese nor English is English."""
    assert terminal_language(environment) == language


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["--lang", "zh", "run"], "zh"),
        (["run", "--lang=zh"], "zh"),
        (["run", "--lang", "中文"], "zh"),
        (["run", "--lang"], "en"),
        (["run", "--lang", "fr"], "en"),
        (["run"], "en"),
    ],
)
def test_the_option_goes_before_the_locale(arguments: list[str], language: str) -> None:
    """Wherever it stands on the command line."""
    assert language_option(arguments, "en") == language
