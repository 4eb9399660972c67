"""`lianzhi restore`: everything as it was when the backup was made."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from bot.leadership import alone
from bot.operation import postgresql
from bot.operation.archive import (
    DATABASE_POSTGRESQL,
    DATABASE_SQLITE,
    FOLDERS,
    Unpacked,
    folders,
    full,
    unpack,
)
from bot.operation.backup import STAGING
from bot.settings import Settings
from storage import Store, schema
from workflows.errors import Refusal
from workflows.text import Msg, _


async def restore(
    settings: Settings, say: Callable[[Msg], None], source: Path, *, force: bool
) -> int:
    """Bring back what `source` holds; with `force` what is there now is kept as `.old`.

    Nothing is touched before all is proved. Raises `Refusal`, `schema.SchemaNewer`.
    """
    source = full(source)
    if not source.is_file():
        raise Refusal("restore-file", _("There is no file {path}.", path=str(source)))
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as stack:
            if (file := settings.database_file) is not None:
                file.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(alone(file))
            staging = stack.enter_context(
                tempfile.TemporaryDirectory(prefix=STAGING, dir=settings.data)
            )
            unpacked = unpack(source, Path(staging))
            await _bring_back(settings, unpacked, force=force)
    except OSError as error:
        raise Refusal(
            "restore-disk",
            _(
                "{path} cannot be written: {reason}",
                path=str(error.filename or settings.data),
                reason=error.strerror or "",
            ),
        ) from error
    say(
        _(
            "Restored: all is as it was at {moment}. What was written on Matrix since then is"
            " fetched and relayed again at the next start.",
            moment=unpacked.made_at,
        )
    )
    if unpacked.has("data/matrix-store") or unpacked.has(f"{FOLDERS}/matrix.store_path"):
        say(
            _(
                "The Matrix device's keys are as old as the backup: encrypted messages whose keys"
                " came later stay unreadable. If encrypted rooms cannot read the bot, remove {path}"
                " and matrix-session.json: it then logs in as a new device.",
                path="matrix-store",
            )
        )
    return 0


async def _bring_back(settings: Settings, unpacked: Unpacked, *, force: bool) -> None:
    if unpacked.schema is not None and not schema.known(unpacked.schema):
        raise schema.SchemaNewer(unpacked.schema)
    wanted = DATABASE_POSTGRESQL if settings.database_file is None else DATABASE_SQLITE
    if not unpacked.has(wanted):
        raise Refusal(
            "restore-database",
            _(
                "The backup is of another kind of database than [database] url names;"
                " nothing was changed."
            ),
        )
    moves = list(_moves(settings, unpacked))
    there = [target for _source, target in moves if target.exists()]
    if there and not force:
        raise Refusal(
            "restore-over",
            _(
                "{path} is there already. With --force it is kept as {old} and replaced.",
                path=str(there[0]),
                old=f"{there[0].name}.old",
            ),
        )
    if settings.database_file is None:
        await _expect_empty(settings)
        postgresql.load(settings.database_url, unpacked.folder / DATABASE_POSTGRESQL)
    for part, target in moves:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _keep_old(target)
        shutil.move(part, target)  # a copy where the target is on another disk


def _moves(settings: Settings, unpacked: Unpacked) -> Iterator[tuple[Path, Path]]:
    """What goes where: the database, and each entry of each folder."""
    if settings.database_file is not None:
        yield unpacked.folder / DATABASE_SQLITE, settings.database_file
    known = folders(settings)
    for part in sorted({_root(name) for name in unpacked.parts if not name.startswith("database")}):
        if part not in known:
            raise Refusal(
                "restore-folder",
                _(
                    "The backup has a folder that the configuration does not name: {folder}."
                    " Restore with the configuration that it was made with.",
                    folder=part,
                ),
            )
        for entry in sorted((unpacked.folder / part).iterdir()):
            yield entry, known[part] / entry.name


def _root(name: str) -> str:
    first, second, *_rest = name.split("/")
    return f"{first}/{second}" if first == FOLDERS else first


async def _expect_empty(settings: Settings) -> None:
    store = await Store.open(settings.database_url, migrate=False)
    try:
        found = await store.schema_version()
    finally:
        await store.close()
    if found is not None:
        raise Refusal(
            "restore-full",
            _(
                "The PostgreSQL database has tables already. Make an empty one, name it in"
                " [database] url, and restore into that."
            ),
        )


def _keep_old(target: Path) -> None:
    """Rename to the first of `.old`, `.2.old`, … that is free; a journal goes with its database,
    or even without it, since it would be read into the new one."""
    number, kept = 1, target.with_name(f"{target.name}.old")
    while kept.exists():
        number += 1
        kept = target.with_name(f"{target.name}.{number}.old")
    for ending in ("-wal", "-shm"):
        beside = target.with_name(f"{target.name}{ending}")
        if beside.exists():
            beside.rename(kept.with_name(f"{kept.name}{ending}"))
    if target.exists():
        target.rename(kept)
