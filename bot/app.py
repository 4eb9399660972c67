"""The whole process: what is started, what keeps running, how it ends."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import TypeVar

import structlog

from bot.administrators import Administrators
from bot.announcing import Announcing
from bot.catalogues import Catalogues
from bot.clock import Clock
from bot.conversation import Conversation
from bot.delivery.lane import Calling
from bot.delivery.worker import Delivery
from bot.dispatcher import Dispatcher
from bot.exporting import Exporting
from bot.fetching import Fetching
from bot.gaps import Gaps
from bot.leadership import Leadership, alone, begin_again, leading, mark
from bot.marking import Marking
from bot.opening import Opening
from bot.operation.interpreter import tune
from bot.operation.retention import TIMER, Retention
from bot.operation.systemd import Manager
from bot.operation.watch import Watch
from bot.operation.watchdog import Hung
from bot.passages import TIMER as PASSAGES, Passages
from bot.post import PAPER, Post
from bot.printing import Printing
from bot.relay import Relay
from bot.routing import Routing
from bot.sealing import Sealing
from bot.settings import Settings
from bot.showing import Showing
from bot.speech import Speech
from bot.tiles import Tiles
from bot.transports.base import (
    AccountRefused,
    Batch,
    RateLimited,
    SendFault,
    Transport,
    Wiring,
)
from bot.transports.web.files import FileStore
from bot.weather import OpenMeteo
from handlers import families, forms
from handlers.context import Context, Gate, Means
from handlers.families.log import EXPORT
from handlers.posted import FETCH
from handlers.printed.press import Press
from handlers.registry import discover
from handlers.ringing import Ring, Wake, discover_rings
from storage import Store, StoreUnavailable, UnitOfWork
from storage.queries.lease import Held
from storage.tables import Timer
from workflows import bridges
from workflows.errors import Refusal
from workflows.incidents.opening import TIMER as ROOM
from workflows.shelf import Shelf
from workflows.text import _

log = structlog.get_logger(__name__)

T = TypeVar("T")

BREATH_SECONDS = 0.01
"""Left to the lanes after each batch, in which they make their calls."""

CURSOR_SECONDS = 2.0
"""A cursor that has passed nothing but our own messages is stored no more often: asking again from
the one before brings them again, which changes nothing."""

LONGEST_WAIT = 5.0
"""Seconds between two tries to listen to a network that is down."""

REFUSED_WAIT = 60.0
"""The same where somebody has to mend something first."""


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class App:
    """A running Lianzhi."""

    store: Store
    transports: dict[str, Transport]
    dispatcher: Dispatcher
    delivery: Delivery
    clock: Clock
    speech: Speech
    menus: dict[str, tuple[tuple[str, str], ...]]
    watch: Watch
    gaps: Gaps
    printing: Printing
    opening: Opening
    fetching: Fetching
    routing: Routing | None
    weather: OpenMeteo | None
    means: Means

    async def listen(self, transport: Transport) -> None:
        """Hand a network's updates over, through every outage, until cancelled."""
        network = transport.network
        failures, stored = 0, float("-inf")
        away = False

        async def take(batch: Batch) -> None:
            nonlocal failures, stored, away
            if away:
                away = False
                self.delivery.reached(network)
            await self.gaps.heard(transport)
            idle = not batch.inbounds and batch.alongside is None
            if not idle or (not batch.quiet and time.monotonic() - stored >= CURSOR_SECONDS):
                await self.dispatcher.take(network, batch)
                stored = time.monotonic()
            if not idle:
                # What the batch has caused goes out before more is asked for.
                await asyncio.sleep(BREATH_SECONDS)
            failures = 0

        while True:
            longest, least = LONGEST_WAIT, 0.0
            try:
                async with self.store.read() as uow:
                    cursor = await uow.inbox.cursor(network)
                await self.watch.listen(transport, cursor, take)
                log.warning("a network stopped listening", network=network)
            except StoreUnavailable as error:
                log.warning("an update waits for the database", network=network, error=str(error))
            except Refusal as refusal:
                text = self.speech.text(refusal.text, "en")
                log.error("a network refuses us", network=network, code=refusal.code, reason=text)
                longest = REFUSED_WAIT
            except Exception as error:
                away = away or isinstance(error, (SendFault, Hung))
                if isinstance(error, AccountRefused):
                    longest = REFUSED_WAIT
                elif isinstance(error, RateLimited):
                    least = error.after.total_seconds()
                log.warning(
                    "listening failed, trying again",
                    network=network,
                    failures=failures,
                    error=f"{type(error).__name__}: {error}"[:300],
                )
            failures += 1
            wait = min(0.5 * 2 ** min(failures - 1, 10), longest)
            await asyncio.sleep(max(least, wait * random.uniform(0.7, 1.0)))

    async def run(self) -> None:
        """Everything that goes on until the process ends."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.delivery.run(), name="delivery")
            group.create_task(self.clock.run(), name="clock")
            for transport in self.transports.values():
                group.create_task(self.listen(transport), name=f"listen {transport.network}")
                group.create_task(transport.offer_commands(self.menus))


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    now: Callable[[], datetime] = utc_now,
    leadership: Leadership | None = None,
) -> AsyncIterator[App]:
    """A Lianzhi that is connected and configured; `App.run` makes it work.

    With `leadership` it works with that one's store, and only while it leads.

    Raises `StoreUnavailable`, `storage.schema.SchemaNewer` and `Refusal`.
    """
    async with AsyncExitStack() as stack:
        _make_folders(settings)
        if leadership is None:
            store = await Store.open(settings.database_url)
            stack.push_async_callback(store.close)
        else:
            store = leadership.store
            mark(settings.data, leadership.holder)
        catalogues = Catalogues.load()
        speech = Speech(catalogues, settings.timezone)
        retention = Retention(settings.retention, settings.data / "media", settings.timezone, now)
        await _configure(store, settings, now(), retention)
        transports: dict[str, Transport] = {}
        for network in settings.networks:
            transport = network.build(
                Wiring(
                    section=settings.sections[network.name],
                    rooms=settings.rooms_of(network.name),
                    admins=settings.admins,
                    store=store,
                    catalogues=catalogues,
                    now=now,
                    data=settings.data,
                )
            )
            transports[network.name] = transport
            stack.push_async_callback(transport.aclose)
            await transport.start()
        calling = nullcontext if leadership is None else leadership.calling
        gate = await _gate(store, settings)
        app = _wired(settings, store, speech, transports, now, calling, retention, gate)
        async with store.write() as uow:
            await Sealing(app.dispatcher.post).tell(uow)
        await stack.enter_async_context(app.watch.served(settings))
        await stack.enter_async_context(_door(settings, store, app, now))
        stack.push_async_callback(app.delivery.stop)
        stack.push_async_callback(app.printing.aclose)
        stack.push_async_callback(app.opening.aclose)
        stack.push_async_callback(app.fetching.aclose)
        if app.weather is not None:
            stack.push_async_callback(app.weather.aclose)
        if app.routing is not None:
            stack.push_async_callback(app.routing.aclose)
        yield app


def _wired(
    settings: Settings,
    store: Store,
    speech: Speech,
    transports: dict[str, Transport],
    now: Callable[[], datetime],
    calling: Calling,
    retention: Retention,
    gate: Gate | None,
) -> App:
    registry = discover(families, Context)
    post = Post(
        transports,
        speech,
        now,
        lambda rooms, rows: delivery.wake(rooms, rows),
        lambda room, priority: delivery.is_free(room, priority),
    )
    administrators = Administrators(settings.admins)
    delivery = Delivery(store, transports, Announcing(post, administrators), now, calling)
    admins = frozenset(settings.admins)

    def is_admin(accounts: frozenset[str]) -> bool:
        trusted = (each for each in transports.values() if accounts & each.trusted(accounts))
        return bool(accounts & admins) or any(trusted)

    files = FileStore(settings.data / "media")
    wish = settings.routing
    routing = None if wish.url is None else Routing(wish.url, wish.timeout, wish.profile)
    sky = settings.weather
    weather = None if sky.url is None else OpenMeteo(sky.url, sky.timeout, now)
    means = Means(Shelf(settings.packs), files=files, routes=routing, gate=gate, weather=weather)
    conversation = Conversation(
        registry=registry,
        post=post,
        zone=settings.timezone,
        is_admin=is_admin,
        handles=lambda network: (
            transports[network].handles if network in transports else frozenset()
        ),
        means=means,
    )
    dispatcher = Dispatcher(
        store,
        post,
        Relay(post, conversation, Marking.over(conversation, families)),
        admins=administrators,
        caught_up=delivery.caught_up,
        topics=frozenset(wish.room for wish in settings.rooms if "/" in wish.room),
    )

    async def form_expired(uow: UnitOfWork, timer: Timer) -> None:
        ended = await forms.expire(uow, int(timer.subject), registry)
        if ended is not None:
            form, document = ended
            await post.tell(uow, (form.room,), document, reply_to=form.question_id)

    def ringing(ring: Ring) -> Callable[[UnitOfWork, Timer], Awaitable[None]]:
        async def rung(uow: UnitOfWork, timer: Timer) -> None:
            await ring(Wake(uow, now(), settings.timezone, Showing(post), timer, means))

        return rung

    printing = Printing(post, Press(), files, Tiles.of(settings.map))
    opening = Opening(store, post)
    fetching = Fetching(store, transports, files, now)
    rings = {kind: ringing(ring) for kind, ring in discover_rings(families).items()}
    menus = {
        language: tuple((name, speech.text(text, language)) for name, text in registry.menu())
        for language in ("en", "zh")
    }
    return App(
        store=store,
        transports=transports,
        dispatcher=dispatcher,
        delivery=delivery,
        clock=Clock(
            store,
            rings
            | {
                forms.TIMER: form_expired,
                TIMER: retention.ring,
                PASSAGES: Passages(post).ring,
                PAPER: printing.ring,
                ROOM: opening.ring,
                FETCH: fetching.ring,
                EXPORT: Exporting(post, files).ring,
            },
            now,
        ),
        speech=speech,
        menus=menus,
        watch=Watch.over(settings, store, now),
        gaps=Gaps(store, post),
        printing=printing,
        opening=opening,
        fetching=fetching,
        routing=routing,
        weather=weather,
        means=means,
    )


async def _gate(store: Store, settings: Settings) -> Gate | None:
    """What is known of the door to those who give its addresses away; None without one."""
    door = settings.door
    if door.base is None:
        return None
    if door.secret is not None:
        return Gate(door.base, door.secret.get_secret_value().encode())
    async with store.write() as uow:
        made = await uow.settings.get_or_make("door.secret", secrets.token_urlsafe(32))
    return Gate(door.base, made.encode())


@asynccontextmanager
async def _door(
    settings: Settings, store: Store, app: App, now: Callable[[], datetime]
) -> AsyncIterator[None]:
    """The door while inside, if one is configured."""
    if settings.door.address is None:
        yield
        return
    # Who has no door does not load what stands behind it.
    from bot import feeds, scanning, tracking
    from bot.door import Knock, served

    post = app.dispatcher.post
    knock = Knock(store, post, app.means, settings.timezone, now)
    async with served(settings.door.address, knock, tracking.routes, scanning.routes, feeds.routes):
        yield


async def _configure(store: Store, settings: Settings, now: datetime, retention: Retention) -> None:
    """Rooms and bridges become what the configuration says, which may name a room by the id
    that it had before it moved."""
    async with store.write() as uow:
        for wish in settings.rooms:
            room = await uow.rooms.resolve(wish.room)
            await uow.rooms.configure(room, now, language=wish.language, agency=wish.agency)
        wanted = {
            bridge.name: tuple([await uow.rooms.resolve(room) for room in bridge.rooms])
            for bridge in settings.bridges
        }
        await bridges.configure(uow, wanted, now=now)
        await retention.arrange(uow)


def _make_folders(settings: Settings) -> None:
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (file := settings.database_file) is not None:
        file.parent.mkdir(parents=True, exist_ok=True)


@asynccontextmanager
async def _one_process(
    settings: Settings, say: Callable[[str], None], manager: Manager
) -> AsyncIterator[Leadership | None]:
    """Be the only one that works: at once or not at all on SQLite, in turn on PostgreSQL."""

    def standing_by(leader: Held) -> None:
        words = _(
            "Standing by: process {pid} on {host} leads since {since}.",
            pid=str(leader.holder.pid),
            host=leader.holder.host,
            since=leader.since,
        )
        say(Speech(Catalogues.load(), settings.timezone).text(words, settings.speak))
        # Libraries that are loaded ahead need not be waited for when it is our turn.
        for network in settings.networks:
            import_module(f"bot.transports.{network.name}.transport")
        manager.tell("READY=1")

    if (file := settings.database_file) is not None:
        _make_folders(settings)
        with alone(file):
            yield None
        return
    async with leading(settings.database_url, standing_by, begin_again) as leadership:
        yield leadership


async def _unless(stop: asyncio.Event, work: Coroutine[object, object, T]) -> T | None:
    """What `work` gives; None if the process is to end first."""
    task, ended = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait((task, ended), return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None
    return await task


async def run(settings: Settings, *, say: Callable[[str], None]) -> int:
    """Run until SIGINT or SIGTERM; the process's exit code."""
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    manager = Manager.of(os.environ)
    async with AsyncExitStack() as stack:
        feeding = await stack.enter_async_context(manager.fed())
        leadership = await _unless(
            stop, stack.enter_async_context(_one_process(settings, say, manager))
        )
        if stop.is_set():
            return 0
        app = await _unless(
            stop, stack.enter_async_context(opened(settings, leadership=leadership))
        )
        if app is None:
            return 0
        for transport in app.transports.values():
            for line in transport.announce():
                say(app.speech.text(line, settings.speak))
        tune()
        work = asyncio.create_task(app.run())
        feeding.well = app.watch.health.alive
        manager.tell("READY=1")
        await _unless(stop, _ended(work))
        manager.tell("STOPPING=1")
        if work.done():
            await work
        await app.delivery.stop()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    return 0


async def _ended(work: asyncio.Task[None]) -> None:
    await asyncio.wait((work,))
