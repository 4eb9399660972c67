"""The command line: help, refusals, the ledger, invitations."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.catalogues import Catalogues
from bot.cli import REFUSED, WRONG, failed
from bot.terminal import Terminal
from storage import Store, StoreUnavailable
from storage.schema import SchemaNewer
from tests.integration.cli.process import lianzhi
from workflows.errors import Refusal
from workflows.text import _


async def _made(folder: Path, entries: int) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'lianzhi.db'}")
    async with store.write() as uow:
        for number in range(entries):
            await uow.ledger.append(
                "bridge.made", datetime.now(UTC), actor="web:a", room="web:zh", number=number
            )
    await store.close()


def make_database(folder: Path, entries: int = 0) -> Path:
    """A database of this version in the folder, with so many entries in its record."""
    asyncio.run(_made(folder, entries))
    return folder / "lianzhi.db"


def alter(database: Path, statement: str) -> None:
    """Change the database behind the program's back."""
    connection = sqlite3.connect(database)
    with connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Run until stopped."), ("zh", "启动，直到被停止。")]
)
def test_help_is_in_the_persons_language(language: str, words: str, tmp_path: Path) -> None:
    """By the locale, and by --lang against the locale."""
    other = "zh" if language == "en" else "en"
    assert words in lianzhi("--help", cwd=tmp_path, language=language).out
    assert words in lianzhi("--lang", language, "--help", cwd=tmp_path, language=other).out


def test_help_loads_no_chat_library(tmp_path: Path) -> None:
    """Help and mistakes are answered at once."""
    loaded = lianzhi("--help", cwd=tmp_path, PYTHONPROFILEIMPORTTIME="1").err
    for module in ("nio", "telegram", "sqlmodel", "aiohttp", "pydantic", "bot.settings"):
        assert f" {module}\n" not in loaded


def test_the_version_is_shown(tmp_path: Path) -> None:
    """One line, on standard output."""
    done = lianzhi("--version", cwd=tmp_path)
    assert done.code == 0
    assert done.out.startswith("lianzhi ")


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", 'lianzhi.toml:2: general.timezon: unknown key (did you mean "timezone"?)'),
        ("zh", "lianzhi.toml:2: general.timezon：没有这个配置项（是不是“timezone”？）"),
    ],
)
def test_a_bad_configuration_stops_the_start_with_one_line(
    language: str, line: str, tmp_path: Path
) -> None:
    """Nothing else is printed, and nothing is made."""
    (tmp_path / "lianzhi.toml").write_text('[general]\ntimezon = "UTC"\nadmins = 1\n')
    done = lianzhi("run", cwd=tmp_path, language=language)
    assert (done.code, done.out, done.err) == (REFUSED, "", f"{line}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["lianzhi.toml"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rn",), "'rn'"),
        (("run", "--confg", "x"), 'There is no option "--confg".'),
        (("ledger", "verify", "now"), "now"),
        (("invite", "李明"), "lianzhi invite 李明 web:zh"),
        (("invite", "--revoke"), 'The option "--revoke" needs a value.'),
        (("invite", "a", "web:zh", "--days", "9" * 20), "--days"),
        (("backup",), "FILE is missing."),
        (("run", "--lang", "fr"), 'The language "fr" is not spoken here; it is zh or en.'),
        ((), "Usage: lianzhi"),
        (("ledger",), "Usage: lianzhi ledger"),
    ],
)
def test_a_mistyped_command_line_says_what_is_there(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    """A word for what is wrong, no traceback, and nothing begun."""
    done = lianzhi(*arguments, cwd=tmp_path)
    assert done.code == REFUSED
    assert words in done.err
    assert "Traceback" not in done.err
    assert not list(tmp_path.iterdir())


def test_a_whole_record_is_called_whole(tmp_path: Path) -> None:
    """And one that does not exist yet is not called broken."""
    none = lianzhi("ledger", "verify", cwd=tmp_path)
    assert (none.code, none.out) == (0, "There is no record yet.\n")
    assert not (tmp_path / "lianzhi.db").exists()
    make_database(tmp_path, entries=3)
    done = lianzhi("ledger", "verify", cwd=tmp_path)
    assert done.code == 0
    assert "is whole" in done.out


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE ledger SET actor = 'web:b' WHERE seq = 2", 2),
        ("DELETE FROM ledger WHERE seq = 1", 1),
    ],
)
def test_a_changed_record_is_found(statement: str, number: int, tmp_path: Path) -> None:
    """The first entry that does not fit is named."""
    alter(make_database(tmp_path, entries=3), statement)
    done = lianzhi("ledger", "verify", cwd=tmp_path)
    assert done.code == WRONG
    assert f"Entry {number} " in done.err


def test_a_record_is_written_out_and_verified_by_whoever_gets_it(tmp_path: Path) -> None:
    """With nothing but Python; against a head that was posted, too."""
    make_database(tmp_path, entries=3)
    done = lianzhi("ledger", "export", "record.jsonl", cwd=tmp_path)
    assert done.code == 0
    head = done.out.split("Its head is ")[1].split()[0]
    verifier = [sys.executable, "-I", "-S", "lianzhi-ledger-verify.py", "record.jsonl"]
    assert subprocess.run([*verifier, head], cwd=tmp_path, timeout=60, check=False).returncode == 0
    assert lianzhi("ledger", "verify", "--head", head, cwd=tmp_path).code == 0
    forged = lianzhi("ledger", "verify", "--head", f"2:{'0' * 32}", cwd=tmp_path)
    assert forged.code == WRONG
    assert "Entry 2 does not agree" in forged.err
    assert lianzhi("ledger", "verify", "--head", "what", cwd=tmp_path).code == REFUSED
    assert lianzhi("ledger", "export", "record.jsonl", cwd=tmp_path).code == REFUSED
    record = tmp_path / "record.jsonl"
    record.write_bytes(record.read_bytes().replace(b'"seq":2', b'"seq":7'))
    assert subprocess.run(verifier, cwd=tmp_path, timeout=60, check=False).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("I9", "out.csv"), "There is no incident I9"),
        (("fire", "out.csv"), "There is no incident fire"),
        (("I9", "out.pdf"), "ends in .csv or .json"),
    ],
)
def test_what_cannot_be_exported_is_said(
    arguments: tuple[str, str], words: str, tmp_path: Path
) -> None:
    """And no file is left."""
    make_database(tmp_path)
    done = lianzhi("export", *arguments, cwd=tmp_path)
    assert done.code == REFUSED
    assert words in done.err
    assert not (tmp_path / arguments[1]).exists()


def test_a_later_database_is_refused(tmp_path: Path) -> None:
    """It is left as it is, and the line says what to do."""
    alter(make_database(tmp_path), "UPDATE alembic_version SET version_num = '9999'")
    before = (tmp_path / "lianzhi.db").read_bytes()
    for command in (("ledger", "verify"), ("invite", "--list")):
        done = lianzhi(*command, cwd=tmp_path)
        assert done.code == REFUSED
        assert "schema 9999" in done.err
        assert len(done.err.splitlines()) == 1
    assert (tmp_path / "lianzhi.db").read_bytes() == before


def test_what_is_kept_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """It holds what everybody has said, and keys."""
    assert lianzhi("check", cwd=tmp_path).code == 0
    assert lianzhi("invite", "李明", "web:zh", cwd=tmp_path).code == 0
    made = list(tmp_path.rglob("*"))
    assert {"lianzhi.db", "lianzhi-data"} <= {each.name for each in made}
    assert [each.name for each in made if each.stat().st_mode & 0o077] == []


def test_an_invitation_is_made_listed_and_revoked(tmp_path: Path) -> None:
    """The link stands alone on the first line, so that it can be copied."""
    (tmp_path / "lianzhi.toml").write_text('[web]\npublic_url = "https://rooms.example.org"\n')
    made = lianzhi("invite", "李明", "web:zh", "--days", "2", cwd=tmp_path)
    assert made.code == 0, made.err
    assert made.out.splitlines()[0].startswith("https://rooms.example.org/join#")
    listed = lianzhi("invite", "--list", cwd=tmp_path).out
    assert "李明" in listed
    assert "open until" in listed
    invite = listed.split()[0]
    assert lianzhi("invite", "--revoke", invite, cwd=tmp_path).code == 0
    assert "revoked" in lianzhi("invite", "--list", cwd=tmp_path).out
    again = lianzhi("invite", "--revoke", invite, cwd=tmp_path)
    assert again.code == REFUSED
    assert invite in again.err


def test_nobody_is_invited_into_a_room_that_is_not_there(tmp_path: Path) -> None:
    """The answer names the rooms that are."""
    done = lianzhi("invite", "李明", "web:kitchen", cwd=tmp_path)
    assert done.code == REFUSED
    assert "web:zh" in done.err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (Refusal("x", _("Language of the terminal.")), REFUSED, "Language of the terminal."),
        (SchemaNewer("0042"), REFUSED, "schema 0042"),
        (StoreUnavailable("disk I/O error"), REFUSED, "disk I/O error"),
        (ExceptionGroup("tasks", [StoreUnavailable("disk full")]), REFUSED, "disk full"),
        (RuntimeError("the secret"), WRONG, "the log names it"),
        (ExceptionGroup("tasks", [ValueError("the secret")]), WRONG, "the log names it"),
    ],
)
def test_every_failure_is_one_line(error: Exception, code: int, words: str) -> None:
    """What nobody expected is not shown itself: it may hold anything."""
    said: list[str] = []
    assert failed(error, Terminal("en", Catalogues.load(), err=said.append)) == code
    assert len(said) == 1
    assert words in said[0]
    assert "the secret" not in said[0]
