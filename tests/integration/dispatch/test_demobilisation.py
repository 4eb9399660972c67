"""Units go home once what they owe is signed, as those who sign and release see it."""

from __future__ import annotations

from tests.integration.dispatch.desk import A, B, Desk, choice
from tests.integration.dispatch.test_incidents import last
from tests.integration.dispatch.test_resources import card, flood
from workflows.incidents.replay import replay
from workflows.resources.demobilisation import fields

__all__ = ("flood",)


async def test_a_unit_is_released_only_when_every_ticked_box_is_signed(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 排水车1号 种类=排水车")
    await flood.say(A, "/角色 任命 supply Han")
    await flood.say(A, "/资源 释放 U1")
    assert "/资源 撤收 U1" in last(flood)
    await flood.say(A, "/资源 撤收 U1 时间=18:00 去向=原驻地 签认项=物资,工时 原因=未驻营")
    assert "☐ Supply Unit: what was issued is returned — to be signed by Han" in last(flood, B)
    assert "☐ Time Unit: hours are settled — to be signed by Li" in last(flood, B)
    assert "Facilities" not in last(flood, B)
    await flood.say(A, "/资源 释放 U1")
    assert "物资单元" in last(flood)
    await flood.say(B, "/resource sign U1 time", by="han")
    assert "That is signed by Li" in last(flood, B)
    await flood.say(B, "/resource sign U1 supply all returned", by="han")
    assert "☑ Supply Unit: what was issued is returned — signed by Han" in last(flood, B)
    await flood.say(B, "/resource sign U1 supply", by="han")
    assert "signed that" in last(flood, B)
    await flood.take(flood.pressed(A, choice(flood, A, "工时单元：工时已核定")))
    await flood.take(flood.pressed(A, choice(flood, A, "归建")))
    assert "⚪ U1" in card(flood, 1)
    assert "Li released U1 排水车1号" in last(flood, B)
    await flood.say(B, "/resource list")
    assert "There is no such unit" in last(flood, B)


async def test_a_unit_cannot_take_away_what_has_to_be_signed_for_it(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 排水车1号 种类=排水车 负责人=Han")

    async def ticked() -> set[str]:
        async with flood.world.store.read() as uow:
            (resource,) = await uow.resources.all(1)
            assert resource.id is not None
            return {each.code for each in await uow.resources.boxes(resource.id) if each.ticked}

    await flood.say(B, "/resource demob U1 boxes=supply", by="han")
    usual = await ticked()
    assert {"supply", "time"} < usual
    await flood.say(B, "/resource demob U1 boxes=time", by="han")
    assert await ticked() == usual
    before = await flood.ledger()
    await flood.say(B, "/resource demob U1 boxes=time reason=in a hurry", by="han")
    assert "Only the Incident Commander or a deputy" in last(flood, B)
    assert (await ticked(), await flood.ledger()) == (usual, before)
    await flood.say(A, "/资源 撤收 U1 签认项=工时")
    assert await ticked() == usual
    await flood.say(A, "/资源 撤收 U1 签认项=工时 原因=未领用物资")
    assert await ticked() == {"time"}
    async with flood.world.store.read() as uow:
        entry = [e for e in await uow.ledger.entries() if e.code == "resource.demob-changed"][-1]
        assert entry.params["reason"] == "未领用物资"
        assert "supply" in entry.params["unticked"]


async def test_only_command_releases_what_is_not_signed_and_says_why(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 排水车1号 种类=排水车")
    await flood.say(A, "/角色 任命 operations Han")
    await flood.say(B, "/resource demob U1", by="li")
    await flood.say(B, "/resource release U1 override=needed at home", by="han")
    assert "Only the Incident Commander or a deputy" in last(flood, B)
    await flood.say(A, "/资源 释放 U1 强制=本地急需")
    assert "⚪ U1" in card(flood, 1)
    assert "Reason: 本地急需" in card(flood, 1)
    async with flood.world.store.read() as uow:
        again = replay(await uow.ledger.entries())
        resource = (await uow.resources.all(1))[0]
        assert resource.id is not None
        checkout = await uow.resources.checkout(resource.id)
        assert checkout is not None
        assert checkout.override == "本地急需"
        assert again["I1-checkout 1"] == fields(checkout, await uow.resources.boxes(resource.id))


async def test_a_unit_at_a_task_or_with_goods_aboard_does_not_go_home(flood: Desk) -> None:
    await flood.say(A, "/资源 新建 运输一队 种类=运输车队")
    await flood.say(A, "/资源 分派 U1 运沙袋")
    await flood.say(A, "/资源 释放 U1 强制=本地急需")
    assert "/资源 收回 U1" in last(flood)
    await flood.say(A, "/资源 撤收 U1 签认项=沙袋")
    assert "没有“沙袋”" in last(flood)
