"""Two processes with one configuration: one leads, the other stands by."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.servers.parts import ROOT
from tests.world import START_SECONDS, Bridge

_ADDRESS = re.compile(r"http://\S+")


class Member:
    """One of the two. It may begin again as a new process; then it prints again."""

    def __init__(self, pair: Pair, name: str) -> None:
        self._pair = pair
        self._log = pair.home / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.environment: dict[str, str] = {}
        self.lines: list[str] = []
        """What it has printed."""

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.returncode is None

    @property
    def process_id(self) -> int:
        """The id of the process."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start; returns once it leads or stands by."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "--config", str(self._pair.config)),
                cwd=self._pair.home,
                env={
                    **os.environ,
                    **{"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
                    **self.environment,
                },
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        before = len(self.lines)
        self._reading = asyncio.create_task(self._read(self._process))
        await self._pair.until(lambda: len(self.lines) > before, START_SECONDS)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for raw in process.stdout:
            line = raw.decode().rstrip()
            self.lines.append(line)
            await self._pair.printed(self, line)

    def stands_by(self) -> bool:
        """Whether that is the last that it has said."""
        return bool(self.lines) and self.lines[-1].startswith("Standing by")

    def log(self) -> str:
        """What it has logged."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    async def end(self, sign: signal.Signals) -> int:
        """Send SIGKILL or SIGTERM and wait for the end; the exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(sign)
        try:
            async with asyncio.timeout(20):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading
        assert process.returncode is not None
        return process.returncode

    def freeze(self) -> None:
        """SIGSTOP."""
        os.kill(self.process_id, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.kill(self.process_id, signal.SIGCONT)


class Pair(Bridge):
    """As one process to whoever only talks: `web` is the leader's."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.members = (Member(self, "one"), Member(self, "other"))
        self.leader = self.members[0]
        self.led: list[tuple[float, Member]] = []
        """When which of them began to lead, in monotonic seconds."""
        self._changed = asyncio.Condition()

    @property
    def standby(self) -> Member:
        """The one that does not lead."""
        one, other = self.members
        return other if self.leader is one else one

    async def printed(self, member: Member, line: str) -> None:
        """A line that one of them has printed."""
        if (address := _ADDRESS.search(line)) is not None:
            self.led.append((time.monotonic(), member))
            self.leader, self.web = member, address[0]
            self.up.set()
        async with self._changed:
            self._changed.notify_all()

    async def until(self, wanted: Callable[[], bool], seconds: float) -> None:
        """Wait until `wanted()` holds after something was printed."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(wanted)
        except TimeoutError:
            raise AssertionError(f"not within {seconds:g} s:\n{self.log()}") from None

    async def start(self, **environment: str) -> None:
        """Start both: the first leads."""
        for member in self.members:
            member.environment |= environment
            await member.start()

    async def taken_over(self, by: Member, seconds: float = 10) -> float:
        """Wait until that one leads; the monotonic moment."""
        await self.until(lambda: self.leader is by, seconds)
        return self.led[-1][0]

    def log(self) -> str:
        """What both have logged last."""
        return "\n----\n".join(each.log()[-4000:] for each in self.members)

    async def kill(self) -> None:
        """SIGKILL both."""
        self.up.clear()
        for member in self.members:
            with suppress(ProcessLookupError):
                await member.end(signal.SIGKILL)
