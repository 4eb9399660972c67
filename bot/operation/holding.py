"""Whoever works with the data folder holds it; a restore needs it alone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflows.errors import Refusal
from workflows.text import Msg, _

LOCK = "lianzhi.lock"


@contextmanager
def held(data: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the folder, which must be there; the system lets go of it when the process ends.

    Raises `Refusal` where somebody else holds it and one of the two wants to be alone.
    """
    descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("data-held", _held(data, alone)) from None
        yield
    finally:
        os.close(descriptor)


def _held(data: Path, alone: bool) -> Msg:
    if alone:
        return _("Lianzhi is running with {path}; stop it first.", path=str(data))
    return _("A backup is being restored into {path}; start again when it is done.", path=str(data))
