"""`lianzhi backup`: one file from which everything can be brought back, made while running."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.leadership import MARK
from bot.operation import postgresql
from bot.operation.archive import (
    DATABASE_POSTGRESQL,
    DATABASE_SQLITE,
    Writer,
    folders,
    full,
    written,
)
from bot.settings import Settings
from storage import Store
from storage.copying import copy_sqlite, is_sqlite, schema_of
from workflows.errors import Refusal
from workflows.text import Msg, _

STAGING = "restoring-"
"""What the folder begins with in which a restore unpacks."""

_PASSING = ("-wal", "-shm", "-journal", ".part", ".new", ".lock", ".old")
"""Endings of files that belong to a moment only."""


async def back_up(settings: Settings, say: Callable[[Msg], None], target: Path) -> int:
    """Write everything to `target`, which must not be there yet; tells what it holds.

    The database comes first: whatever it names is on disk before it is committed, so that the
    files and keys that are copied after it are at least as new. Raises `Refusal`, `OSError`,
    `StoreUnavailable`.
    """
    target = full(target)
    if target.exists():
        raise Refusal(
            "backup-exists",
            _("{path} is there already; name a file that is not.", path=str(target)),
        )
    if not target.parent.is_dir():
        raise Refusal("backup-folder", _("there is no folder {path}", path=str(target.parent)))
    file = settings.database_file
    if file is not None and not file.exists():
        raise Refusal(
            "backup-nothing",
            _("There is no database {path}; nothing to back up.", path=str(file)),
        )
    try:
        with written(target) as archive:
            schema = await _database(settings, archive, target.parent)
            for part, folder in folders(settings).items():
                _folder(archive, part, folder, (target.with_name(f"{target.name}.part"), file))
            archive.finish(
                schema=schema,
                database="postgresql" if file is None else "sqlite",
                made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            )
    except OSError as error:
        raise Refusal(
            "backup-disk",
            _(
                "{path} cannot be written: {reason}",
                path=str(error.filename or target),
                reason=error.strerror or "",
            ),
        ) from error
    say(
        _(
            "{path} holds {number} parts, {size} MB; keep it as safe as the configuration: it has"
            " keys and everything that was said.",
            path=str(target),
            number=len(archive.parts),
            size=max(1, target.stat().st_size // 1_000_000),
        )
    )
    return 0


async def _database(settings: Settings, archive: Writer, beside: Path) -> str | None:
    with tempfile.TemporaryDirectory(prefix=".lianzhi-backup-", dir=beside) as made:
        copy = Path(made) / "database"
        if settings.database_file is not None:
            copy_sqlite(settings.database_file, copy)
            archive.add(DATABASE_SQLITE, copy)
            return schema_of(copy)
        postgresql.dump(settings.database_url, copy)
        archive.add(DATABASE_POSTGRESQL, copy)
    store = await Store.open(settings.database_url, migrate=False)
    try:
        return await store.schema_version()
    finally:
        await store.close()


def _folder(archive: Writer, part: str, folder: Path, but: tuple[Path | None, ...]) -> None:
    for path in _files(folder):
        if path in but:
            continue
        name = f"{part}/{path.relative_to(folder).as_posix()}"
        if is_sqlite(path):
            with tempfile.TemporaryDirectory(prefix=".lianzhi-backup-", dir=folder) as made:
                copy = Path(made) / "copy"
                copy_sqlite(path, copy)
                archive.add(name, copy)
        else:
            archive.add(name, path)


def _files(folder: Path) -> Iterator[Path]:
    """What is worth keeping, in order."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        passing = path.name.endswith(_PASSING) or path.name.startswith((STAGING, ".lianzhi-backup"))
        if path.is_symlink() or path.name == MARK or passing:
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path
