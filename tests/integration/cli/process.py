"""The command `lianzhi` as its own process, with pipes or at a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Ended:
    """A finished command."""

    code: int
    out: str
    err: str


def environment(language: str, extra: Mapping[str, str]) -> dict[str, str]:
    """The variables of a person's session: no configuration but `extra`."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("LIANZHI_", "LC_", "LANG", "TZ"))
    }
    locale = {"zh": "zh_CN.UTF-8", "en": "en_US.UTF-8"}[language]
    return {
        **kept,
        "LANG": locale,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        **extra,
    }


def lianzhi(*arguments: str, cwd: Path, language: str = "en", typed: str = "", **env: str) -> Ended:
    """Run a command to its end in the folder `cwd`."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=cwd,
        env=environment(language, env),
        input=typed,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def _own_terminal() -> None:
    # What was started in the background passes on that it ignores Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class AtTerminal:
    """A command at a terminal of its own: `until` reads, `type` answers."""

    def __init__(self, *arguments: str, cwd: Path, language: str = "en", **env: str) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=cwd,
            env=environment(language, {"TERM": "dumb", **env}),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(slave)
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def until(self, pattern: str, seconds: float = 30.0) -> str:
        """Read until the pattern appears; what came since the last call."""
        end, fresh = time.monotonic() + seconds, ""
        while not re.search(pattern, fresh):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._master], [], [], left)[0]:
                raise AssertionError(f"{pattern!r} did not appear in {fresh!r}")
            try:
                fresh += os.read(self._master, 65536).decode(errors="replace")
            except OSError:  # Linux: the other side is closed
                raise AssertionError(f"ended before {pattern!r}: {fresh!r}") from None
        self.shown += fresh
        return fresh

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._master, f"{text}\n".encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self._master, b"\x03")

    def code(self) -> int:
        """Wait for the end."""
        with suppress(OSError):  # Linux: the other side is closed
            while select.select([self._master], [], [], 30)[0]:
                self.shown += os.read(self._master, 65536).decode(errors="replace")
        return self._process.wait(timeout=30)
