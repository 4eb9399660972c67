"""The service manager is told over its own socket, and only what is true."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bot.operation.systemd import Manager


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    """The service manager's side of the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("\0" + address[1:] if address.startswith("@") else address)
        receiver.setblocking(False)
        yield receiver


async def heard(receiver: socket.socket, seconds: float = 5) -> str:
    """The next datagram."""
    async with asyncio.timeout(seconds):
        return (await asyncio.get_running_loop().sock_recv(receiver, 1000)).decode()


def drain(receiver: socket.socket) -> int:
    """Throw away what has come; how many datagrams that were."""
    count = 0
    with suppress(BlockingIOError):
        while receiver.recv(1000):
            count += 1
    return count


@pytest.mark.parametrize("abstract", [False, True])
async def test_a_datagram_reaches_the_socket_that_the_environment_names(
    tmp_path: Path, abstract: bool
) -> None:
    """A file, or a name without one."""
    address = f"@lianzhi-test-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with listening(address) as receiver:
        Manager.of({"NOTIFY_SOCKET": address}).tell("READY=1")
        assert await heard(receiver) == "READY=1"


def test_without_a_manager_or_with_one_that_has_gone_nothing_happens(tmp_path: Path) -> None:
    """Most processes are started by hand."""
    Manager.of({}).tell("READY=1")
    Manager.of({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")


def test_the_watchdog_is_meant_for_one_process() -> None:
    """A child inherits the environment, not the duty."""
    there = {"NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "60000000"}
    assert Manager.of(there, pid=7).watchdog == 60
    assert Manager.of({**there, "WATCHDOG_PID": "7"}, pid=7).watchdog == 60
    assert Manager.of({**there, "WATCHDOG_PID": "8"}, pid=7).watchdog is None
    assert Manager.of({"NOTIFY_SOCKET": "/s"}, pid=7).watchdog is None


async def test_the_watchdog_is_fed_only_while_all_is_well(tmp_path: Path) -> None:
    """A process that does not get on is left to be restarted."""
    looked = asyncio.Event()
    well = True

    async def look() -> bool:
        looked.set()
        return well

    address = str(tmp_path / "notify")
    with listening(address) as receiver:
        async with Manager(address, 0.06).fed() as feeding:
            assert await heard(receiver) == "WATCHDOG=1", (
                "while it begins the loop's turn is enough"
            )
            feeding.well = look
            assert await heard(receiver) == "WATCHDOG=1"
            well = False
            looked.clear()
            await looked.wait()
            drain(receiver)
            looked.clear()
            await looked.wait()
            assert drain(receiver) == 0
            well = True
            assert await heard(receiver) == "WATCHDOG=1"
