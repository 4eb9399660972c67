"""How Python itself is set for a process that runs for months and answers in milliseconds."""

from __future__ import annotations

import gc
import sys

COLLECT_AFTER = (20_000, 20, 50)
"""Objects made before the youngest are looked through; the default, 700, is for short programs."""

SWITCH_SECONDS = 0.001
"""How long a thread that has the disk's answer waits for its turn; by default five times as long,
which each commit would wait for while messages are being worked at."""


def tune() -> None:
    """Once everything is loaded: what is there now stays, and need not be looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    sys.setswitchinterval(SWITCH_SECONDS)
