"""A pipeline leak from its declaration to its end, over two networks and two languages."""

from __future__ import annotations

import re
import secrets

import pytest

from tests.acceptance.places import Place
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHINESE = re.compile("[一-鿿]")


async def test_an_incident_is_declared_on_telegram_and_lives_on_matrix_too(
    shared: World, places: dict[str, Place]
) -> None:
    """One card in each room, in its language, edited in place; closed there, reopened here."""
    telegram, matrix = places["telegram"], places["matrix"]
    mark = secrets.token_hex(3)
    short = f"F{mark}"
    await telegram.command(f"/单位 新建 {short}")
    await telegram.command(f"/单位 加入 {short}")

    card = await telegram.command(f"/事件 新建 Valve {mark} 类型=管道 等级=III 地点=North")
    assert f"· Valve {mark}" in card.text
    assert "总指挥：李雷" in card.text
    english = await matrix.see_text(f"· Valve {mark}")
    assert "State: declared since" in english.text
    assert "pipeline leak · event level III, serious" in english.text
    assert f"Incident Commander: 李雷 ({short})" in english.text

    await telegram.choose(card, 1)
    await matrix.see(lambda shown: shown.id == english.id and "State: active" in shown.text)
    await telegram.see(lambda shown: shown.id == card.id and "处置中" in shown.text)

    refused = await matrix.command("/incident reopen too early", reply_to=english.id)
    assert "Only a closed one can be reopened" in refused.text
    closed = await matrix.command("/incident close all returned", reply_to=english.id)
    assert "closed" in closed.text
    await telegram.see(lambda shown: shown.id == card.id and "✅" in shown.text)

    late = await matrix.command("/incident level I", reply_to=english.id)
    assert "is closed" in late.text
    await telegram.command("/事件 重开 再次泄漏")
    await matrix.see(lambda shown: shown.id == english.id and "State: active" in shown.text)

    caught_up = await matrix.command("/status", reply_to=english.id)
    assert re.search(r"Reason: 再次泄漏 \[L\d+, ledger \d+\]", caught_up.text)
    assert not CHINESE.search(english.text.replace("李雷", ""))


async def test_a_title_of_emoji_alone_or_of_five_thousand_signs_is_refused(
    places: dict[str, Place],
) -> None:
    """The answer says what to type instead, in the room's language."""
    telegram = places["telegram"]
    assert "标题要有文字" in (await telegram.command("/事件 新建 🔥🔥")).text
    long = await places["matrix"].command("/incident new " + "long " * 1000)
    assert "at most 120 characters" in long.text
