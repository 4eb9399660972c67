"""Rooms of an incident's own: opened beside those where it was declared, bridged at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.opening import Opening
from bot.transports.base import AnswerLost, Rejected, Unreachable
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import belongs, last
from workflows.incidents.opening import TIMER

NEW = "/事件 新建 阀室泄漏 频道=是"


@pytest.fixture
async def pair(desk: Desk) -> Desk:
    """Two rooms in a bridge, and Li, who belongs to an agency."""
    await desk.bridge("leak", a="zh", b="en")
    await belongs(desk, "Li", "消防")
    return desk


async def open_rooms(desk: Desk) -> None:
    """What is wished for by now is asked of the network."""
    opening = Opening(desk.world.store, desk.world.post)
    clock = Clock(desk.world.store, {TIMER: opening.ring}, lambda: desk.world.moment)
    await clock.ring()
    await asyncio.gather(*opening.under_way.values())
    await desk.delivered()


async def own(desk: Desk) -> dict[str, str]:
    """The rooms of the incident's own, by the room beside which each was wished for."""
    async with desk.world.store.read() as uow:
        return {each.beside: each.room or "" for each in await uow.wishes.of_incident(1)}


async def test_a_room_is_opened_beside_each_and_they_are_bridged_at_once(pair: Desk) -> None:
    await pair.say(A, NEW)
    await open_rooms(pair)
    rooms = await own(pair)
    assert pair.world.net.opened[0] == (A, "I1 阀室泄漏", ("loopback:li",))
    assert "总指挥：Li" in last(pair, rooms[A])
    assert "Incident Commander: Li" in last(pair, rooms[B])
    assert "room of its own" in last(pair, B)
    await pair.say(rooms[A], "阀门已关")
    assert last(pair, rooms[B]) == "Li: 阀门已关"
    assert "Li: 阀门已关" not in pair.texts(B)
    await pair.say(rooms[B], "/log valve shut")
    assert "valve shut [L" in last(pair, rooms[B])
    await pair.say(A, "/事件 启动")
    assert any("State: active" in text for text in pair.texts(rooms[B]))


async def test_a_tap_on_the_card_opens_them_and_a_second_one_opens_no_more(pair: Desk) -> None:
    await pair.say(A, "/事件 新建 阀室泄漏")
    token = pair.choices(A)["专用频道"]
    await pair.take(pair.pressed(A, token))
    await open_rooms(pair)
    await pair.take(pair.pressed(A, token))
    assert "已有专用频道" in last(pair, A)
    await open_rooms(pair)
    assert len(pair.world.net.opened) == 2


async def test_where_there_can_be_none_the_room_itself_takes_part(pair: Desk) -> None:
    pair.world.net.unopened.append(Rejected("no topics"))
    await pair.say(A, NEW)
    await open_rooms(pair)
    rooms = await own(pair)
    (taking_part,) = [room for room, opened in rooms.items() if not opened]
    (other,) = [opened for opened in rooms.values() if opened]
    assert any("no topics" in text for text in pair.texts(taking_part))
    await pair.say(other, "valve shut", by="han")
    assert last(pair, taking_part) == "Han: valve shut"


@pytest.mark.parametrize("fault", [Unreachable("down"), AnswerLost("gone")])
async def test_a_network_that_is_down_is_asked_again_and_makes_one_room(
    pair: Desk, fault: Exception
) -> None:
    """The same key gives the same room."""
    pair.world.net.unopened.append(fault)
    await pair.say(A, NEW)
    await open_rooms(pair)
    assert "" in (await own(pair)).values()
    pair.world.moment += timedelta(minutes=1)
    await open_rooms(pair)
    assert all((await own(pair)).values())


async def test_where_asking_again_could_make_a_second_one_it_is_not_asked_again(
    pair: Desk,
) -> None:
    pair.world.net.reopens = False
    pair.world.net.unopened += [AnswerLost("gone"), AnswerLost("gone")]
    await pair.say(A, NEW)
    await open_rooms(pair)
    pair.world.moment += timedelta(minutes=1)
    await open_rooms(pair)
    assert len(pair.world.net.opened) == 2
    assert any("answer was lost" in text for text in pair.texts(A))


async def test_only_command_opens_rooms_and_only_in_a_group(pair: Desk) -> None:
    await pair.say(A, "/事件 新建 阀室泄漏")
    await pair.say(B, "/incident room", by="han")
    assert "Only the Incident Commander or a deputy" in last(pair, B)
