"""Bridges: rooms that hear each other, made and left in the chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import UnitOfWork
from storage.tables import Bridge
from workflows.codes import new_code, read_code
from workflows.errors import Refusal
from workflows.text import _

CODE_LIFE = timedelta(hours=24)
"""How long a bridge's code opens it to further rooms."""

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class BridgeRooms:
    """A bridge with its rooms: (id, title) in the order in which they joined."""

    name: str
    rooms: tuple[tuple[str, str], ...]


async def create(
    uow: UnitOfWork, name: str, *, room: str, actor: str, now: datetime
) -> tuple[Bridge, str]:
    """A bridge with `room` in it and the code by which others join. Raises `Refusal`."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Refusal(
            "bridge-name",
            _(
                "A bridge's name has 1 to {limit} characters, such as North shore.",
                limit=LONGEST_NAME,
            ),
            argument="name",
        )
    if await uow.bridges.by_name(name) is not None:
        raise Refusal(
            "bridge-exists",
            _("There is a bridge called “{name}” already. Choose another name.", name=name),
            argument="name",
        )
    code = new_code()
    bridge = await uow.bridges.add(name, now, code=code, code_until=now + CODE_LIFE, by=actor)
    await uow.bridges.join(bridge, room, now, actor)
    await uow.seals.seal(room)
    await uow.ledger.append("bridge.made", now, actor=actor, room=room, name=name)
    return bridge, code


async def join(uow: UnitOfWork, typed: str, *, room: str, actor: str, now: datetime) -> BridgeRooms:
    """Put `room` into the bridge that the code opens. Raises `Refusal`."""
    code = read_code(typed)
    bridge = await uow.bridges.by_code(code)
    if bridge is None:
        raise Refusal(
            "bridge-code",
            _(
                "No bridge has the code {code}. /bridge new NAME in the other room shows one.",
                code=code,
            ),
            argument="code",
        )
    if bridge.code_until is not None and bridge.code_until < now:
        raise Refusal(
            "bridge-code-expired",
            _(
                "The code {code} is no longer valid. Type /bridge code in a room of the bridge "
                "for a new one.",
                code=code,
            ),
            argument="code",
        )
    if not await uow.bridges.join(bridge, room, now, actor):
        raise Refusal(
            "bridge-joined",
            _("This room is in the bridge “{name}” already.", name=bridge.name),
        )
    await uow.seals.seal(room)
    await uow.ledger.append("bridge.joined", now, actor=actor, room=room, name=bridge.name)
    return await _shown(uow, bridge)


async def renew_code(
    uow: UnitOfWork, *, room: str, name: str | None, actor: str, now: datetime
) -> tuple[Bridge, str]:
    """A new code for a bridge that `room` is in; the old one ends. Raises `Refusal`."""
    bridge = await _one_of(uow, room, name)
    bridge.code, bridge.code_until = new_code(), now + CODE_LIFE
    await uow.ledger.append("bridge.code", now, actor=actor, room=room, name=bridge.name)
    return bridge, bridge.code


async def leave(
    uow: UnitOfWork, *, room: str, name: str | None, actor: str, now: datetime
) -> BridgeRooms:
    """Take `room` out of its bridge; the rooms that stay. Raises `Refusal`."""
    bridge = await _one_of(uow, room, name)
    if bridge.configured:
        raise Refusal(
            "bridge-configured",
            _(
                "The bridge “{name}” is set in the configuration file. Change it there.",
                name=bridge.name,
            ),
        )
    await uow.bridges.leave(bridge, room)
    await uow.ledger.append("bridge.left", now, actor=actor, room=room, name=bridge.name)
    shown = await _shown(uow, bridge)
    if not shown.rooms:
        await uow.bridges.remove(bridge)
    return shown


async def listed(uow: UnitOfWork, *, room: str, everything: bool) -> list[BridgeRooms]:
    """The bridges of `room`, or all there are."""
    bridges = await uow.bridges.all() if everything else await uow.bridges.of_room(room)
    return [await _shown(uow, bridge) for bridge in bridges]


async def configure(uow: UnitOfWork, wanted: dict[str, tuple[str, ...]], *, now: datetime) -> None:
    """Make the configured bridges what the configuration says; others stay as they are."""
    for bridge in await uow.bridges.all():
        if bridge.configured and bridge.name not in wanted:
            await uow.bridges.remove(bridge)
    for name, rooms in wanted.items():
        bridge = await uow.bridges.by_name(name) or await uow.bridges.add(
            name, now, configured=True
        )
        bridge.configured = True
        assert bridge.id is not None
        for room in await uow.bridges.rooms(bridge.id):
            if room.id not in rooms:
                await uow.bridges.leave(bridge, room.id)
        for each in rooms:
            await uow.bridges.join(bridge, each, now, None)
            await uow.seals.seal(each)


async def _one_of(uow: UnitOfWork, room: str, name: str | None) -> Bridge:
    bridges = await uow.bridges.of_room(room)
    if name is not None:
        bridges = [bridge for bridge in bridges if bridge.name == " ".join(name.split())]
    if not bridges:
        raise Refusal(
            "bridge-none",
            _("This room is in no such bridge. /bridge list shows what there is."),
        )
    if len(bridges) > 1:
        raise Refusal(
            "bridge-which",
            _(
                "This room is in several bridges: {names}. Add the name of the one you mean.",
                names=tuple(bridge.name for bridge in bridges),
            ),
        )
    return bridges[0]


async def _shown(uow: UnitOfWork, bridge: Bridge) -> BridgeRooms:
    assert bridge.id is not None
    rooms = await uow.bridges.rooms(bridge.id)
    return BridgeRooms(bridge.name, tuple((room.id, room.title) for room in rooms))
