"""Requests that are met from our own depots: the stock moves with them, step by step."""

from __future__ import annotations

import pytest

from tests.integration.dispatch.desk import A, B, Desk, choice
from tests.integration.dispatch.test_incidents import last
from tests.integration.dispatch.test_requests import card, ready
from tests.integration.dispatch.test_stock import sums


@pytest.fixture
async def flood(each_desk: Desk) -> Desk:
    """Li's depot has five trucks and 100 m of boom; he asked for three and a second line."""
    await ready(each_desk)
    await each_desk.say(A, "/库存 仓库新建 北岸库 位置=38.9140, 121.6147 单位=消防", by="li")
    await each_desk.say(A, "/库存 入库 5辆 抢修车 库=D1", by="li")
    await each_desk.say(A, "/库存 入库 100米 围油栏 库=D1", by="li")
    await each_desk.say(A, "/需求 3辆 抢修车 送到=3号阀室\n0.05千米 围油栏", by="li")
    await each_desk.say(A, "/需求 批准 R1", by="han")
    return each_desk


async def test_what_a_depot_promised_is_followed_until_it_is_back(flood: Desk) -> None:
    await flood.say(A, "/需求 承诺 R1 仓库=D1", by="li")
    assert "from D1 北岸库" in card(flood, 1)
    assert await sums(flood) == {"depot:1": 52, "promised:1": 53}
    await flood.say(A, "/需求 撤回 R1 0.01千米 批=2", by="li")
    await flood.say(A, "/需求 发运 R1", by="li")
    assert await sums(flood) == {"depot:1": 62, "transit:1": 43}
    await flood.say(A, "/需求 到达 R1", by="anna")
    await flood.say(A, "/需求 验收 R1 2辆 批=1 损坏=1", by="anna")
    await flood.say(A, "/需求 验收 R1 批=2 短缺=10米", by="anna")
    assert await sums(flood) == {"depot:1": 62, "scene:1": 33, "lost:1": 10}
    await flood.say(A, "/需求 消耗 R1 20米 批=2", by="anna")
    await flood.say(A, "/需求 报失 R1 1辆 批=1 原因=落入河中", by="anna")
    assert await sums(flood) == {"depot:1": 62, "scene:1": 12, "used:1": 20, "lost:1": 11}
    await flood.say(A, "/需求 归还 R1", by="anna")
    await flood.say(A, "/需求 归还 R1", by="anna")
    assert await sums(flood) == {"depot:1": 74, "used:1": 20, "lost:1": 11}
    async with flood.world.store.read() as uow:
        held = await uow.stock.held(sort="depot", number=1)
        assert sorted((each.condition, each.milli) for each in held) == [
            ("broken", 1000), ("good", 3000), ("good", 70000),
        ]  # fmt: skip


async def test_a_depot_gives_no_more_than_it_has_and_nothing_is_promised_then(flood: Desk) -> None:
    await flood.say(A, "/需求 9辆 抢修车 送到=北门", by="li")
    await flood.say(A, "/需求 批准 R2", by="han")
    before = await flood.ledger()
    await flood.say(B, "/request commit R2 depot=D1", by="li")
    assert "There is only 5" in last(flood, B)
    await flood.say(B, "/request commit R2 1 depot=D1", by="wang")
    assert "That is 消防's stock" in last(flood, B)
    await flood.say(B, "/request commit R2 1 depot=D7", by="li")
    assert "D7" in last(flood, B)
    assert await flood.ledger() == before


async def test_two_who_take_the_last_at_once_do_not_both_get_it(flood: Desk) -> None:
    await flood.say(A, "/需求 5辆 抢修车 送到=北门", by="li")
    await flood.say(A, "/需求 批准 R2", by="han")
    await flood.say(A, "/需求 承诺 R2 5辆 仓库=D1", by="li")
    await flood.say(B, "/request commit R1 3 line=1 depot=D1", by="han")
    assert "no 抢修车" in last(flood, B)
    assert await sums(flood) == {"depot:1": 100, "promised:1": 5}


async def test_a_kind_that_no_depot_knows_is_answered_with_the_nearest(flood: Desk) -> None:
    await flood.say(A, "/需求 2 抢险车", by="li")
    assert any("没有仓库登记过“抢险车”。是指抢修车吗？" in text for text in flood.texts(A))
    assert not any("No depot knows" in text for text in flood.texts(B))
    token = choice(flood, A, "改为抢修车")
    await flood.say(A, "/需求 3 抢险车", by="wang")
    await flood.say(A, "/需求 批准 R3", by="han")
    await flood.say(B, "/request commit R3 depot=D1", by="li")
    assert "Did you mean 抢修车?" in last(flood, B)
    await flood.take(flood.pressed(A, token, by="li"))
    assert "2. 2 抢修车 · instead of line 1" in card(flood, 2)


async def test_what_was_reserved_from_the_nearest_by_a_tap_moves_with_the_request(
    flood: Desk,
) -> None:
    await flood.say(A, "/事件 地点 38.92, 121.62", by="han")
    await flood.take(flood.pressed(B, choice(flood, B, "Nearest stock"), by="li"))
    assert "北岸库" in last(flood, B)
    await flood.say(B, "/stock reserve 2 抢修车 from=D1 request=R1 line=1", by="li")
    assert "2 promised" in card(flood, 1)
    await flood.say(B, "/request ship R1", by="li")
    assert (await sums(flood))["transit:1"] == 2
    await flood.say(B, "/request cancel R1", by="li")
    await flood.say(B, "/request arrive R1", by="li")
    await flood.say(B, "/request accept R1", by="anna")
    await flood.say(B, "/request return R1", by="anna")
    assert await sums(flood) == {"depot:1": 105}


async def test_what_is_promised_counts_and_what_is_missing_is_never_taken_from_it(
    flood: Desk,
) -> None:
    await flood.say(A, "/需求 承诺 R1 仓库=D1", by="li")
    before = await sums(flood)
    assert before["promised:1"] > 0
    await flood.say(A, "/库存 盘点 5辆 抢修车 库=D1", by="li")
    assert "账实相符" in last(flood)
    await flood.say(A, "/库存 盘点 0辆 抢修车 库=D1 原因=不见", by="li")
    assert "I1-R1" in last(flood)
    assert await sums(flood) == before
    await flood.say(A, "/库存 盘点 4辆 抢修车 库=D1 原因=丢失", by="li")
    assert "已承诺" in last(flood)
    after = await sums(flood)
    assert after["promised:1"] == before["promised:1"]
    assert after["depot:1"] == before["depot:1"] - 1


async def test_the_story_of_a_request_tells_stock_with_its_unit_and_place(flood: Desk) -> None:
    await flood.say(A, "/需求 承诺 R1 仓库=D1", by="li")
    await flood.say(A, "/需求 费用 R1 300 项=1", by="li")
    await flood.say(B, "/audit show R1", by="li")
    shown = last(flood, B)
    assert "approved for the section: Han" in shown
    assert "quantity: 50 m" in shown
    assert "围油栏, depot 1: 50 m" in shown
    assert "围油栏, reserved 1: 50 m" in shown
    for raw in ("000\n", "depot:1", "promised:1", "steps", "{'"):
        assert raw not in shown, raw
