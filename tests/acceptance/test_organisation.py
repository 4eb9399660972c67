"""The organisation as people on each network see it."""

from __future__ import annotations

import secrets

import pytest

from tests.acceptance.places import Place

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_organisation_is_read_in_words_and_seen_as_a_picture_on_every_network(
    places: dict[str, Place],
) -> None:
    """The words at once, the picture in each room's language, the same bytes where that is one."""
    telegram, matrix, web = places["telegram"], places["matrix"], places["web"]
    short = f"F{secrets.token_hex(3)}"
    await telegram.command(f"/单位 新建 {short}")
    await telegram.command(f"/单位 加入 {short}")
    await telegram.command("/事件 新建 3号阀室泄漏")
    await telegram.command("/架构 增设 作业部")
    words = await telegram.command("/架构")
    assert "作业部部长 — 暂缺，由总指挥负责" in words.text
    for place in (telegram, matrix, web):
        picture = await place.see(lambda shown: shown.bot and shown.kind == "photo")
        content = await place.content(picture)
        assert content.startswith(b"\x89PNG")
        assert "I" in picture.text
    english = await matrix.see(lambda shown: shown.bot and "Organisation of" in shown.text)
    assert "Operations Section Chief — nobody; Incident Commander answers for it" in english.text
    shown = [each for each in await matrix.all() if "Organisation of" in each.text]
    assert [each.kind for each in shown] == ["text", "photo"]
    assert shown[1].reply_to == english.id
