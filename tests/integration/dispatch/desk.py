"""Everything from a batch to what rooms show: dispatcher, conversation, forms, delivery."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from bot.clock import Clock
from bot.conversation import Conversation
from bot.dispatcher import Dispatcher
from bot.marking import Marking
from bot.relay import Relay
from bot.richtext import from_plain
from bot.showing import Showing
from bot.transports.base import (
    Batch,
    Content,
    Deleted,
    Edited,
    Event,
    Inbound,
    Pressed,
    Reacted,
    Said,
    Sender,
)
from handlers import families, forms
from handlers.context import Context, Means
from handlers.document import Document, say
from handlers.registry import Arg, Choice, Family, Name, Registry, command, discover
from handlers.ringing import Ring, Wake, discover_rings
from handlers.values import Args, Kind
from storage import UnitOfWork
from storage.tables import OutboxRow, Timer
from tests.unit.delivery.world import SHANGHAI, World
from workflows.errors import Refusal
from workflows.text import Msg, _

ADMIN = "loopback:admin"
A, B, C, D = (f"loopback:{name}" for name in "abcd")

TRIAL = Family(Name("trial", "试"), Msg("A trial"))


@command(
    TRIAL,
    Name("boom", "炸"),
    allow="anyone",
    summary=Msg("Fails"),
    examples=("/trial boom", "/试 炸"),
)
async def boom(context: Context, args: Args) -> Document:
    """Change the room, queue something, and fail."""
    room = await context.uow.rooms.get(context.place.id)
    assert room is not None
    room.title = "changed by a failed command"
    account = await context.uow.people.account(context.actor.account)
    assert account is not None
    account.name = "changed by a failed command"
    await context.actions.tell(context.uow, (context.place.id,), say("never seen"))
    await context.uow.ledger.append("trial", context.now, actor=None, room=None)
    raise KeyError("a fault in a command")


@command(
    TRIAL,
    Name("no", "否"),
    allow="anyone",
    summary=Msg("Refuses"),
    examples=("/trial no", "/试 否"),
)
async def no(context: Context, args: Args) -> Document:
    """Change something and refuse."""
    await context.uow.ledger.append("trial", context.now, actor=None, room=None)
    raise Refusal("trial", _("This room is in no bridge."))


@command(
    TRIAL,
    Name("order", "单"),
    Arg("what", "事", Kind.TEXT, required=True, question=Msg("What is to be done?")),
    Arg(
        "how",
        "法",
        Kind.CHOICE,
        required=True,
        question=Msg("How?"),
        choices=(
            Choice("fast", Msg("Fast"), ("fast", "快")),
            Choice("slow", Msg("Slow"), ("slow", "慢")),
        ),
    ),
    Arg("note", "注", Kind.TEXT, ask=True, positional=False, question=Msg("Anything else?")),
    allow="anyone",
    summary=Msg("Takes a form"),
    examples=("/trial order pumps fast", "/试 单 水泵 快"),
)
async def order(context: Context, args: Args) -> Document:
    """Say what was asked for."""
    note = args.optional_text("note")
    await context.uow.ledger.append(
        "ordered", context.now, actor=context.actor.account, room=context.place.id
    )
    return say(f"ordered {args.text('what')} {args.text('how')} {note or '-'}")


@command(
    TRIAL,
    Name("vote", "票"),
    allow="anyone",
    summary=Msg("Offers a choice"),
    examples=("/trial vote", "/试 票"),
)
async def vote(context: Context, args: Args) -> Document:
    """Two buttons for whoever asked."""
    from handlers.document import Button

    mine = (context.actor.account,)
    return say(
        "vote",
        buttons=(Button("Yes", "/trial yes", only=mine), Button("No", "/trial order", only=mine)),
    )


@command(
    TRIAL,
    Name("open", "开"),
    allow="anyone",
    summary=Msg("Offers a choice to all"),
    examples=("/trial open", "/试 开"),
)
async def open_vote(context: Context, args: Args) -> Document:
    """A button for everybody."""
    from handlers.document import Button

    return say("vote", buttons=(Button("Yes", "/trial yes"), Button("Lang", "/lang zh")))


@command(
    TRIAL,
    Name("yes", "是"),
    allow="anyone",
    summary=Msg("Counts"),
    examples=("/trial yes", "/试 是"),
)
async def yes(context: Context, args: Args) -> Document:
    """Note who pressed."""
    await context.uow.ledger.append("yes", context.now, actor=context.actor.account, room=None)
    return say(f"counted {context.actor.name}")


TRIALS = (boom, no, order, vote, open_vote, yes)


@cache
def registry() -> Registry[Context]:
    """Every family's commands and the trial ones; nothing changes them."""
    return Registry([*discover(families, Context).commands, *TRIALS])


@dataclass
class Desk:
    """People in rooms, and what they read."""

    world: World
    batches: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1000))
    means: Means = field(default_factory=Means)
    dispatcher: Dispatcher = field(init=False)
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Everything but the database is new."""
        self.registry = registry()
        conversation = Conversation(
            registry=self.registry,
            post=self.world.post,
            zone=SHANGHAI,
            is_admin=lambda accounts: ADMIN in accounts,
            handles=lambda _network: frozenset({"lianzhi_bot"}),
            means=self.means,
        )
        self.dispatcher = Dispatcher(
            self.world.store,
            self.world.post,
            Relay(self.world.post, conversation, Marking.over(conversation, families)),
        )

        async def expired(uow: UnitOfWork, timer: Timer) -> None:
            ended = await forms.expire(uow, int(timer.subject), self.registry)
            if ended is not None:
                form, document = ended
                await self.world.post.tell(uow, (form.room,), document, reply_to=form.question_id)

        def ringing(ring: Ring) -> Callable[[UnitOfWork, Timer], Awaitable[None]]:
            async def rung(uow: UnitOfWork, timer: Timer) -> None:
                actions = Showing(self.world.post)
                await ring(Wake(uow, self.world.moment, SHANGHAI, actions, timer, self.means))

            return rung

        rings = {kind: ringing(ring) for kind, ring in discover_rings(families).items()}
        self.clock = Clock(
            self.world.store, {**rings, forms.TIMER: expired}, lambda: self.world.moment
        )

    async def bridge(self, name: str, **rooms: str) -> None:
        """A bridge of rooms with their languages, by letter: `a="zh"`."""
        await self.bridged(name, {f"loopback:{each}": language for each, language in rooms.items()})

    async def bridged(self, name: str, rooms: Mapping[str, str]) -> None:
        """A bridge of rooms with their languages."""
        async with self.world.store.write() as uow:
            bridge = await uow.bridges.add(name, self.world.moment)
            for room, language in rooms.items():
                await uow.rooms.see(
                    room, self.world.moment, title=room, private=False, language=language
                )
                await uow.bridges.join(bridge, room, self.world.moment, None)

    def event(
        self, room: str, event: Event, *, by: str = "li", remote: str | None = None
    ) -> Inbound:
        """Something that happened in a room."""
        return Inbound(
            key=f"loopback:{next(self.numbers)}",
            room=room,
            at=self.world.moment,
            event=event,
            sender=Sender(f"loopback:{by}", by.capitalize()),
            remote=remote,
            title=room,
        )

    def said(self, room: str, text: str, *, by: str = "li", reply_to: str | None = None) -> Inbound:
        """Somebody writes; the message's remote id is `r` and the number of its key."""
        content = Content(html=from_plain(text), text=text)
        made = self.event(room, Said(content, reply_to), by=by)
        return Inbound(
            key=made.key,
            room=room,
            at=made.at,
            event=made.event,
            sender=made.sender,
            remote="r" + made.key.partition(":")[2],
            title=room,
        )

    def edited(self, room: str, target: str | None, text: str, *, by: str = "li") -> Inbound:
        """Somebody changes a message."""
        assert target is not None
        return self.event(room, Edited(target, Content(html=from_plain(text), text=text)), by=by)

    def deleted(self, room: str, target: str | None, *, by: str = "li") -> Inbound:
        """Somebody takes a message back."""
        assert target is not None
        return self.event(room, Deleted(target), by=by)

    def reacted(self, room: str, target: str, emoji: str, *, by: str = "li") -> Inbound:
        """Somebody reacts to a message."""
        return self.event(room, Reacted(target, (emoji,)), by=by)

    def pressed(self, room: str, token: str, *, by: str = "li") -> Inbound:
        """Somebody taps a button."""
        return self.event(room, Pressed(token, "0", f"press {by}"), by=by)

    async def take(self, *inbounds: Inbound) -> None:
        """Take a batch and deliver all that it causes."""
        await self.dispatcher.take("loopback", Batch(inbounds, cursor=str(next(self.batches))))
        await self.delivered()

    async def say(
        self, room: str, text: str, *, by: str = "li", reply_to: str | None = None
    ) -> Inbound:
        """Somebody writes, and all that it causes is delivered."""
        inbound = self.said(room, text, by=by, reply_to=reply_to)
        await self.take(inbound)
        return inbound

    async def delivered(self) -> None:
        """Deliver what is queued, and stop."""
        if self.world._running is None:
            self.world.start()
        await self.world.idle(time_passes=False)

    def texts(self, room: str) -> list[str]:
        """What we have shown in the room."""
        return self.world.net.texts(room)

    def remote(self, room: str, part: str) -> str:
        """The remote id of the last message shown in the room that has `part` in it."""
        return [remote for remote, text in self.world.net.shown[room] if part in text][-1]

    def choices(self, room: str) -> dict[str, str]:
        """The buttons shown last in the room: label to token."""
        found: dict[str, str] = {}
        for call in self.world.net.calls:
            offered = call.sending.payload.get("choices")
            if call.sending.room == room and isinstance(offered, dict):
                found = {label: str(token) for label, token in offered.items()}
        return found

    async def ledger(self) -> list[str]:
        """The codes of the record."""
        async with self.world.store.read() as uow:
            return [entry.code for entry in await uow.ledger.entries()]

    async def rows(self) -> list[OutboxRow]:
        """Every outbox row."""
        return list(await self.world.rows())


def choice(desk: Desk, room: str, label: str) -> str:
    """The token of the button with that label that was shown last in the room."""
    offered = [
        call.sending.payload.get("choices")
        for call in desk.world.net.calls
        if call.sending.room == room
    ]
    return [str(each[label]) for each in offered if isinstance(each, dict) and label in each][-1]
