"""A pipeline leak over two agencies, from first report to close, without leaving the chats.

Fire speaks Chinese on Telegram and commands; the environment bureau reads English on Matrix.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import sys

import pytest

from bot.operation.ledger_verifier import first_bad, read_head, read_lines
from tests.acceptance.places import MatrixPlace, Place, TelegramPlace
from tests.servers.parts import ROOT
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEAD = re.compile(r"\d+:[0-9a-f]{32}")


async def lianzhi(world: World, *arguments: str) -> int:
    """Run a command line beside the running process; its exit code."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, "--config", str(world.bridge.config),
        cwd=world.bridge.home,
        env={"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(60):
        return await process.wait()


@pytest.mark.timeout(240)
async def test_two_agencies_run_a_leak_from_first_report_to_close(
    shared: World, places: dict[str, Place]
) -> None:
    """Declared, staffed, warned, written down, contained and closed; the record proves it."""
    fire, bureau = places["telegram"], places["matrix"]
    assert isinstance(bureau, MatrixPlace)
    mark = secrets.token_hex(3)
    title = f"阀室{mark}泄漏"

    # Two agencies; who answers for one lets its people in by a tap.
    await fire.command(f"/单位 新建 消{mark}")
    await fire.command(f"/单位 加入 消{mark}")
    await fire.command(f"/单位 新建 环{mark}")
    await bureau.command(f"/agency join 环{mark}")
    rescuer = TelegramPlace(shared, shared.group, shared.han)
    question = await rescuer.command(f"/单位 加入 消{mark}")
    await fire.choose(question, 1)
    await fire.see(lambda shown: shown.bot and f"韩梅梅已加入消{mark}" in shown.text)

    # First report.
    card = await fire.command(f"/事件 新建 {title} 类型=管道 等级=III 地点=北岸3号阀室")
    english = await bureau.see_text(f"· {title}")
    number = re.search(r"I(\d+) · ", card.text)
    assert number is not None
    await fire.choose(card, 1)
    await bureau.see(lambda shown: shown.id == english.id and "State: active" in shown.text)

    # The bureau arrives.
    arrived = await bureau.command("/checkin 4 team=Water sampling")
    assert "Anna and 3 others checked in, team Water sampling" in arrived.text
    assert f"环{mark} — 4人" in (await fire.command("/人员")).text

    # What is said becomes part of the timeline by a pin, and stays as it was said.
    said = await bureau.say(f"pressure {mark} 8 bar")
    await fire.see_text(f"pressure {mark} 8 bar")
    await bureau.person.react(bureau.id, said, "📌")
    reading = await fire.say(f"压力表{mark} 读数 7 bar")
    await bureau.see_text(f"压力表{mark}")
    await fire.say("📌", reply_to=reading)
    await bureau.edit(said, f"pressure {mark} 6 bar")
    await fire.see_text(f"pressure {mark} 6 bar")

    async def logged() -> str:
        return (await bureau.command("/log list kind=log")).text

    async with asyncio.timeout(20):
        while "it reads now" not in (shown := await logged()) or f"压力表{mark}" not in shown:
            pass
    assert f"Anna: pressure {mark} 8 bar" in shown
    assert f"it reads now: pressure {mark} 6 bar" in shown
    wrong = await bureau.command("/log valve 4 is shut")
    entry = re.search(r"\[(L\d+), ledger", wrong.text)
    assert entry is not None
    struck = await fire.command(f"/日志 划去 {entry[1]} 原因=阀号有误")
    assert "阀号有误" in struck.text

    # Everybody is warned, and says so by name.
    await fire.command(f"/警报 北岸{mark}立即撤离 等级=I")
    alarm = await bureau.see(lambda each: each.bot and "RED ALERT" in each.text)
    assert "Not yet by 1: Anna" in alarm.text
    await bureau.person.react(bureau.id, alarm.id, "✅")
    await fire.see(lambda each: "红色警报" in each.text and "已收到 1 人：Anna" in each.text)

    # Both can read the whole, in their language.
    caught_up = await bureau.command("/status")
    assert f"Anna: pressure {mark} 8 bar" in caught_up.text
    await bureau.command("/log export json")
    file = await bureau.see(lambda each: each.bot and each.name.endswith("-timeline.json"))
    exported = json.loads(await bureau.content(file))
    assert exported["incident"]["title"] == title
    assert [row["people"] for row in exported["check_ins"]] == [4]

    # Contained, closed; nothing more happens; the head of the record is in both rooms.
    refused = await rescuer.command("/事件 关闭")
    assert "李雷" in refused.text
    assert "总指挥" in refused.text
    await fire.command("/事件 受控 阀门已关")
    await bureau.command("/checkout")
    await fire.command("/事件 关闭 人员已全部撤回")
    await bureau.see(lambda shown: shown.id == english.id and "State: closed" in shown.text)
    late = await bureau.command("/log too late")
    assert "is closed" in late.text
    posted = await bureau.see(lambda each: each.bot and "Head of the ledger" in each.text)
    head = HEAD.search(posted.text)
    assert head is not None
    await fire.see(lambda each: each.bot and head[0] in each.text)

    # Who was not there verifies it with Python alone.
    assert await lianzhi(shared, "ledger", "verify", "--head", head[0]) == 0
    assert await lianzhi(shared, "ledger", "export", f"{mark}.jsonl") == 0
    record = (shared.bridge.home / f"{mark}.jsonl").read_bytes()
    heads = dict([read_head(head[0])])
    assert first_bad(read_lines(record), heads)[0] is None
    forged = record.replace("阀号有误".encode(), "一切正常".encode())
    assert first_bad(read_lines(forged), heads)[0] is not None
    assert await lianzhi(shared, "export", f"I{number[1]}", f"{mark}.csv") == 0
    table = (shared.bridge.home / f"{mark}.csv").read_text("utf-8-sig")
    assert f"pressure {mark} 8 bar" in table
