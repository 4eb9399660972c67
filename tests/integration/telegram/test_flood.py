"""A group under Telegram's own limits is neither flooded nor kept waiting."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.crowd import crowd


async def test_many_lines_come_in_order_without_a_refusal_and_an_alert_at_once(
    tmp_path: Path,
) -> None:
    async with crowd(tmp_path) as talk:
        (group,) = talk.groups
        for number in range(32):
            await talk.write()
            if number == 12:
                given = await talk.alert()
            await asyncio.sleep(0.125)
        await talk.until_shown(32, timeout=15)
        shown = talk.shown()
        assert [number for number, _at in shown] == list(range(32))
        assert max(at - talk.written[number] for number, at in shown) < 5
        assert talk.alerted()[0] - given < 4
        assert talk.api.flood.rejected == 0
        assert len(group.from_bots) < 10

        async with talk.store.write() as uow:
            sent = next(each for each in group.from_bots if "line20 " in each.text)
            lines = await uow.messages.joined(talk.rooms[0], str(sent.id))
            assert [each.message_id for each in lines if each.message_id == talk.ids[20]]
            first = await uow.messages.get(talk.ids[20])
            second = await uow.messages.get(talk.ids[21])
            assert first is not None
            assert second is not None
            await uow.messages.changed(first, {"html": "corrected"})
            await talk.post.change(uow, first)
            await talk.post.erase_copies(uow, second, origin=False)
            await talk.post.wake(uow, (talk.rooms[0],))

        def is_changed() -> bool | None:
            text = group.message(sent.id).text
            return ("corrected" in text and "line20 " not in text and "line21 " not in text) or None

        await talk.api.until(is_changed, 40)
        assert talk.api.flood.rejected == 0
