"""A copy of a process that keeps writing brings everything back; a bad one touches nothing."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable, Coroutine
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.operation.backup import back_up
from bot.operation.restore import restore
from bot.settings import load
from storage import Store
from tests.integration.cli.process import Ended, lianzhi
from tests.servers.parts import need
from tests.servers.postgres import Postgres
from tests.servers.synapse import Homeserver
from tests.traffic import Traffic, history, words
from tests.world import World
from workflows.errors import Refusal
from workflows.text import Msg

ALONE = '[web]\nlisten = "127.0.0.1:0"\n'


async def command(world: World, *arguments: str) -> Ended:
    """A command beside the process, while people go on talking."""
    return await asyncio.to_thread(lianzhi, *arguments, cwd=world.bridge.home)


async def everywhere(world: World, word: str) -> None:
    """Wait until the word stands on Matrix and on Telegram."""
    await world.anna.wait_for(world.room, lambda event: word in event.body, timeout=30)
    await world.api.until(
        lambda: any(word in text for text in world.group.texts) or None, timeout=30
    )


@pytest.mark.timeout(240)
async def test_a_backup_of_a_process_that_keeps_writing_brings_everything_back(
    tmp_path: Path, hs: Homeserver
) -> None:
    """What was acknowledged before the backup is there; replies, edits and both networks' places
    go on from it; the Matrix device is the same."""
    async with World(tmp_path, hs) as world, asyncio.TaskGroup() as group:
        traffic = Traffic(world, pause=0.1)
        page = group.create_task(traffic.page().run())
        await world.bridge.start()
        await world.api.wait_call("getUpdates", timeout=20)
        await world.anna.wait_for(world.room, lambda e: "Lianzhi is here" in e.body, timeout=20)
        async with world.browser("Wang") as wang:
            form = await wang.upload(
                world.http, world.bridge.web, b"plan", "plan.txt", "text/plain"
            )
            await wang.say("with a file", files=(form,))
        await traffic.run("tmw", count=5)
        await traffic.arrived(30)
        before = {word for said in traffic.said.values() for word in said}

        talking = group.create_task(traffic.run())
        archive = tmp_path / "kept" / "b.tar"
        archive.parent.mkdir()
        ended = await command(world, "backup", str(archive))
        assert ended.code == 0, ended.err
        assert archive.stat().st_mode & 0o077 == 0, "it holds keys"
        talking.cancel()
        device = (tmp_path / "lianzhi-data" / "matrix-session.json").read_bytes()

        ended = await command(world, "restore", str(archive))
        assert ended.code == 2, "the process runs"
        await world.bridge.kill()
        ended = await command(world, "restore", str(archive))
        assert ended.code == 2
        assert "--force" in ended.err
        ended = await command(world, "restore", str(archive), "--force")
        assert ended.code == 0, ended.err
        assert "as old as the backup" in ended.out
        assert (tmp_path / "lianzhi.db.old").exists()
        assert (tmp_path / "lianzhi-data" / "matrix-session.json").read_bytes() == device
        with closing(sqlite3.connect(tmp_path / "lianzhi.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)

        await world.bridge.start()
        assert before <= set(words(await history(world)))
        media = tmp_path / "lianzhi-data" / "media"
        assert [each.read_bytes() for each in media.iterdir()] == [b"plan"]
        after = [await traffic.say(room) for room in "tmw"]
        for word in after:
            await everywhere(world, word)
        for word in before:
            shown = [text for text in world.group.texts if word in text]
            assert len(shown) == 1, "what the backup knows as sent is not sent again"
        page.cancel()


def made(folder: Path) -> Path:
    """An installation that was never started but once, and its backup."""
    (folder / "lianzhi.toml").write_text(ALONE)
    settings = load(here=folder)
    settings.data.mkdir()
    (settings.data / "matrix-store").mkdir()
    (settings.data / "matrix-store" / "keys.bin").write_bytes(b"k" * 5000)
    for passing in ("lianzhi.db-wal.old", "x.part", "y.lock", "z.old"):
        (settings.data / passing).write_bytes(b"no")

    async def begin() -> None:
        await (await Store.open(settings.database_url)).close()
        await back_up(settings, lambda msg: None, folder / "b.tar")

    run(begin())
    return folder / "b.tar"


def run(work: Coroutine[object, object, object]) -> None:
    """To its end."""
    asyncio.run(work)


def altered(archive: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """The archive with each part as `change` says; None leaves it out."""
    target = archive.with_name("altered.tar")
    with tarfile.open(archive) as old, tarfile.open(target, "w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            changed = change(member.name, file.read())
            if changed is not None:
                info = tarfile.TarInfo(changed[0])
                info.size = len(changed[1])
                new.addfile(info, io.BytesIO(changed[1]))
    return target


def test_the_archive_names_its_parts_and_only_what_is_worth_keeping(tmp_path: Path) -> None:
    """With the digest of each and the schema."""
    with tarfile.open(made(tmp_path)) as tar:
        file = tar.extractfile("manifest.json")
        assert file is not None
        manifest = json.loads(file.read())
        assert sorted(tar.getnames()) == [
            "data/matrix-store/keys.bin",
            "database/lianzhi.db",
            "manifest.json",
        ]
    assert manifest["database"] == "sqlite"
    assert manifest["schema"]
    assert all(len(part["sha256"]) == 64 for part in manifest["parts"])


def newer(name: str, data: bytes) -> tuple[str, bytes]:
    """As a later version would have written it."""
    if name == "manifest.json":
        data = json.dumps({**json.loads(data), "schema": "9999"}).encode()
    return name, data


def flipped(name: str, data: bytes) -> tuple[str, bytes]:
    """One bit of the keys is another."""
    return name, bytes([data[0] ^ 1]) + data[1:] if "keys" in name else data


def outside(name: str, data: bytes) -> tuple[str, bytes]:
    """A part that would be written somewhere else."""
    return name.replace("data/matrix-store", "data/../../elsewhere"), data


def less(name: str, data: bytes) -> tuple[str, bytes] | None:
    """The keys are missing."""
    return None if "keys" in name else (name, data)


def unproved(name: str, data: bytes) -> tuple[str, bytes] | None:
    """The copying of the archive was broken off."""
    return None if name == "manifest.json" else (name, data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (newer, "later version"),
        (flipped, "no whole backup"),
        (outside, "no whole backup"),
        (less, "no whole backup"),
        (unproved, "no whole backup"),
    ],
)
def test_what_cannot_be_trusted_is_refused_before_anything_is_touched(
    tmp_path: Path,
    change: Callable[[str, bytes], tuple[str, bytes] | None],
    said: str,
) -> None:
    """Also with --force; what was there is there as it was."""
    archive = altered(made(tmp_path), change)
    before = (tmp_path / "lianzhi.db").read_bytes()
    ended = lianzhi("restore", str(archive), "--force", cwd=tmp_path)
    assert ended.code == 2
    assert said in ended.err
    assert (tmp_path / "lianzhi.db").read_bytes() == before
    assert not list(tmp_path.rglob("*.db.old"))
    assert not (tmp_path.parent / "elsewhere").exists()
    assert not list((tmp_path / "lianzhi-data").glob("restoring-*"))


def test_what_is_no_archive_at_all_is_refused(tmp_path: Path) -> None:
    """And so is one that was cut off in the middle of a part."""
    archive = made(tmp_path)
    whole = archive.read_bytes()
    for data in (b"", b"hello" * 1000, whole[: len(whole) // 2]):
        archive.write_bytes(data)
        ended = lianzhi("restore", str(archive), "--force", cwd=tmp_path)
        assert ended.code == 2
        assert "no whole backup" in ended.err


def test_each_forced_restore_keeps_what_it_replaces_under_a_name_of_its_own(
    tmp_path: Path,
) -> None:
    """Twice by mistake is not once too often. An old journal is not read into the new database."""
    archive = made(tmp_path)
    (tmp_path / "lianzhi.db-wal").write_bytes(b"old journal")
    keys = tmp_path / "lianzhi-data" / "matrix-store" / "keys.bin"
    for content in (b"one", b"two"):
        keys.write_bytes(content)
        ended = lianzhi("restore", str(archive), "--force", cwd=tmp_path)
        assert ended.code == 0, ended.err
        assert keys.read_bytes() == b"k" * 5000
    assert (tmp_path / "lianzhi-data" / "matrix-store.old" / "keys.bin").read_bytes() == b"one"
    assert (tmp_path / "lianzhi-data" / "matrix-store.2.old" / "keys.bin").read_bytes() == b"two"
    assert (tmp_path / "lianzhi.db.old-wal").read_bytes() == b"old journal"
    assert not (tmp_path / "lianzhi.db-wal").exists()


def test_a_new_machine_needs_the_configuration_and_the_archive_alone(tmp_path: Path) -> None:
    """Nothing is there yet: no --force is needed."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    archive = made(old)
    (new / "lianzhi.toml").write_text(ALONE)
    ended = lianzhi("restore", str(archive), cwd=new, language="zh")
    assert ended.code == 0, ended.err
    assert (new / "lianzhi.db").exists()
    assert (new / "lianzhi-data" / "matrix-store" / "keys.bin").exists()


def test_an_existing_file_is_not_written_over(tmp_path: Path) -> None:
    """Nor is a half one left where there was no room."""
    archive = made(tmp_path)
    ended = lianzhi("backup", str(archive), cwd=tmp_path)
    assert ended.code == 2
    assert "is there already" in ended.err
    ended = lianzhi("backup", str(tmp_path / "no" / "b.tar"), cwd=tmp_path)
    assert ended.code == 2
    assert not list(tmp_path.glob("*.part"))


async def test_a_postgresql_database_goes_with_its_own_programs(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into an empty database, and never over one that has tables."""
    monkeypatch.setenv("PATH", f"{need('postgresql')}{os.pathsep}{os.environ['PATH']}")
    told: list[Msg] = []
    async with postgres.database() as first, postgres.database() as second:
        config = tmp_path / "lianzhi.toml"
        config.write_text(f'[database]\nurl = "{first}"\n')
        store = await Store.open(first)
        async with store.write() as uow:
            await uow.inbox.advance("telegram", "77", datetime.now(UTC))
        await back_up(load(config), told.append, tmp_path / "b.tar")
        with pytest.raises(Refusal) as refused:
            await restore(load(config), told.append, tmp_path / "b.tar", force=True)
        assert refused.value.code == "restore-full"
        await store.close()
        config.write_text(f'[database]\nurl = "{second}"\n')
        await restore(load(config), told.append, tmp_path / "b.tar", force=False)
        store = await Store.open(second)
        async with store.read() as uow:
            assert await uow.inbox.cursor("telegram") == "77"
        await store.close()


async def test_without_pg_dump_it_is_said_what_to_install(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no half file stays."""
    monkeypatch.setenv("PATH", str(tmp_path))
    config = tmp_path / "lianzhi.toml"
    config.write_text(f'[database]\nurl = "{postgres_url}"\n')
    with pytest.raises(Refusal) as refused:
        await back_up(load(config), lambda msg: None, tmp_path / "b.tar")
    assert refused.value.code == "postgresql-program"
    assert [path.name for path in tmp_path.iterdir()] == ["lianzhi.toml"]
