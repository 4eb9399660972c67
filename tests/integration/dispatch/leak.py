"""A pipeline leak that was declared: people of two agencies in two rooms."""

from __future__ import annotations

from collections.abc import Sequence

from storage.tables import TimelineEntry
from tests.integration.dispatch.desk import A, Desk

TITLE = "3号阀室泄漏"


async def declared(desk: Desk) -> Desk:
    """A Chinese and an English room; Li of 消防 commands, Han is of 水务, Wang of none."""
    await desk.bridge("leak", a="zh", b="en")
    await belongs(desk, "Li", "消防")
    await belongs(desk, "Han", "水务")
    await desk.say(A, f"/事件 新建 {TITLE} 类型=管道 等级=III 地点=北岸")
    return desk


async def belongs(desk: Desk, name: str, agency: str) -> None:
    """That person belongs to the agency, which is there."""
    await desk.say(A, f"/单位 新建 {agency}", by="admin")
    await desk.say(A, f"/单位 加入 {agency}", by=name.lower())
    await desk.say(A, f"/单位 批准 {name}", by="admin")


def last(desk: Desk, room: str = A) -> str:
    """What the room was told last."""
    return desk.texts(room)[-1]


async def timeline(desk: Desk, kind: str = "") -> Sequence[TimelineEntry]:
    """The entries of the first incident, those of a kind."""
    async with desk.world.store.read() as uow:
        return await uow.timeline.entries(1, kinds=(kind,) if kind else ())
