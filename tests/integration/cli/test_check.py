"""`lianzhi check` tries every part, says what is wrong, and changes nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.integration.cli.process import Ended, environment, lianzhi
from tests.integration.cli.test_commands import alter, make_database
from tests.servers.botapi.remote import RemoteBotApi
from tests.servers.matrixevents import listing, mapping
from tests.servers.process import Process, answers, free_port
from tests.servers.synapse import Homeserver


def wrong(done: Ended) -> list[str]:
    """The lines that say that something is wrong."""
    return [line for line in done.out.splitlines() if line.startswith("✗")]


def check(folder: Path, language: str = "en", **env: str) -> Ended:
    """Run it on a port that nobody uses."""
    port = {"LIANZHI_WEB__LISTEN": f"127.0.0.1:{free_port()}"}
    return lianzhi("check", cwd=folder, language=language, **{**port, **env})


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Everything is well."), ("zh", "一切正常。")]
)
def test_without_a_configuration_all_is_well(language: str, words: str, tmp_path: Path) -> None:
    """The database is not made by looking for it."""
    done = check(tmp_path, language)
    assert (done.code, wrong(done)) == (0, []), done.out
    assert done.out.splitlines()[-1] == words
    assert not (tmp_path / "lianzhi.db").exists()


def test_all_problems_of_the_configuration_are_listed(tmp_path: Path) -> None:
    """And nothing else is tried."""
    (tmp_path / "lianzhi.toml").write_text('[general]\ntimezone = "x"\nadmins = 1\n')
    done = check(tmp_path)
    assert done.code == 1
    assert len(wrong(done)) == len(done.out.splitlines()) == 2


def test_what_is_around_the_bot_is_tried_and_named(tmp_path: Path) -> None:
    """Data files by their readers; servers of roads and maps; a key is in no line."""
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "stock.toml").write_text('warn_days = ["soon"]\n')
    nobody = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "lianzhi.toml").write_text(
        f'[general]\npacks = "packs"\n[routing]\nurl = "{nobody}"\n'
        f'[map]\nattribution = ""\ntiles = "{nobody}/{{z}}/{{x}}/{{y}}.png?key=hush"\n'
    )
    done = check(tmp_path)
    assert done.code == 1
    assert [line.split(":")[0] for line in wrong(done)] == ["✗ data files", "✗ routing", "✗ map"]
    assert "stock.toml cannot be used: warn_days: 'soon' is no number of days" in done.out
    assert "hush" not in done.out + done.err


def test_a_file_with_secrets_that_others_can_read_is_named(tmp_path: Path) -> None:
    """The line below says how to mend it; a file without secrets may be read."""
    file = tmp_path / "lianzhi.toml"
    secret = '[telegram]\ntoken = "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"\n'
    for text, mode, found in (
        ("[general]\n", 0o644, False),
        (f"{secret}api_base_url = 'http://127.0.0.1:{free_port()}'\n", 0o644, True),
        (f"{secret}api_base_url = 'http://127.0.0.1:{free_port()}'\n", 0o600, False),
    ):
        file.write_text(text)
        file.chmod(mode)
        done = check(tmp_path)
        assert (f"chmod 600 {file}" in done.out) is found
        assert any("configuration" in line for line in wrong(done)) is found


@pytest.mark.parametrize(
    ("revision", "code", "words"),
    [("0000", 0, "will be upgraded"), ("9999", 1, "later version")],
)
def test_the_schema_is_compared_and_left_alone(
    revision: str, code: int, words: str, tmp_path: Path
) -> None:
    """An older one will be upgraded by the next start; a later one is wrong."""
    database = make_database(tmp_path)
    alter(database, f"UPDATE alembic_version SET version_num = '{revision}'")
    done = check(tmp_path)
    assert done.code == code, done.out
    assert words in done.out
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)
    connection.close()


def test_a_file_that_is_no_database_is_wrong(tmp_path: Path) -> None:
    """With a line that says what to do."""
    (tmp_path / "lianzhi.db").write_text("not a database at all, only words" * 100)
    done = check(tmp_path)
    assert done.code == 1
    assert any(line.startswith("✗ database") for line in wrong(done))
    assert "→" in done.out


def test_it_looks_while_somebody_writes(tmp_path: Path) -> None:
    """A running bot that holds the database's write lock is neither waited for nor disturbed."""
    writer = sqlite3.connect(make_database(tmp_path), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        done = check(tmp_path)
        assert (done.code, wrong(done)) == (0, []), done.out
        assert "fits this version" in done.out
    finally:
        writer.execute("ROLLBACK")
        writer.close()


def test_a_running_postgresql_is_well_and_a_stopped_one_is_wrong(
    postgres_url: str, tmp_path: Path
) -> None:
    """The password is in no line."""
    well = check(tmp_path, LIANZHI_DATABASE__URL=postgres_url)
    assert (well.code, wrong(well)) == (0, []), well.out
    gone = f"postgresql+asyncpg://me:hush@127.0.0.1:{free_port()}/x"
    done = check(tmp_path, LIANZHI_DATABASE__URL=gone)
    assert done.code == 1
    assert any(line.startswith("✗ database") for line in wrong(done))
    assert "hush" not in done.out + done.err


def test_a_port_that_the_running_bot_has_is_well(tmp_path: Path) -> None:
    """One that another installation, or another program, has is not."""
    ours, other = tmp_path / "ours", tmp_path / "other"
    port = free_port()
    listen = {"LIANZHI_WEB__LISTEN": f"127.0.0.1:{port}"}
    for folder in (ours, other):
        folder.mkdir()
    bot = Process.start(
        [sys.executable, "-m", "bot", "run"],
        log=tmp_path / "log",
        env=environment("en", listen),
        cwd=ours,
    )
    try:
        bot.await_life(lambda: answers(port, "/boot"), 30)
        done = check(ours, **listen)
        assert (done.code, wrong(done)) == (0, []), done.out
        assert f"The running Lianzhi has http://127.0.0.1:{port}." in done.out
        make_database(other)
        done = check(other, **listen)
        assert [line.split(":")[0] for line in wrong(done)] == ["✗ web"], done.out
    finally:
        bot.stop()
    with socket.create_server(("127.0.0.1", port)):
        done = check(ours, **listen)
        assert [line.split(":")[0] for line in wrong(done)] == ["✗ web"], done.out


async def test_telegram_is_tried_without_taking_its_updates(tmp_path: Path) -> None:
    """A right token is well, a wrong one is wrong, and getUpdates is never called."""
    async with RemoteBotApi() as api:
        env = {"LIANZHI_TELEGRAM__API_BASE_URL": api.url, "LIANZHI_TELEGRAM__TOKEN": api.token}
        well = await asyncio.to_thread(check, tmp_path, **env)
        assert "✓ telegram" in well.out, well.err
        other = {**env, "LIANZHI_TELEGRAM__TOKEN": "7000001:AAsome-other-token"}
        done = await asyncio.to_thread(check, tmp_path, **other)
        assert done.code == 1
        assert any("telegram" in line for line in wrong(done))
        assert "AAsome-other-token" not in done.out + done.err
        calls = await api.do("calls", method="getUpdates")
        assert calls == []


async def test_a_matrix_login_is_tried_and_leaves_no_device_behind(
    hs: Homeserver, tmp_path: Path
) -> None:
    """A right token is well; a wrong one is wrong, and is in no line."""
    bot = await hs.user("bot")
    env = {
        "LIANZHI_MATRIX__HOMESERVER": hs.url,
        "LIANZHI_MATRIX__USER_ID": bot.user_id,
        "LIANZHI_MATRIX__ACCESS_TOKEN": bot.token,
    }
    before = await bot.request("GET", "/devices")
    well = await asyncio.to_thread(check, tmp_path, **env)
    assert "\u2713 matrix" in well.out, well.err
    assert not any("matrix" in line for line in wrong(well)), well.out
    other = {**env, "LIANZHI_MATRIX__ACCESS_TOKEN": "syt_some-other-token"}
    done = await asyncio.to_thread(check, tmp_path, **other)
    assert done.code == 1
    assert any("matrix" in line for line in wrong(done)), done.out
    assert "some-other-token" not in done.out + done.err
    after = await bot.request("GET", "/devices")
    assert [mapping(each)["device_id"] for each in listing(after["devices"])] == [
        mapping(each)["device_id"] for each in listing(before["devices"])
    ]


async def test_the_token_is_in_no_log_of_a_running_bot(tmp_path: Path) -> None:
    """Not even when everything is logged and Telegram answers nonsense or not at all."""
    async with RemoteBotApi() as api:
        env = {
            "LIANZHI_TELEGRAM__API_BASE_URL": api.url,
            "LIANZHI_TELEGRAM__TOKEN": api.token,
            "LIANZHI_WEB__LISTEN": f"127.0.0.1:{free_port()}",
            "LIANZHI_DEBUG": "1",
        }
        bot = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            cwd=tmp_path,
            env=environment("en", env),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            await api.do("wait_call", method="getUpdates", timeout=30.0)
            await api.do("outage")
            assert bot.stderr is not None
            async with asyncio.timeout(30):
                log = b""
                while b"telegram" not in log:
                    log += await bot.stderr.readline()
            bot.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                out, rest = await bot.communicate()
        finally:
            if bot.returncode is None:
                bot.kill()
                await bot.wait()
    assert bot.returncode == 0
    said = (out + log + rest).decode()
    assert api.token not in said
    assert api.token.partition(":")[2] not in said
    for line in (log + rest).decode().splitlines():
        assert isinstance(json.loads(line), dict)
