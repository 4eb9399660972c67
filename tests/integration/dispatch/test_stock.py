"""Stock as people in two rooms keep it: what comes, goes, is counted and is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import declared, last
from workflows.incidents.replay import replay
from workflows.shelf import Shelf
from workflows.stock.service import BOOK


@pytest.fixture
async def store(each_desk: Desk) -> Desk:
    """An incident of two agencies; 消防 has a depot with 100 tents of two batches."""
    desk = await declared(each_desk)
    await desk.say(A, "/库存 仓库新建 北岸物资库 位置=38.9140, 121.6147 单位=消防")
    await desk.say(A, "/库存 入库 60顶 帐篷 库=D1 批号=B7 有效期=2027-06-30 分类=1")
    await desk.say(A, "/库存 入库 40顶 帐篷 库=D1 批号=A2 有效期=2026-09-30")
    return desk


async def sums(desk: Desk) -> dict[str, int]:
    """What is where, in whole pieces, without what came from outside."""
    async with desk.world.store.read() as uow:
        found: dict[str, int] = {}
        total = 0
        for each in await uow.stock.held():
            total += each.milli
            if each.sort != "outside":
                place = f"{each.sort}:{each.number}"
                found[place] = found.get(place, 0) + each.milli // 1000
    assert total == 0
    return found


async def test_new_stock_is_told_in_each_language(store: Desk) -> None:
    assert "D1 北岸物资库：入库帐篷40顶，现有100顶" in last(store, A)
    assert "D1 北岸物资库: 40 tents of 帐篷 added, 100 tents there now." in last(store, B)
    await store.say(B, "/stock list D1")
    assert "good until 2026-09-30" in last(store, B)
    assert "38.91400, 121.61470" in last(store, B)
    await store.say(B, "/stock list 帐篷")
    assert "Class 1: Basic living supplies" in last(store, B)


async def test_what_expires_first_is_taken_and_the_timeline_says_so(store: Desk) -> None:
    await store.say(B, "/stock take 50 帐篷 from D1", by="li")
    assert "50 tents of 帐篷: D1 北岸物资库 → on scene. 50 tents left there." in last(store, B)
    assert "40 tents: batch A2" in last(store, B)
    assert await sums(store) == {"depot:1": 50, "scene:1": 50}
    async with store.world.store.read() as uow:
        kinds = [each.kind for each in await uow.timeline.entries(1)]
    assert kinds.count("stock.noted") == 1


async def test_without_a_depot_each_is_offered_and_a_tap_takes(store: Desk) -> None:
    await store.say(A, "/库存 仓库新建 南库 单位=消防")
    await store.say(A, "/库存 入库 5顶 帐篷 库=南库 有效期=2026-08-30")
    await store.say(A, "/库存 出库 3顶 帐篷")
    assert list(store.choices(A)) == ["D2 南库", "D1 北岸物资库"]
    await store.take(store.pressed(A, store.choices(A)["D2 南库"]))
    assert await sums(store) == {"depot:1": 100, "depot:2": 2, "scene:1": 3}


async def test_things_come_back_and_no_more_than_went(store: Desk) -> None:
    await store.say(A, "/库存 出库 10顶 帐篷 从=D1")
    await store.say(A, "/库存 还库 4顶 帐篷 库=D1 状况=待修")
    assert await sums(store) == {"depot:1": 94, "scene:1": 6}
    await store.say(A, "/库存 还库 7顶 帐篷 库=D1")
    assert "只有6顶" in last(store)
    await store.say(A, "/库存 出库 94顶 帐篷 从=D1")
    assert "状况" in last(store)
    assert await sums(store) == {"depot:1": 94, "scene:1": 6}


async def test_a_count_that_differs_is_explained_before_the_books_change(store: Desk) -> None:
    await store.say(A, "/库存 盘点 97 帐篷 库=D1")
    assert "少了3顶" in last(store)
    assert await sums(store) == {"depot:1": 100}
    await store.take(store.pressed(A, store.choices(A)["损坏或损耗"]))
    assert await sums(store) == {"depot:1": 97, "lost:0": 3}
    await store.say(A, "/库存 盘点 99 帐篷 库=D1 原因=货架后发现两顶")
    assert await sums(store) == {"depot:1": 99, "lost:0": 3}
    await store.say(A, "/库存 盘点 99 帐篷 库=D1")
    assert "账实相符" in last(store)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/stock take 101 帐篷 from D1", "There is only 100 tents of 帐篷 there, not 101"),
        ("/stock take 0 帐篷 from D1", "A quantity is more than zero"),
        ("/stock take -5 帐篷 from D1", "-5"),
        ("/stock take 1.5 帐篷 from D1", "no part of a piece"),
        ("/stock take 3箱 帐篷 from D1", "does not convert"),
        ("/stock take 99999999999999 帐篷 from D1", "more than can be meant"),
        ("/stock take 3 帐蓬 from D1", "Did you mean 帐篷?"),
        ("/stock take 3 直升机 from D1", "There is no “直升机” in stock"),
        ("/stock take 3 帐篷 from D9", "There is no depot “D9”"),
        ("/stock take 3 帐篷 from D1 to lost", "Say what became of it"),
        ("/stock add 3 水 at D1 expiry=2027-02-30", "is no date"),
        ("/stock add 3 水 at D1 class=7", "There is no class “7”"),
        ("/stock move 3 帐篷 from D1 to D1", "Nothing goes from"),
        ("/stock depot close D1", "still holds 帐篷"),
    ],
)
async def test_bad_input_is_answered_and_changes_nothing(
    store: Desk, typed: str, answer: str
) -> None:
    await store.say(B, typed)
    assert answer in last(store, B)
    assert await sums(store) == {"depot:1": 100}


async def test_what_has_expired_is_named_as_such_and_not_counted_on(store: Desk) -> None:
    await store.say(B, "/stock add 5 帐篷 at D1 batch=X1 expiry=2020-01-01")
    assert "105 tents there now" in last(store, B)
    assert "5 tents: batch X1, ⛔ expired, good until 2020-01-01" in last(store, B)
    await store.say(A, "/库存 列表 帐篷")
    assert "批号X1，⛔ 已过期，有效期至2020-01-01" in last(store, A)
    await store.say(B, "/stock take 101 帐篷 from D1")
    assert "Only 100 tents of 帐篷 can be taken there, not 101 tents: the rest" in last(store, B)
    await store.say(B, "/stock take 106 帐篷 from D1")
    assert "not 106 tents; 5 tents more is expired or not in good condition" in last(store, B)
    await store.say(B, "/stock take 41 帐篷 from D1 batch=A2")
    assert "There is only 40 tents of 帐篷, batch A2, there, not 41 tents." in last(store, B)


async def test_another_agencys_stock_is_not_mine_to_move(store: Desk) -> None:
    await store.say(B, "/stock take 3 帐篷 from D1", by="han")
    assert "That is 消防's stock" in last(store, B)
    await store.say(B, "/stock take 3 帐篷 from D1", by="wang")
    assert "Only people of an agency" in last(store, B)
    await store.say(A, "/角色 任命 后勤部部长 Han")
    await store.say(B, "/stock take 3 帐篷 from D1", by="han")
    assert await sums(store) == {"depot:1": 97, "scene:1": 3}


async def test_a_depot_is_moved_on_the_map_by_its_own_people(store: Desk) -> None:
    await store.say(B, "/stock depot set D1 place=39.0, 121.7 contact=Zhao 110", by="li")
    assert "39.00000, 121.70000" in last(store, B)
    assert "Zhao 110" in last(store, B)
    await store.say(B, "/stock depot set D1 agency=水务", by="han")
    assert "That is 消防's stock" in last(store, B)
    await store.say(B, "/stock depot set D1", by="li")
    assert "Say what is to be changed" in last(store, B)


async def test_a_name_that_could_be_a_slip_is_asked_about(store: Desk) -> None:
    await store.say(A, "/库存 入库 5顶 帐蓬 库=D1 批号=C1")
    assert list(store.choices(A)) == ["帐篷", "“帐蓬”是新物资"]
    await store.take(store.pressed(A, store.choices(A)["帐篷"]))
    assert await sums(store) == {"depot:1": 105}
    await store.say(A, "/库存 入库 5顶 帐蓬 库=D1 新品=是")
    async with store.world.store.read() as uow:
        assert sorted(each.name for each in (await uow.stock.kinds()).values()) == ["帐篷", "帐蓬"]


async def test_a_depot_of_two_words_is_named_in_a_line_a_form_and_behind_a_button(
    store: Desk,
) -> None:
    await store.say(B, "/stock depot new North depot agency=消防", by="li")
    await store.say(B, "/stock add 12 帐篷 at North depot", by="li")
    assert (await sums(store))["depot:2"] == 12
    await store.say(B, "/stock add 3 帐篷", by="li")
    await store.say(B, "North depot", by="li")
    assert (await sums(store))["depot:2"] == 15
    await store.say(
        B, '/stock add 5 帐蓬 at North depot batch="B 7" reason="to=scene later"', by="li"
    )
    await store.take(store.pressed(B, store.choices(B)["帐篷"], by="li"))
    assert (await sums(store))["depot:2"] == 20


async def test_units_packs_and_names_of_a_kind(store: Desk) -> None:
    await store.say(B, "/stock kind 矿泉水 unit=bottle pack=24/box also=water class=1", by="li")
    assert "One box holds 24 bottles." in last(store, B)
    await store.say(B, "/stock add 10 boxes water at D1", by="li")
    await store.say(B, "/stock take 1 bottle waters from D1", by="li")
    assert "1 bottle of 矿泉水" in last(store, B)
    assert "239 bottles left there" in last(store, B)


async def test_capacity_stands_beside_the_stock_and_adds_to_no_sum(store: Desk) -> None:
    await store.say(B, "/stock capacity add production 30 帐篷 per=90min agency=消防")
    assert "in whole hours" in last(store, B)
    await store.say(A, "/库存 能力登记 生产 500顶 帐篷 每=24小时 准备=4小时 单位=消防")
    await store.say(B, "/stock capacity")
    assert "makes 帐篷" in last(store, B)
    assert "500 tents in 24 h" in last(store, B)
    assert await sums(store) == {"depot:1": 100}
    await store.say(A, "/库存 能力注销 1")
    await store.say(B, "/stock capacity")
    assert "None is known yet" in last(store, B)


async def test_batches_are_announced_before_they_are_over_each_time_once(store: Desk) -> None:
    def announced() -> list[str]:
        return [text for text in store.texts(A) if "临期库存" in text]

    async def ring(days: int) -> None:
        store.world.moment += timedelta(days=days)
        await store.clock.ring()
        await store.delivered()

    await ring(0)
    assert announced() == []
    await ring(44)  # 30 days before 2026-09-30
    assert "批号A2" in announced()[-1]
    assert "剩余30天" in announced()[-1]
    await ring(1)
    assert len(announced()) == 1
    await ring(31)
    assert "已过期" in announced()[-1]
    await ring(5)
    assert len(announced()) == 2
    await store.say(B, "/stock expiring")
    assert "batch A2" in last(store, B)
    await store.say(B, "/stock take 61 帐篷 from D1", by="li")
    assert "the rest is expired" in last(store, B)


async def test_a_broken_file_of_thresholds_ends_no_announcement(
    store: Desk, tmp_path: Path
) -> None:
    """Ours hold until it is mended."""
    (tmp_path / "stock.toml").write_text('warn_days = ["soon"]', "utf-8")
    (tmp_path / "units.toml").write_text("unit = 5", "utf-8")
    store.means = replace(store.means, shelf=Shelf(tmp_path))
    for days in (0, 44):
        store.world.moment += timedelta(days=days)
        await store.clock.ring()
        await store.delivered()
    assert [text for text in store.texts(A) if "临期库存" in text and "剩余30天" in text]


async def test_the_ledger_replays_to_what_is_where(store: Desk) -> None:
    await store.say(A, "/库存 出库 10顶 帐篷 从=D1")
    await store.say(A, "/库存 报损 3顶 帐篷 库=D1 原因=屋顶漏水")
    async with store.world.store.read() as uow:
        book = replay(await uow.ledger.entries())[BOOK]
        held = {f"{e.sort}:{e.number}/{e.lot_id}": e.milli for e in await uow.stock.held()}
        assert await uow.ledger.first_bad() is None
    assert {place: milli for place, milli in book.items() if milli} == held


async def test_the_history_says_who_and_why(store: Desk) -> None:
    await store.say(A, "/库存 出库 2顶 帐篷 从=D1 去向=损失 原因=运输受潮")
    await store.say(B, "/stock history 帐篷")
    assert "2 tents of 帐篷, D1 北岸物资库 → lost" in last(store, B)
    assert "Reason: 运输受潮" in last(store, B)
