"""What stories about briefings share: who is there, what is shown, time that goes by."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import declared


async def ready(desk: Desk) -> Desk:
    """An incident that Li commands in a Chinese and an English room; Han is its safety officer."""
    await declared(desk)
    await desk.say(A, "/角色 任命 安全官 Han")
    return desk


def briefings(desk: Desk, room: str = B) -> list[str]:
    """The briefings as the room shows them now."""
    return [text for text in desk.texts(room) if text.startswith("📋 ")]


async def until(desk: Desk, moment: datetime) -> None:
    """Time goes by to a moment, and all that is due on the way rings at its own time."""
    while True:
        async with desk.world.store.read() as uow:
            following = await uow.timers.next()
        if following is None or following > moment:
            break
        desk.world.moment = max(desk.world.moment, following)
        await desk.clock.ring()
    desk.world.moment = moment
    await desk.clock.ring()
    await desk.delivered()


async def asleep(desk: Desk, moment: datetime) -> None:
    """Nothing runs until that moment; then the process starts again."""
    desk.world.moment = moment
    desk.restart()
    await desk.clock.ring()
    await desk.delivered()


def at(desk: Desk, hours: float) -> datetime:
    """So many hours from now."""
    return desk.world.moment + timedelta(hours=hours)
