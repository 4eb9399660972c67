"""One process works, whatever else is started.

On PostgreSQL by a lease: a row that the leader renews. Others stand by. Three things keep a
leader that was replaced unheard:

* each of its write transactions verifies its token (`Store.fence`), so that it writes nothing;
* it calls networks only while its lease is surely its own, by a clock that goes on while a
  process is frozen; a call under way is cut off when that ends (`Leadership.calling`);
* as soon as it knows, it begins again as a new process, which stands by.

On SQLite by a lock of the operating system on a file beside the database (`alone`).
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn, TypeVar

import structlog

from bot.transports.base import AnswerLost
from storage import LeaseLost, Store, StoreUnavailable, UnitOfWork, schema
from storage.queries.lease import Held, Holder
from workflows.errors import Refusal
from workflows.text import _

log = structlog.get_logger(__name__)

T = TypeVar("T")

BEGUN_AGAIN = "LIANZHI_BEGUN_AGAIN"
"""Set for a process that has led before: it waits for the database as long as need be."""

MARK = "leader"
"""File in the data folder with the name of the process that works with this folder."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds."""

    lasts: float = 6.0
    """A lease that is not renewed, by the database's clock."""
    renew: float = 2.0
    """Between two renewals, and how long the database may take for one."""
    safe: float = 5.0
    """After a renewal was asked for: no call is under way any more. The rest of `lasts` is for
    what has left this machine to arrive."""
    look: float = 0.25
    """Between two looks of who stands by."""


def elapsed() -> float:
    """Seconds of a clock that goes on while the process is frozen or the machine suspended."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def begin_again() -> NoReturn:
    """Replace this process, and all that it has open, by a fresh one with the same arguments."""
    os.environ[BEGUN_AGAIN] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


class Leadership:
    """A PostgreSQL database's lease, as one process sees it; `store` is that process's."""

    def __init__(
        self,
        store: Store,
        holder: Holder,
        *,
        times: Times = Times(),
        clock: Callable[[], float] = elapsed,
    ) -> None:
        self.store = store
        self.holder = holder
        self._times = times
        self._clock = clock
        self._asked: Store | None = None
        self._token: int | None = None
        self._confirmed = 0.0
        self._sure = asyncio.Event()
        self._lapse_timer: asyncio.TimerHandle | None = None
        self._calls: set[asyncio.Task[object]] = set()
        self._cut: set[asyncio.Task[object]] = set()
        self._keeping: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: str) -> Leadership:
        """Not yet leading. Nothing is asked of the database."""
        name = f"lianzhi-{secrets.token_hex(8)}"
        holder = Holder(name, socket.gethostname(), os.getpid())
        return cls(await Store.open(url, migrate=False, name=name), holder)

    @property
    def stale(self) -> bool:
        """Whether this process leads but may have been replaced, as after a freeze."""
        return self._token is not None and not self._is_sure()

    def _is_sure(self) -> bool:
        return self._clock() < self._confirmed + self._times.safe

    async def lead(self, standing_by: Callable[[Held], None], *, patient: bool = False) -> None:
        """Return as soon as this process leads; `standing_by` is told of each other leader.

        Unless `patient`, raises `StoreUnavailable` when the database cannot be used at first;
        `schema.SchemaNewer` for tables of a later version.
        """
        lasts = timedelta(seconds=self._times.lasts)
        told: Holder | None = None
        ready = False
        while True:
            began = self._clock()
            try:
                if not ready:
                    await self._prepare()
                    ready = patient = True
                found = await self._ask(lambda uow: uow.lease.take(self.holder, lasts))
            except StoreUnavailable as error:
                if not patient:
                    raise
                log.warning("the lease cannot be asked for", error=str(error)[:300])
                await asyncio.sleep(self._times.renew)
                continue
            if isinstance(found, int):
                self._token = self.store.fence = found
                self._confirm(began)
                log.info("leading", token=found, holder=self.holder.name)
                return
            if found.holder != told:
                told = found.holder
                standing_by(found)
            await asyncio.sleep(self._times.look)

    async def _prepare(self) -> None:
        """Make the lease's table where there is none; other changes wait until we lead."""
        found = await self.store.schema_version()
        if found is not None and found > schema.HEAD:
            raise schema.SchemaNewer(found)
        if found is None or found < schema.LEASED:
            await self.store.upgrade()

    async def keep(self, lost: Callable[[], None]) -> None:
        """From now on renew the lease; `lost` is called once if another process has it."""
        self._keeping = asyncio.create_task(self._renew(), name="lease")

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled():
                log.error("this process leads no longer", error=str(task.exception()))
                lost()

        self._keeping.add_done_callback(ended)

    async def _renew(self) -> None:
        """Raises `LeaseLost` when another process leads."""
        token, lasts = self._token, timedelta(seconds=self._times.lasts)
        assert token is not None
        while True:
            await asyncio.sleep(self._times.renew if self._sure.is_set() else self._times.look)
            began = self._clock()
            try:
                await self._ask(lambda uow: uow.lease.renew(token, lasts))
            except LeaseLost:
                raise
            except StoreUnavailable as error:
                log.warning("the lease is not renewed", error=str(error)[:300])
            else:
                self._confirm(began)

    def _confirm(self, moment: float) -> None:
        self._confirmed = moment
        if self._lapse_timer is not None:
            self._lapse_timer.cancel()
        wait = max(0.0, moment + self._times.safe - self._clock())
        self._lapse_timer = asyncio.get_running_loop().call_later(wait, self._lapse)
        self._sure.set()

    def _lapse(self) -> None:
        """Another process may lead from now on: nothing of ours may arrive any more."""
        self._sure.clear()
        if self._calls:
            log.warning("calls are cut off: the lease is not sure", calls=len(self._calls))
        for task in self._calls - self._cut:
            self._cut.add(task)
            task.cancel()

    @asynccontextmanager
    async def calling(self) -> AsyncIterator[None]:
        """Around a call to a network: waits until the lease is surely ours.

        Raises `AnswerLost` when that ends before the call does.
        """
        while not self._is_sure():
            self._sure.clear()
            await self._sure.wait()
        task = asyncio.current_task()
        assert task is not None
        self._calls.add(task)
        try:
            yield
        except asyncio.CancelledError:
            # Somebody else may have cancelled the task too.
            if task in self._cut and task.uncancel() == 0:
                raise AnswerLost("the lease was not sure any more") from None
            raise
        finally:
            self._calls.discard(task)
            self._cut.discard(task)

    async def _ask(self, question: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Within `renew` seconds; raises `StoreUnavailable`.

        By a connection of its own, so that no other work delays it. One that does not answer is
        left behind: letting go of it properly would take another answer.
        """
        if self._asked is None:
            self._asked = await Store.open(self.store.url, migrate=False, name=self.holder.name)
        asked = self._asked

        async def ask() -> T:
            async with asked.write() as uow:
                return await question(uow)

        task = asyncio.create_task(ask())
        try:
            await asyncio.wait((task,), timeout=self._times.renew)
        finally:
            if not task.done():
                task.cancel()
                self._asked = None
        if not task.done():
            raise StoreUnavailable("the database does not answer")
        return task.result()

    async def close(self) -> None:
        """Let another process lead at once."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._lapse_timer is not None:
            self._lapse_timer.cancel()
        if (token := self._token) is not None:
            self._token = None
            with suppress(StoreUnavailable):
                await self._ask(lambda uow: uow.lease.release(token))
        for store in (self.store, self._asked):
            if store is not None:
                with suppress(TimeoutError):  # a database that does not answer is left behind
                    async with asyncio.timeout(self._times.renew):
                        await store.close()


@asynccontextmanager
async def leading(
    url: str, standing_by: Callable[[Held], None], lost: Callable[[], None]
) -> AsyncIterator[Leadership]:
    """Stand by until this process leads; the tables are up to date then. Released at the end.

    `lost` is called if another process leads meanwhile, from a signal's handler too: it ends
    this one. Raises what `Leadership.lead` raises.
    """
    leadership = await Leadership.open(url)

    def woken(_signal: int, _frame: object) -> None:
        """The first thing that runs after a freeze: what was about to be sent is not."""
        if leadership.stale:
            with suppress(Exception):
                log.error("this process stood still for longer than its lease")
            lost()

    before = signal.signal(signal.SIGCONT, woken)
    try:
        await leadership.lead(standing_by, patient=BEGUN_AGAIN in os.environ)
        await leadership.keep(lost)
        await leadership.store.upgrade()
        yield leadership
    finally:
        signal.signal(signal.SIGCONT, before)
        await leadership.close()


def mark(data: Path, holder: Holder) -> None:
    """Note in the data folder who works with it, so that others can see whether it is shared."""
    fresh = data / f"{MARK}.new"
    fresh.write_text(holder.name, encoding="ascii")
    fresh.replace(data / MARK)


def is_marked(data: Path, holder: Holder) -> bool:
    """Whether that process works with this folder."""
    try:
        return (data / MARK).read_text(encoding="ascii") == holder.name
    except (OSError, UnicodeDecodeError):
        return False


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Be the one process that works with a SQLite file; the kernel ends this with the process.

    Raises `Refusal`, which says who works with it, and `StoreUnavailable`.
    """
    path = file.with_name(f"{file.name}.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _in_use(file, os.pread(descriptor, 1000, 0)) from None
        except OSError as error:
            raise StoreUnavailable(f"{path}: {error.strerror}") from error
        text = json.dumps(
            {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
        ).encode()
        os.pwrite(descriptor, text, 0)
        os.ftruncate(descriptor, len(text))
        yield
    finally:
        os.close(descriptor)


def _in_use(file: Path, text: bytes) -> Refusal:
    try:
        held = json.loads(text)
        pid, host = int(held["pid"]), str(held["host"])
        since = datetime.fromtimestamp(float(held["since"]), UTC)
    except (ValueError, KeyError, TypeError, OverflowError):
        return Refusal(
            "database.in_use",
            _("The database {path} is in use by another process.", path=str(file)),
        )
    if host == socket.gethostname() and _is_frozen(pid):
        return Refusal(
            "database.in_use",
            _(
                "The database {path} is in use by process {pid} on {host} since {since}, and that "
                "process is frozen: kill -CONT {pid} wakes it, kill -KILL {pid} ends it.",
                path=str(file),
                pid=str(pid),
                host=host,
                since=since,
            ),
        )
    return Refusal(
        "database.in_use",
        _(
            "The database {path} is in use by process {pid} on {host} since {since}; "
            "stop that one first.",
            path=str(file),
            pid=str(pid),
            host=host,
            since=since,
        ),
    )


def _is_frozen(pid: int) -> bool:
    """Whether the process is stopped by a signal (proc_pid_stat(5): state T)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] == ["T"]
