"""What is logged can be logged."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
FLOORS = ("bot", "handlers", "workflows", "storage")
LEVELS = ("debug", "info", "warning", "error", "exception", "critical")


def clashes(source: str) -> list[int]:
    """Lines of log calls that pass `event`: structlog calls the message itself so."""
    return [
        call.lineno
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in LEVELS
        and any(each.arg == "event" for each in call.keywords)
    ]


def test_no_log_call_fails_for_what_it_names() -> None:
    """It would end the loop that only wanted to tell of an error."""
    assert clashes('log.error("x", event=1)') == [1]
    found = {
        str(path.relative_to(ROOT)): lines
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*.py")
        if "event=" in (source := path.read_text(encoding="utf-8")) and (lines := clashes(source))
    }
    assert found == {}
