"""The parts of a machine that tests use for real, and what to install where one is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
"""The source checkout."""

CACHE = Path(os.environ.get("LIANZHI_TEST_CACHE", str(ROOT / ".cache")))
"""Where `make` puts the environments of servers that are not our dependencies."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something outside Python that a test needs: how it is found, and the remedy."""

    find: Callable[[], Path | None]
    remedy: str


def _program(*names: str) -> Callable[[], Path | None]:
    def find() -> Path | None:
        found = next(filter(None, map(shutil.which, names)), None)
        return Path(found) if found else None

    return find


def _postgresql() -> Path | None:
    """The directory of the newest PostgreSQL server's programs."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path else None


def _environment(name: str, module: str) -> Callable[[], Path | None]:
    def find() -> Path | None:
        home = CACHE / name
        installed = list(home.glob(f"lib/python*/site-packages/{module}"))
        return home / "bin" / "python" if installed else None

    return find


def _chinese_font() -> Path | None:
    """A font file with Chinese characters, as fontconfig names it."""
    fc_match = shutil.which("fc-list")
    if fc_match is None:
        return None
    listed = subprocess.run(
        [fc_match, ":lang=zh-cn", "file"], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    return Path(listed[0].rstrip(": ")) if listed else None


PARTS: Mapping[str, Part] = {
    "chromium": Part(
        _program("chromium", "chromium-browser", "google-chrome"), "apt-get install chromium"
    ),
    "postgresql": Part(_postgresql, "apt-get install postgresql"),
    "chinese-font": Part(_chinese_font, "apt-get install fonts-noto-cjk fontconfig"),
    "synapse": Part(_environment("synapse", "synapse"), "make synapse"),
    "aiogram": Part(_environment("aiogram", "aiogram"), "make aiogram"),
}


def need(name: str) -> Path:
    """Where the part is; a missing one skips the test, and fails it where CI=true.

    `chromium`: the browser; `postgresql`: the directory of its programs; `chinese-font`: a
    font file; `synapse`, `aiogram`: the Python of that environment.
    """
    part = PARTS[name]
    found = part.find()
    if found is None:
        _missing(f"{name} is not on this machine: {part.remedy}")
    return found


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
