"""`lianzhi check`: try every part, say what is wrong and how to mend it.

Nothing is changed, and a bot that runs meanwhile is not disturbed: tables are not upgraded and
no updates are fetched.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bot import surroundings
from bot.leadership import is_marked
from bot.settings import BadSettings, Settings, load
from bot.terminal import Terminal
from bot.transports.base import Finding, Network, Wiring
from storage import Store, StoreUnavailable, schema
from workflows.errors import Refusal
from workflows.text import Msg, _

PATIENCE = 60.0
"""Seconds that one network's checks may take."""

LEAST_FREE = 200 * 1024 * 1024
"""Bytes that a disk should have free: a day of busy rooms with room for an upgrade's copy."""

MEMORY = "sqlite+aiosqlite://"


async def report(config: Path | None, terminal: Terminal) -> int:
    """Print a line for each part; 1 if anything is wrong, else 0."""
    try:
        settings = load(config, speak=terminal.language)
    except BadSettings as error:
        for problem in error.problems:
            show(Finding("configuration", False, problem), terminal)
        return 1
    wrong = 0
    async for finding in findings(settings, terminal):
        show(finding, terminal)
        wrong += not finding.ok
    terminal.say(
        _("Something is wrong; see the lines with ✗.") if wrong else _("Everything is well.")
    )
    return 1 if wrong else 0


def show(finding: Finding, terminal: Terminal) -> None:
    """Print what was found, and how to mend it where it is wrong."""
    terminal.out(f"{'✓' if finding.ok else '✗'} {finding.part}: {terminal.text(finding.text)}")
    if finding.mend is not None and not finding.ok:
        terminal.out(f"  → {terminal.text(finding.mend)}")


async def findings(settings: Settings, terminal: Terminal) -> AsyncIterator[Finding]:
    """What each part looks like, from the configuration outwards to the networks."""
    yield configuration(settings)
    yield folder(settings.data)
    yield free_space(settings.data)
    yield await database(settings)
    async for finding in surroundings.findings(settings):
        yield finding
    async with _borrowed_store(settings) as store:
        if not store.is_sqlite:
            yield await leader(settings.data, store)
        for network in settings.networks:
            async for finding in of_network(network, settings, store, terminal):
                yield finding


def configuration(settings: Settings) -> Finding:
    """Whether there is a file and whether strangers on this machine can read it."""
    part = "configuration"
    if settings.file is None:
        return Finding(
            part, True, _("no lianzhi.toml: only the rooms of this machine's browser are served")
        )
    mode = settings.file.stat().st_mode
    if mode & (stat.S_IRGRP | stat.S_IROTH) and _holds_secret(settings):
        return Finding(
            part,
            False,
            _("{path} can be read by other people on this machine", path=str(settings.file)),
            _("set that right with: {command}", command=f"chmod 600 {settings.file}"),
        )
    return Finding(part, True, _("{path} is understood", path=str(settings.file)))


def _holds_secret(settings: Settings) -> bool:
    """Whether the file itself has a secret in it."""
    from pydantic import SecretStr

    assert settings.file is not None
    text = settings.file.read_text(encoding="utf-8-sig")
    values = [value for section in settings.sections.values() for value in dict(section).values()]
    secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    return any(secret and secret in text for secret in secrets)


def folder(data: Path) -> Finding:
    """Whether the data folder, or the one that it will be made in, can be written."""
    place = _existing(data)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        return Finding(
            "data",
            False,
            _("{path} cannot be written: {reason}", path=str(place), reason=error.strerror or ""),
            _("Give the user that runs lianzhi the right to write there, or free the disk."),
        )
    return Finding("data", True, _("{path} can be written", path=str(place)))


def free_space(data: Path) -> Finding:
    """Whether the disk has room."""
    free = shutil.disk_usage(_existing(data)).free
    megabytes = free // (1024 * 1024)
    if free < LEAST_FREE:
        return Finding(
            "disk",
            False,
            _("only {free} MB are free", free=megabytes),
            _("Free some space; a full disk stops the taking of messages until there is room."),
        )
    return Finding("disk", True, _("{free} MB are free", free=megabytes))


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above that is there."""
    return next(each for each in (path, *path.parents) if each.exists())


async def database(settings: Settings) -> Finding:
    """Whether the database can be reached, and whether its tables are of this program."""
    part, file = "database", settings.database_file
    if file is not None and not file.exists():
        return Finding(part, True, _("{path} will be made at the first start", path=str(file)))
    if file is not None and not os.access(file, os.W_OK):
        return Finding(
            part,
            False,
            _("{path} cannot be written", path=str(file)),
            _("Give the user that runs lianzhi the right to write there, or free the disk."),
        )
    try:
        found = await schema_version(settings)
    except StoreUnavailable as error:
        return Finding(
            part,
            False,
            _("The database cannot be used: {reason}", reason=str(error)),
            _("Is the database server running? Are host, name and password in [database] right?")
            if file is None
            else _("Is {path} a Lianzhi database? Restore it from a backup.", path=str(file)),
        )
    if found is None:
        return Finding(part, True, _("empty; the tables will be made at the first start"))
    if found > schema.HEAD:
        return Finding(
            part,
            False,
            _("was written by a later version (schema {found}, here {own})", found=found,
              own=schema.HEAD),
            _("Install the later version, or restore the backup from before the upgrade."),
        )  # fmt: skip
    if found < schema.HEAD:
        return Finding(
            part,
            True,
            _("schema {found} will be upgraded to {own} at the next start", found=found,
              own=schema.HEAD),
        )  # fmt: skip
    return Finding(part, True, _("schema {found} fits this version", found=found))


async def schema_version(settings: Settings) -> str | None:
    """The revision of the tables, None where there are none. Raises `StoreUnavailable`."""
    store = await Store.open(settings.database_url, migrate=False)
    try:
        return await store.schema_version()
    finally:
        await store.close()


async def leader(data: Path, store: Store) -> Finding:
    """Which process leads, and whether it works with the data folder of this machine."""
    part = "leader"
    async with store.read() as uow:
        held = await uow.lease.held()
    if held is None or not held.alive:
        return Finding(part, True, _("No process leads: the next one that starts will."))
    pid, host = str(held.holder.pid), held.holder.host
    if not is_marked(data, held.holder):
        return Finding(
            part,
            False,
            _("Process {pid} on {host} leads, with another data folder.", pid=pid, host=host),
            _(
                "Share {path} between the machines: whoever takes over needs the files of web "
                "rooms and, for Matrix, the login and the keys of encrypted rooms.",
                path=str(data),
            ),
        )
    return Finding(
        part,
        True,
        _("Process {pid} on {host} leads since {since}.", pid=pid, host=host, since=held.since),
    )


@asynccontextmanager
async def _borrowed_store(settings: Settings) -> AsyncIterator[Store]:
    """The database where its tables are ours, else an empty one in memory."""
    try:
        ours = await schema_version(settings) == schema.HEAD if _is_there(settings) else False
    except StoreUnavailable:
        ours = False
    url = settings.database_url if ours else MEMORY
    store = await Store.open(url, migrate=not ours)
    try:
        yield store
    finally:
        await store.close()


def _is_there(settings: Settings) -> bool:
    return settings.database_file is None or settings.database_file.exists()


async def of_network(
    network: Network, settings: Settings, store: Store, terminal: Terminal
) -> AsyncIterator[Finding]:
    """What the network's transport finds; what it raises is a finding too."""
    rooms = settings.rooms_of(network.name)
    wiring = Wiring(
        section=settings.sections[network.name],
        rooms=rooms,
        admins=settings.admins,
        store=store,
        catalogues=terminal.catalogues,
        now=lambda: datetime.now(UTC),
        data=settings.data,
    )
    found: tuple[Finding, ...]
    try:
        transport = network.build(wiring)
        try:
            async with asyncio.timeout(PATIENCE):
                found = await transport.check(tuple(room.room for room in rooms))
        finally:
            await transport.aclose()
    except Refusal as refusal:
        found = (Finding(network.name, False, refusal.text),)
    except TimeoutError:
        found = (Finding(network.name, False, _no_answer(), _reachable()),)
    except Exception as error:
        structlog.stdlib.get_logger(__name__).warning(
            "check failed", network=network.name, exc_info=error
        )
        kind = type(error).__name__
        found = (Finding(network.name, False, _("the check broke off: {kind}", kind=kind)),)
    for each in found:
        yield each


def _no_answer() -> Msg:
    return _("no answer within {seconds} seconds", seconds=int(PATIENCE))


def _reachable() -> Msg:
    return _("Is the server running, and can this machine reach it?")
