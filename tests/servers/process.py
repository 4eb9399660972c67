"""Servers as child processes: a free port, a start that is awaited, an end that is certain."""

from __future__ import annotations

import http.client
import os
import pwd
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path


class ServerFailed(Exception):
    """A server ended, or gave no sign of life in time; holds the end of what it printed."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(port: int) -> bool:
    """Whether something listens on that port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(port: int, path: str) -> bool:
    """Whether an HTTP server on that port answers GET `path` with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def unprivileged() -> pwd.struct_passwd | None:
    """The account to drop to when the tests run as root; None when they do not."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerFailed("as root, an account named postgres or nobody is needed")


class Process:
    """One child process in a session of its own, its output in a file."""

    def __init__(self, popen: subprocess.Popen[bytes], log: Path) -> None:
        self._popen = popen
        self._log = log

    @classmethod
    def start(
        cls,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: pwd.struct_passwd | None = None,
    ) -> Process:
        """Run `command`; `user` drops privileges; output is appended to `log`."""
        with log.open("ab") as output:
            popen = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                cwd=cwd,
                start_new_session=True,
                user=None if user is None else user.pw_uid,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else [],
            )
        return cls(popen, log)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._popen.poll() is None

    def printed(self) -> str:
        """What the process has written so far."""
        return self._log.read_text(errors="replace")

    def await_life(self, alive: Callable[[], bool], seconds: float) -> None:
        """Return once `alive()`; ServerFailed when the process ends or the time is up.

        A fresh server can only be asked, so this asks every 20 ms.
        """
        deadline = time.monotonic() + seconds
        while not alive():
            if not self.running:
                raise ServerFailed(f"ended with {self._popen.returncode}:\n{self._tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"no sign of life after {seconds:g} s:\n{self._tail()}")
            time.sleep(0.02)

    def stop(self, sign: signal.Signals = signal.SIGTERM, seconds: float = 20) -> int:
        """Ask the process to end, kill it after `seconds`; gives its exit status."""
        if self.running:
            self._popen.send_signal(sign)
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """SIGKILL to the process and its children, and wait for the end of all of them."""
        if not self.running:
            return self._popen.wait()
        with ExitStack() as ends:
            children = [end for pid in self._children() if (end := _opened(pid, ends)) is not None]
            # The parent goes first: it would start others in their place.
            os.killpg(self._popen.pid, signal.SIGKILL)
            for child in children:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(child, signal.SIGKILL)
            code = self._popen.wait()
            for child in children:
                select.select([child], [], [], 10)
        return code

    def _children(self) -> list[int]:
        pid = self._popen.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def freeze(self) -> None:
        """SIGSTOP: the server hears but does not answer until `thaw`."""
        os.killpg(self._popen.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.killpg(self._popen.pid, signal.SIGCONT)

    def _tail(self) -> str:
        return self.printed()[-3000:]


def _opened(pid: int, ends: ExitStack) -> int | None:
    """What becomes readable at the end of a process; None where that has come already."""
    try:
        end = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    ends.callback(os.close, end)
    return end
