"""`lianzhi init` writes a configuration by asking."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest

from bot.settings import load
from bot.wizard import toml
from tests.integration.cli.process import AtTerminal, lianzhi
from tests.servers.botapi.remote import RemoteBotApi
from tests.servers.process import free_port


def answers(*lines: str) -> str:
    """What is typed, a line each."""
    return "".join(f"{line}\n" for line in lines)


LOCAL = ("en", "", "", "Asia/Tokyo", "telegram:1 matrix:@a:hs")
"""Language, no Telegram, no Matrix, time zone, administrators."""


def test_the_answers_are_a_configuration_that_can_be_read(tmp_path: Path) -> None:
    """Rooms, languages and their link included; readable by its owner alone."""
    typed = answers(*LOCAL, "web:a", "zh", "web:b", "en", "", "yes", "North 北", "no")
    done = lianzhi("init", cwd=tmp_path, typed=typed)
    assert done.code == 0, done.err
    file = tmp_path / "lianzhi.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    settings = load(here=tmp_path)
    assert settings.timezone.key == "Asia/Tokyo"
    assert settings.admins == ("telegram:1", "matrix:@a:hs")
    assert [(room.room, room.language) for room in settings.rooms] == [
        ("web:a", "zh"),
        ("web:b", "en"),
    ]
    assert [(bridge.name, bridge.rooms) for bridge in settings.bridges] == [
        ("North 北", ("web:a", "web:b"))
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["lianzhi.toml"]


def test_the_file_fits_a_service_that_keeps_its_data_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under deploy/, where nothing may be written beside the configuration."""
    assert lianzhi("init", cwd=tmp_path, typed=answers(*LOCAL, "", "no")).code == 0
    monkeypatch.setenv("LIANZHI_GENERAL__DATA", str(tmp_path / "state"))
    settings = load(here=tmp_path)
    assert settings.database_file == tmp_path / "state" / "lianzhi.db"


def test_the_first_question_chooses_the_language_of_the_rest(tmp_path: Path) -> None:
    """Asked in both, since nobody knows yet which one is read; the file's comments follow."""
    typed = answers("中文", "", "", "", "", "", "否")
    done = lianzhi("init", cwd=tmp_path, typed=typed)
    assert done.code == 0, done.err
    assert "时区" in done.out
    assert "联指" in (tmp_path / "lianzhi.toml").read_text(encoding="utf-8")


def test_an_answer_that_cannot_be_used_is_asked_again(tmp_path: Path) -> None:
    """With the line that the configuration would be refused with."""
    typed = answers(
        "fr", "en", "1:short!", "", "", "Asia/Tokio", "Asia/Tokyo", "li", "", "matrix:!a:hs",
        "web:a", "french", "en", "web:a", "", "no",
    )  # fmt: skip
    done = lianzhi("init", cwd=tmp_path, typed=typed)
    assert done.code == 0, done.err
    for words in (
        'did you mean "Asia/Tokyo"?',
        '"li" is not of the form network:id',
        '"matrix:!a:hs" needs a section [matrix]',
        'must be "zh" | "en" | "both"',
        'the room "web:a" is there twice',
    ):
        assert words in done.out
    assert [room.room for room in load(here=tmp_path).rooms] == ["web:a"]


def test_a_file_that_is_there_is_not_replaced_in_silence(tmp_path: Path) -> None:
    """No leaves it as it is; yes keeps the old one beside the new."""
    file = tmp_path / "lianzhi.toml"
    file.write_text("# mine\n")
    done = lianzhi("init", cwd=tmp_path, typed=answers("en", ""))
    assert done.code == 1
    assert file.read_text() == "# mine\n"
    done = lianzhi("init", cwd=tmp_path, typed=answers("en", "yes", *LOCAL[1:], "", "no"))
    assert done.code == 0, done.err
    assert (tmp_path / "lianzhi.toml.old").read_text() == "# mine\n"
    assert load(here=tmp_path).timezone.key == "Asia/Tokyo"


def test_the_file_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    """And the last line says how to start with it."""
    done = lianzhi("init", "--config", "x.toml", cwd=tmp_path, typed=answers(*LOCAL, "", "no"))
    assert "lianzhi run --config x.toml" in done.out
    assert load(Path("x.toml"), here=tmp_path).admins


def test_giving_up_writes_nothing(tmp_path: Path) -> None:
    """End of input, and Ctrl-C at a terminal."""
    done = lianzhi("init", cwd=tmp_path, typed=answers(*LOCAL))
    assert done.code == 130
    assert "Traceback" not in done.err
    with AtTerminal("init", cwd=tmp_path) as terminal:
        terminal.until("Language.*: $")
        terminal.type("en")
        terminal.until("Token .*: $")
        terminal.interrupt()
        assert terminal.code() == 130
        assert "Traceback" not in terminal.shown
    assert list(tmp_path.iterdir()) == []


def _at_a_terminal(folder: Path, url: str, token: str) -> str:
    with AtTerminal("init", cwd=folder, LIANZHI_WEB__LISTEN=f"127.0.0.1:{free_port()}") as person:
        for question, answer in (
            (r"Language.*: $", "en"),
            (r"Token .*: $", "7000001:AAsome-other-token"),
            (r"Bot API .*: $", url),
            (r"✗ telegram[\s\S]*all the same.*: $", "no"),
            (r"Token .*: $", token),
            (r"Bot API .*: $", url),
            (r"✓ telegram[\s\S]*Homeserver.*: $", "https://hs.example.org"),
            (r"user id.*: $", "@lianzhi:example.org"),
            (r"password\?.*: $", ""),
            (r"Password .*: $", 'a "quoted" pass\\word 密'),
            (r"Time zone.*: $", "UTC"),
            (r"accounts.*: $", ""),
            (r"Room, .*: $", ""),
            (r"Try every part.*: $", "no"),
        ):
            person.until(question)
            person.type(answer)
        assert person.code() == 0, person.shown
        return person.shown


async def test_at_a_terminal_tokens_are_tried_and_never_shown(tmp_path: Path) -> None:
    """A wrong token is told of at once; what is typed for a secret does not appear."""
    async with RemoteBotApi() as api:
        shown = await asyncio.to_thread(_at_a_terminal, tmp_path, api.url, api.token)
        assert api.token not in shown
        assert "AAsome-other-token" not in shown
        assert "quoted" not in shown
        settings = load(here=tmp_path)
    telegram, matrix = (dict(settings.sections[name]) for name in ("telegram", "matrix"))
    assert telegram["token"].get_secret_value() == api.token
    assert telegram["api_base_url"] == api.url
    assert matrix["password"].get_secret_value() == 'a "quoted" pass\\word 密'


@pytest.mark.parametrize("value", ["", 'a"b\\c', "\x7f\x00\n\t", "联指 🚒", ("a", 'b"')])
def test_any_text_comes_back_from_the_file(value: str | tuple[str, ...]) -> None:
    """Passwords have every character there is."""
    found = tomllib.loads(f"x = {toml(value)}")["x"]
    assert found == (value if isinstance(value, str) else list(value))
