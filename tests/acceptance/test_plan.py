"""Two agencies sign one action plan, and go on by paper when they have to."""

from __future__ import annotations

import io
import re
import secrets
import zipfile

import pytest
from pypdf import PdfReader

from tests.acceptance.places import Place, Shown
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def words(pdf: bytes) -> str:
    """What a PDF says, without white space."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


async def file(place: Place, ending: str) -> bytes:
    """The file that Lianzhi sent with such a name."""
    shown = await place.see(lambda each: each.bot and each.name.endswith(ending), 60)
    return await place.content(shown)


async def card(place: Place, text: str) -> Shown:
    """The plan's card as it reads now."""
    return await place.see(lambda each: each.bot and text in each.text and "[" in each.text, 30)


@pytest.mark.timeout(240)
async def test_one_plan_is_approved_by_two_agencies_and_sent_to_both_in_their_language(
    shared: World, places: dict[str, Place]
) -> None:
    """Drafted from what was said in Chinese and English, approved by a tap on each network,
    published as PDF; then a pack for paper and radio, and a form that comes back."""
    fire, bureau = places["telegram"], places["matrix"]
    mark = secrets.token_hex(2)
    await fire.command(f"/单位 新建 消防{mark}")
    await fire.command(f"/单位 加入 消防{mark}")
    await fire.command(f"/单位 新建 环保{mark}")
    await bureau.command(f"/agency join 环保{mark}")
    await fire.command("/单位 批准 Anna")
    await fire.command(f"/事件 新建 化工园泄漏{mark} 类型=危化品")
    await fire.command(f"/联合指挥 加入 环保{mark} 人=Anna")
    await fire.command(f"/目标 新建 关闭{mark}号阀 截止=+4h 衡量=流量 目标值=0")
    await bureau.command(f"/objective new Keep {mark} out of the river by=+6h")
    await bureau.command("/plan edit weather Wind 4 from the south-east")

    # The draft is put to both; each approves the same text where he is.
    await fire.command("/方案 提交")
    asked = await card(bureau, "waiting for approval")
    await fire.choose(await card(fire, "待批准"), 1)
    await card(bureau, f"Still waiting for: 环保{mark}")
    await bureau.choose(asked, 1)
    await card(fire, "已批准，未发布")
    await fire.command("/方案 发布")
    chinese, english = words(await file(fire, "plan.pdf")), words(await file(bureau, "plan.pdf"))
    for said in (f"关闭{mark}号阀", f"Keep{mark}outoftheriver", "Wind4fromthesouth-east"):
        assert said in chinese
        assert said in english
    assert "事件行动方案" in chinese
    assert "IncidentActionPlan" in english
    assert "Anna" in english
    digest = re.search(r"\[([0-9a-f]{8})\]", (await card(bureau, "in force")).text)
    assert digest is not None
    assert digest[1] in chinese
    assert digest[1] in english

    # The network falls: the pack has it all; what was written by hand is entered once.
    await fire.command("/表单 应急包")
    with zipfile.ZipFile(io.BytesIO(await file(fire, ".zip"))) as archive:
        assert words(archive.read("1-plan.pdf")) == chinese
        blank = words(archive.read("3-blank-forms.pdf"))
        assert "Anna" in archive.read("contacts.csv").decode("utf-8-sig")
    serial = re.search(r"I\d+-214-\d{3}[A-Z2]", blank)
    assert serial is not None
    line = f"/form enter {serial[0]} Boom {mark} laid at the bridge"
    assert "is entered, as L" in (await bureau.command(line)).text
    assert "Nothing was done twice" in (await bureau.command(line)).text
