"""A real process is watched: by HTTP, and by the service manager."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.integration.cli.process import lianzhi
from tests.servers.process import free_port
from tests.world import Bridge

TOML = '[web]\nlisten = "127.0.0.1:0"\n[operation]\nlisten = "127.0.0.1:{port}"\n{more}\n'


@asynccontextmanager
async def running(home: Path, toml: str, **environment: str) -> AsyncIterator[Bridge]:
    """A process with the browser's rooms."""
    bridge = Bridge(home)
    bridge.configure(toml)
    await bridge.start(**environment)
    try:
        yield bridge
    finally:
        await bridge.kill()


async def get(port: int, path: str) -> tuple[int, str, str]:
    """Status, content type and body."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{port}/{path}") as answer,
    ):
        return answer.status, answer.headers["Content-Type"], await answer.text()


async def test_healthz_and_metrics_are_served_where_the_configuration_says(tmp_path: Path) -> None:
    """Nothing else is, and a request from a page of another host gets no more than figures."""
    port = free_port()
    async with running(tmp_path, TOML.format(port=port, more="")) as bridge:
        status, kind, body = await get(port, "healthz")
        health = json.loads(body)
        assert (status, kind) == (200, "application/json; charset=utf-8")
        assert health["ok"] is True
        assert health["networks"]["web"]["dead_letters"] == 0
        status, kind, body = await get(port, "metrics")
        assert status == 200
        assert kind.startswith("text/plain; version=")
        assert "lianzhi_healthy 1.0" in body.splitlines()
        assert (await get(port, "anything"))[0] == 404
        assert await bridge.stop() == 0


async def test_an_ill_process_answers_503_and_names_the_alarm(tmp_path: Path) -> None:
    """Here the disk has less than a million terabytes free."""
    port = free_port()
    more = "least_free_mb = 1000000000000"
    async with running(tmp_path, TOML.format(port=port, more=more)):
        status, _kind, body = await get(port, "healthz")
        assert status == 503
        assert json.loads(body)["problems"] == [{"code": "disk", "where": ""}]
        assert "lianzhi_healthy 0.0" in (await get(port, "metrics"))[2]


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    """And nothing was begun."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (tmp_path / "lianzhi.toml").write_text(TOML.format(port=port, more=""))
        ended = lianzhi("run", cwd=tmp_path)
    assert ended.code == 2
    assert f"[operation] listen: 127.0.0.1:{port} cannot be used" in ended.err
    assert "Traceback" not in ended.err


def test_without_a_port_nobody_pays_for_the_metrics(tmp_path: Path) -> None:
    """The library is loaded only where figures are asked for."""
    ended = lianzhi("run", cwd=tmp_path, PYTHONPROFILEIMPORTTIME="1", LIANZHI_DATABASE__URL="x://")
    assert "prometheus" not in ended.err
    code = (
        "import bot.app, bot.operation.backup, sys;"
        "print([m for m in sys.modules if 'prometheus' in m])"
    )
    assert python(code, tmp_path) == "[]"


def python(code: str, folder: Path) -> str:
    """What a fresh interpreter prints."""
    import subprocess
    import sys

    from tests.integration.cli.process import environment

    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment("en", {}),
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout.strip()


async def test_the_service_manager_is_told_of_the_beginning_the_progress_and_the_end(
    tmp_path: Path,
) -> None:
    """As with Type=notify and a watchdog of a fraction of a second."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        told: list[str] = []

        async def until(word: str) -> None:
            async with asyncio.timeout(20):
                while word not in told:
                    data = await asyncio.get_running_loop().sock_recv(manager, 1000)
                    told.append(data.decode())

        async with running(
            tmp_path,
            '[web]\nlisten = "127.0.0.1:0"\n',
            NOTIFY_SOCKET=str(tmp_path / "notify"),
            WATCHDOG_USEC="300000",
        ) as bridge:
            await until("READY=1")
            told.clear()
            await until("WATCHDOG=1")
            assert await bridge.stop() == 0
            await until("STOPPING=1")


def test_the_unit_waits_for_the_word_and_watches() -> None:
    """What the process tells is of use only to a unit that listens."""
    unit = (Path(__file__).parents[3] / "deploy" / "lianzhi.service").read_text()
    assert re.search(r"^Type=notify$", unit, re.MULTILINE)
    assert re.search(r"^WatchdogSec=60$", unit, re.MULTILINE)
    assert "AF_UNIX" in unit
