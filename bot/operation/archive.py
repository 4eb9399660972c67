"""What a backup is: one tar with parts, and behind them a manifest that proves each."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from bot.settings import Settings
from workflows.errors import Refusal
from workflows.text import _

MANIFEST = "manifest.json"
FORMAT = 1

DATABASE_SQLITE = "database/lianzhi.db"
DATABASE_POSTGRESQL = "database/postgresql.dump"
DATA = "data"
FOLDERS = "folders"
"""Parts of folders outside the data folder: `folders/NETWORK.KEY/…`."""

CHUNK = 1 << 20


def full(path: Path) -> Path:
    """The path as somebody typed it, made absolute."""
    return path.expanduser().absolute()


def folders(settings: Settings) -> Mapping[str, Path]:
    """Where the parts of each beginning belong: the data folder, and the folders of their own
    that networks' sections name."""
    found = {DATA: settings.data}
    for network, section in settings.sections.items():
        for key, value in dict(section).items():
            if isinstance(value, Path) and not value.is_relative_to(settings.data):
                found[f"{FOLDERS}/{network}.{key}"] = value
    return found


class Hashing:
    """A file being read whose digest is known at the end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        data = self._file.read(size)
        self._digest.update(data)
        return data

    @property
    def sha256(self) -> str:
        """In hex, of what was read."""
        return self._digest.hexdigest()


@dataclass
class Writer:
    """Adds parts; `finish` writes the manifest."""

    tar: tarfile.TarFile
    parts: list[dict[str, str | int]] = field(default_factory=list)

    def add(self, name: str, path: Path) -> None:
        """A file as it is now; one that has gone is left out."""
        with suppress(FileNotFoundError), path.open("rb") as file:
            status = os.fstat(file.fileno())
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = status.st_size, int(status.st_mtime), 0o600
            hashing = Hashing(file)
            self.tar.addfile(info, hashing)
            self.parts.append({"name": name, "size": info.size, "sha256": hashing.sha256})

    def finish(self, **about: str | None) -> None:
        """Nothing that follows is part of the backup."""
        made = {"format": FORMAT, **about, "parts": self.parts}
        data = json.dumps(made, ensure_ascii=False, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(data), 0o600
        self.tar.addfile(info, io.BytesIO(data))


@contextmanager
def written(target: Path) -> Iterator[Writer]:
    """A new archive, readable by its owner alone; there as a whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An archive whose parts lie in `folder`, each proved."""

    folder: Path
    parts: tuple[str, ...]
    schema: str | None
    made_at: datetime

    def has(self, part: str) -> bool:
        """Whether there is that part, or one below it."""
        return any(each == part or each.startswith(f"{part}/") for each in self.parts)


def unpack(source: Path, folder: Path) -> Unpacked:
    """Write the parts into `folder`. Raises `Refusal` for what is no whole backup, `OSError`."""
    digests: dict[str, str] = {}
    manifest: dict[str, object] = {}
    try:
        with tarfile.open(source, "r:") as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isreg() else None
                if file is None:
                    raise _damaged(member.name)
                if member.name == MANIFEST:
                    manifest = json.loads(file.read())
                else:
                    digests[member.name] = _unpack_one(file, folder, member.name)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise _damaged(str(error)) from error
    parts = manifest.get("parts")
    if manifest.get("format") != FORMAT or not isinstance(parts, list):
        raise _damaged(MANIFEST)
    try:
        listed = {str(each["name"]): str(each["sha256"]) for each in parts}
        made_at = datetime.fromisoformat(str(manifest.get("made_at")))
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(MANIFEST) from error
    for name in sorted(listed.keys() | digests.keys()):
        if listed.get(name) != digests.get(name):
            raise _damaged(name)
    schema = manifest.get("schema")
    return Unpacked(
        folder,
        tuple(digests),
        None if schema is None else str(schema),
        made_at,
    )


def _unpack_one(file: IO[bytes], folder: Path, name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise _damaged(name)
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    hashing = Hashing(file)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while chunk := hashing.read(CHUNK):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return hashing.sha256


def _damaged(part: str) -> Refusal:
    return Refusal(
        "backup-damaged",
        _("This is no whole backup of Lianzhi ({part}); nothing was changed.", part=part),
    )
