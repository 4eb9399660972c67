"""A briefing in Chinese on Telegram, in English on Matrix: the same facts, acknowledged there."""

from __future__ import annotations

import io
import secrets

import pytest
from pypdf import PdfReader

from tests.acceptance.places import MatrixPlace, Place, Shown
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def words(pdf: bytes) -> str:
    """What a PDF says, without white space."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def is_paper(shown: Shown) -> bool:
    """Whether it is a briefing's PDF."""
    return shown.bot and shown.name.startswith("briefing-") and shown.name.endswith(".pdf")


@pytest.mark.timeout(180)
async def test_one_briefing_in_two_networks_and_languages(
    shared: World, places: dict[str, Place]
) -> None:
    """Card and paper in each room's language; ✅ in Matrix is seen in Telegram."""
    fire, bureau = places["telegram"], places["matrix"]
    assert isinstance(bureau, MatrixPlace)
    mark = secrets.token_hex(3)
    await fire.command(f"/单位 新建 消{mark}")
    await fire.command(f"/单位 加入 消{mark}")
    await fire.command(f"/单位 新建 环{mark}")
    await bureau.command(f"/agency join 环{mark}")
    await fire.command(f"/事件 新建 阀室{mark}泄漏")
    await fire.command("/角色 任命 安全官 Anna")
    await fire.command(f"/目标 新建 堵住{mark}泄漏 截止=+3h")
    await fire.command("/目标 进展 O1 40%")
    await fire.command(f"/安全 {mark}公路以北禁止明火")

    await fire.say("/简报 立即")
    chinese = await fire.see(lambda each: each.bot and "📋 简报B1" in each.text)
    english = await bureau.see(lambda each: each.bot and "📋 Briefing B1" in each.text)
    assert "目标：进行中1，逾期0，已达成0" in chinese.text
    assert "Objectives: 1 open, 0 overdue, 0 reached" in english.text
    for shown in (chinese, english):
        assert f"{mark}公路以北禁止明火" in shown.text

    for place, sentence in ((fire, "进行中1，逾期0，已达成0"), (bureau, "1open,0overdue,0reached")):
        paper = await place.see(is_paper)
        said = words(await place.content(paper))
        assert sentence in said
        assert f"堵住{mark}泄漏" in said
        assert f"{mark}公路以北禁止明火" in said

    assert "Not yet by 1: Anna" in english.text
    await bureau.person.react(bureau.id, english.id, "✅")
    await fire.see(lambda each: each.id == chinese.id and "已收到 1 人：Anna" in each.text)
    again = await fire.command("/简报 立即")
    assert "B2" in again.text
    await bureau.see(lambda each: each.bot and "nothing has changed since B1" in each.text)
