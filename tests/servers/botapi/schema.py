"""Validates what bots sent and got against aiogram's models, in an environment of their own."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from tests.servers.botapi.server import BotApi

ROOT = Path(__file__).parents[3]
CHECKER = Path(__file__).with_name("aiogram_check.py")


def aiogram_python() -> Path:
    """The interpreter that has aiogram: AIOGRAM_VENV, else `.cache/aiogram`; skips without one.

    With CI=true it fails in place of skipping.
    """
    python = Path(os.environ.get("AIOGRAM_VENV", ROOT / ".cache" / "aiogram")) / "bin" / "python"
    if python.exists():
        return python
    line = "aiogram is not installed for the schema tests: make aiogram"
    if os.environ.get("CI") == "true":
        pytest.fail(line)
    pytest.skip(line)


async def complaints(api: BotApi) -> list[str]:
    """What aiogram's models have against the accepted calls of a server and their results."""
    records = [
        {"method": each.method, "params": each.params, "result": each.result, "files": each.files}
        for each in api.calls
        if each.accepted
    ]
    process = await asyncio.create_subprocess_exec(
        str(aiogram_python()),
        str(CHECKER),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate(json.dumps(records).encode())
    assert process.returncode == 0
    return output.decode().splitlines()
