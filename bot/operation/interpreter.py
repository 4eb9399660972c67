"""How Python itself is set for a process that runs for months and answers in milliseconds."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from ctypes import CDLL
from types import ModuleType
from typing import cast

COLLECT_AFTER = (20_000, 20, 50)
"""Objects made before the youngest are looked through; the default, 700, is for short programs."""

COLLECT_WHILE_LOADING = (50_000, 20, 50)
"""The same until all is loaded: a fifth of a second less at the start."""

ARENAS = -8
"""M_ARENA_MAX of glibc's malloc.h: each thread of the store's would get a heap of its own (1 MB for
all), though only one of them runs Python at a time."""

UNWANTED = ("rich", "click")
"""structlog takes rich (6 MB) wherever it is found, for tracebacks that we never print; httpx takes
click (1 MB), for a command of its own."""

SWITCH_SECONDS = 0.001
"""How long a thread that has the disk's answer waits for its turn; by default five times as long,
which each commit would wait for while messages are being worked at."""


def lean() -> None:
    """Before anything is loaded, almost nothing of which is ever garbage."""
    gc.set_threshold(*COLLECT_WHILE_LOADING)
    with suppress(AttributeError, OSError):
        CDLL(None).mallopt(ARENAS, 1)
    for name in UNWANTED:
        if name not in sys.modules:
            # What stands there as None cannot be imported:
            # https://docs.python.org/3/reference/import.html#the-module-cache
            sys.modules[name] = cast("ModuleType", None)


def tune() -> None:
    """Once everything is loaded: what is there now stays, and need not be looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    sys.setswitchinterval(SWITCH_SECONDS)
