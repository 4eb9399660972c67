"""The safety message, hazards and the communications plan as people type and read them."""

from __future__ import annotations

import pytest

from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import declared, last
from workflows.briefings.comms import fields
from workflows.briefings.safety import hazard_fields
from workflows.incidents.replay import replay


@pytest.fixture
async def leak(each_desk: Desk) -> Desk:
    """An incident in a Chinese and an English room, whose commander Li is."""
    await declared(each_desk)
    return each_desk


async def test_the_safety_message_is_told_everywhere_and_the_newest_one_holds(leak: Desk) -> None:
    await leak.say(A, "/安全 公路以北必须佩戴空气呼吸器，禁止明火")
    assert "公路以北必须佩戴空气呼吸器，禁止明火" in last(leak, B)
    assert "Safety message" in last(leak, B)
    assert "安全须知" in last(leak, A)
    await leak.say(A, "/safety No entry under the bridge")
    await leak.say(B, "/safety")
    assert "No entry under the bridge" in last(leak, B)
    assert "公路以北" not in last(leak, B)
    await leak.say(A, "/safety No entry under the bridge")
    assert "已经" in last(leak, A)


async def test_hazards_are_reported_mitigated_and_over(leak: Desk) -> None:
    await leak.say(B, "/safety hazard Gas under the bridge area=north shore", by="han")
    assert "H1 Gas under the bridge · Area: north shore" in last(leak, B)
    assert "nothing is done about it yet" in last(leak, B)
    await leak.say(A, "/安全 处置 H1 禁止进入")
    assert "Mitigation: 禁止进入" in last(leak, B)
    await leak.say(A, "/安全 解除 H1 检测无燃气")
    assert "检测无燃气" in last(leak, B)
    await leak.say(B, "/safety")
    assert "No hazard is reported" in last(leak, B)
    await leak.say(A, "/安全 解除 H1")
    assert "H1" in last(leak, A)
    assert (await leak.ledger()).count("hazard.over") == 1


async def test_who_answers_for_neither_safety_nor_command_does_not_set_the_message(
    leak: Desk,
) -> None:
    await leak.say(B, "/safety all is well", by="han")
    assert "Safety Officer" in last(leak, B)
    assert "safety.said" not in await leak.ledger()


async def test_a_channel_is_added_changed_and_dropped(leak: Desk) -> None:
    await leak.say(
        A,
        "/通信 添加 指挥1 分区=1 频道=4 用途=指挥 使用者=指挥部 接收=150.775 接收亚音=88.5 "
        "发射=7050 kHz 模式=模拟",
    )
    shown = last(leak, B)
    assert "C1 指挥1 · zone 1 · channel 4 · function: 指挥 · for 指挥部" in shown
    assert "RX 150.7750 MHz (88.5) · TX 7.0500 MHz · analog" in shown
    await leak.say(A, "/comms set C1 tx=155.7625")
    assert "TX 155.7625 MHz" in last(leak, B)
    await leak.say(A, "/通信 停用 C1 受干扰")
    await leak.say(B, "/comms")
    assert "It is empty" in last(leak, B)


@pytest.mark.parametrize("typed", ["0", "-5", "9999 GHz", "loud", "150.7750001", "1 Hz"])
async def test_what_is_no_frequency_is_refused_with_an_example(leak: Desk, typed: str) -> None:
    await leak.say(B, f"/comms add Command 1 rx={typed}")
    assert "150.775" in last(leak, B)
    assert "comms.added" not in await leak.ledger()


async def test_the_ledger_alone_gives_the_same_hazards_and_channels(leak: Desk) -> None:
    await leak.say(A, "/安全 险情 桥下有燃气聚集 措施=禁止进入")
    await leak.say(A, "/安全 解除 H1 检测无燃气")
    await leak.say(A, "/通信 添加 指挥1 接收=150.775")
    await leak.say(A, "/通信 修改 C1 备注=经山顶中继")
    async with leak.world.store.read() as uow:
        things = replay(await uow.ledger.entries())
        (hazard,) = await uow.safety.hazards(1)
        (line,) = await uow.comms.lines(1)
    assert things["I1-H1"] == hazard_fields(hazard)
    assert things["I1-C1"] == fields(line)
