"""Bridges that join encrypted rooms with others: an administrator has to want that.

In an encrypted room only those in it can read what is said. A bridge to a room that is not
encrypted ends that, for the servers of both networks too; so nothing leaves such a room before it
is confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import UnitOfWork
from storage.queries.seals import Place
from storage.tables import Bridge
from workflows.errors import Refusal
from workflows.text import _


@dataclass(frozen=True, slots=True)
class Mixed:
    """A bridge that waits to be confirmed: its encrypted rooms, and those that are not, as
    (id, title)."""

    bridge_id: int
    name: str
    sealed: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    told_at: datetime | None
    """When people in it were told last."""

    @property
    def rooms(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(room for room, _title in (*self.sealed, *self.others))


async def waiting(uow: UnitOfWork, room: str | None = None) -> list[Mixed]:
    """The bridges that wait to be confirmed, of all or of one room."""
    bridges = await uow.seals.waiting()
    if room is not None:
        here = {bridge.id for bridge in await uow.bridges.of_room(room)}
        bridges = [bridge for bridge in bridges if bridge.id in here]
    found = [await _mixed(uow, bridge) for bridge in bridges]
    return [each for each in found if each is not None]


async def of_bridge(uow: UnitOfWork, name: str) -> Mixed | None:
    """The bridge of that name, if it waits to be confirmed."""
    bridge = await uow.bridges.by_name(name)
    return None if bridge is None else await _mixed(uow, bridge)


async def confirm(
    uow: UnitOfWork, *, room: str, name: str | None, actor: str, now: datetime
) -> Mixed:
    """Let what is written in a bridge's encrypted rooms into its others. Raises `Refusal`."""
    found = await waiting(uow, room)
    if name is not None:
        found = [each for each in found if each.name == " ".join(name.split())]
    if not found:
        raise Refusal(
            "bridge-unmixed",
            _("No bridge of this room waits to be confirmed. /bridge list shows what there is."),
        )
    if len(found) > 1:
        raise Refusal(
            "bridge-which",
            _(
                "This room is in several bridges: {names}. Add the name of the one you mean.",
                names=tuple(each.name for each in found),
            ),
        )
    (mixed,) = found
    await uow.seals.confirm(mixed.bridge_id, now, actor)
    await uow.ledger.append(
        "bridge.confirmed",
        now,
        actor=actor,
        room=room,
        name=mixed.name,
        rooms=[each for each, _title in mixed.sealed],
    )
    return mixed


async def _mixed(uow: UnitOfWork, bridge: Bridge) -> Mixed | None:
    assert bridge.id is not None
    places = await uow.seals.rooms(bridge.id)
    sealed = _titled([place for place in places if place.sealed])
    others = _titled([place for place in places if not place.encrypted])
    if not sealed or not others:
        return None
    told = [place.told_at for place in places if place.sealed and place.told_at is not None]
    return Mixed(bridge.id, bridge.name, sealed, others, max(told, default=None))


def _titled(places: Sequence[Place]) -> tuple[tuple[str, str], ...]:
    return tuple((place.room, place.title or place.room) for place in places)
