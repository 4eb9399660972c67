"""A flood with three depots and a convoy that breaks down, on three networks.

The fire brigade writes on Telegram and commands; the environment bureau reads English on Matrix and
waits for sandbags; 韩梅梅 drives.
"""

from __future__ import annotations

import re
import secrets
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.operation.ledger_verifier import first_bad, read_lines
from tests.acceptance.places import MatrixPlace, TelegramPlace
from tests.acceptance.test_pipeline_leak import lianzhi
from tests.servers.synapse import Homeserver, Synapse
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCENE = (31.2304, 121.4737)
CODE = re.compile(r"/交接 ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})")


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def flooded(
    tmp_path_factory: pytest.TempPathFactory, synapse: Synapse
) -> AsyncIterator[tuple[World, str]]:
    """Lianzhi with its door open; the door's address."""
    home: Path = tmp_path_factory.mktemp("flood")
    async with Homeserver(synapse) as hs, World(home, hs) as made:
        address = f"127.0.0.1:{free_port()}"
        made.bridge.configure(f'{made.toml()}\n[door]\nlisten = "{address}"\n')
        await made.bridge.start()
        await made.anna.wait_for(
            made.room,
            lambda e: (
                e.state_key == made.matrix_bot.user_id and e.content.get("membership") == "join"
            ),
        )
        yield made, f"http://{address}"


def north(kilometres: float) -> tuple[float, float]:
    """So far north of the scene."""
    return SCENE[0] + kilometres / 111.0, SCENE[1]


@pytest.mark.timeout(300)
async def test_sandbags_reach_a_school_though_their_convoy_breaks_down(
    flooded: tuple[World, str],
) -> None:
    """Stocked, asked for, loaded, followed, stranded, passed on, received; the record proves it."""
    world, door = flooded
    mark = secrets.token_hex(2)
    fire = TelegramPlace(world, world.group, world.li)
    driver = TelegramPlace(world, world.group, world.han)
    bureau = MatrixPlace(world, world.room, world.anna)
    await fire.command(f"/单位 新建 消{mark}")
    await fire.command(f"/单位 加入 消{mark}")
    await fire.command(f"/单位 新建 环{mark}")
    await bureau.command(f"/agency join 环{mark}")
    await driver.command(f"/单位 加入 消{mark}")
    await fire.command("/单位 批准 @hanmei")
    await fire.command(f"/事件 新建 城东{mark}内涝 类型=洪涝")
    await fire.command(f"/事件 地点 {SCENE[0]}, {SCENE[1]}")

    # Three depots; Anna asks for what lies in one of them.
    for name, at in (("东库", north(4)), ("北库", north(18)), ("西库", north(9))):
        await fire.command(f"/库存 仓库新建 {name}{mark} 位置={at[0]:.5f}, {at[1]:.5f}")
    await fire.command(f"/库存 物资 沙袋{mark} 计量单位=袋")
    await fire.command(f"/库存 入库 500袋 沙袋{mark} 库=北库{mark}")
    asked = await bureau.command(f"/request 200 沙袋{mark} to scene by +3h priority=urgent")
    request = re.search(r"R\d+", asked.text)
    assert request is not None

    # A convoy is loaded under a waybill; its driver takes the goods over by its code.
    await fire.command(f"/资源 新建 运输一队{mark} 种类=运输车队 联系方式=3频道")
    await fire.command(f"/资源 新建 运输二队{mark} 种类=运输车队")
    await fire.command(f"/资源 分派 U1 运沙袋 需求={request[0]}")
    waybill = await fire.command(
        f"/交接 新建 200袋沙袋 需求={request[0]} 资源=U1 起点=北库{mark} 终点=现场"
    )
    code = CODE.search(waybill.text)
    assert code is not None
    paper = await fire.see(lambda shown: shown.name.endswith("-waybill.pdf"))
    assert (await fire.content(paper)).startswith(b"%PDF")
    async with world.http.get(f"{door}/w/{code[1]}") as page:
        assert f"/custody {code[1]}" in await page.text()
    photo = await driver.attach("photo", b"\xff\xd8 loaded", "loaded.jpg", "image/jpeg", "已装车")
    await driver.command(f"/交接 {code[1]}", reply_to=photo)
    await bureau.see(lambda shown: shown.bot and "In the hands of 韩" in shown.text)

    # It is sent and followed by the driver's live location.
    await driver.command("/资源 跟踪 U1")
    await fire.command("/资源 派往 U1 现场 截止=+1小时")
    live = world.group.send_location(world.han, *north(18), live_period=3600)
    await bureau.see(lambda shown: shown.bot and " U1 · " in shown.text and "to go" in shown.text)
    world.group.move_location(live.id, *north(17.9))

    # It breaks down: everybody hears what it has aboard, and who can take over, by a tap.
    await driver.command("/资源 状态 U1 停用 原因=发动机故障")
    stranded = await bureau.see_text("It has aboard: C1")
    assert f"运输二队{mark} takes over" in " ".join(stranded.buttons) + stranded.text
    stopped = await fire.see(lambda shown: shown.bot and "车上载有：C1" in shown.text)
    await fire.choose(stopped, 1)
    await bureau.see(lambda shown: shown.bot and " U2 · " in shown.text and "🔵" in shown.text)

    # The second convoy has a tracker. A stranger's report is refused.
    await fire.command("/资源 设备 U2 7号定位器")
    group = await fire.all()
    assert not any("/track/" in shown.text for shown in group)
    wrong = {"_type": "location", "lat": SCENE[0], "lon": SCENE[1], "tst": int(time.time())}
    async with world.http.post(f"{door}/track/guess", json=wrong) as answer:
        assert answer.status == 403

    # The goods pass on to it where it meets the first, and on to who asked for them.
    await fire.command(f"/交接 {code[1]} 资源=U2 地点=故障点")
    await fire.command("/资源 到达 U2")
    await bureau.command(f"/custody {code[1]} place=school note=2 bags torn")
    await bureau.see_text("2 bags torn")
    twice = await bureau.command(f"/custody {code[1]}")
    assert "is in your hands since" in twice.text
    await bureau.command("/custody deliver C1")
    await fire.see(lambda shown: shown.bot and "✅ C1" in shown.text)

    # A picture of where all is; the whole story; nobody altered it.
    await bureau.command("/resource map")
    picture = await bureau.see(lambda shown: shown.bot and shown.name.endswith("-map.png"))
    assert (await bureau.content(picture)).startswith(b"\x89PNG")
    await bureau.command(f"/audit show {request[0]}")

    def told(shown: list[object]) -> bool:
        text = "\n".join(getattr(each, "text", "") for each in shown)
        return all(
            code in text
            for code in ("request.made", "custody.sent", "custody.handed", "custody.hashed",
                         "custody.delivered", "resource.booked")
        )  # fmt: skip

    assert await bureau.until(lambda shown: told([*shown]))
    await fire.command("/资源 收回 U2")
    await fire.command("/资源 撤收 U2 签认项=工时 原因=车上没有借用物资")
    assert "尚未签认" in (await fire.command("/资源 释放 U2")).text
    await fire.command("/资源 签认 U2 工时")
    await fire.command("/资源 释放 U2")
    await bureau.see(lambda shown: shown.bot and "⚪ U2" in shown.text)
    assert await lianzhi(world, "ledger", "export", f"{mark}.jsonl") == 0
    record = (world.bridge.home / f"{mark}.jsonl").read_bytes()
    assert first_bad(read_lines(record), {})[0] is None
    assert code[1].replace("-", "").encode() not in record
