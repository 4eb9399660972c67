"""What a room knows outlives the process and the room's own id."""

from __future__ import annotations

import secrets

import pytest

from tests.acceptance.places import MatrixPlace, Place, TelegramPlace, WebPlace
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_replies_edits_and_deletions_find_their_messages_after_a_restart(
    shared: World,
) -> None:
    """The map is durable: said before, answered, changed and taken back after."""
    telegram: Place = TelegramPlace(shared, shared.group, shared.li)
    matrix: Place = MatrixPlace(shared, shared.room, shared.anna)
    asked, wrong = f"几点撤离{secrets.token_hex(3)}", f"错{secrets.token_hex(3)}"
    first, second = await telegram.say(asked), await matrix.say(wrong)
    copy = await matrix.see_text(asked)
    await telegram.see_text(wrong)
    assert await shared.bridge.stop() == 0
    answer = f"at eight {secrets.token_hex(3)}"
    await matrix.say(answer, reply_to=copy.id)
    await telegram.edit(first, f"{asked}？请回复")
    await matrix.take_back(second)
    await shared.bridge.start()
    assert (await telegram.see_text(answer)).reply_to == first
    assert (await matrix.see_text(f"{asked}？请回复")).id == copy.id
    await telegram.until(lambda seen: not any(wrong in shown.text for shown in seen))
    async with shared.browser("Wang") as wang:
        web = WebPlace(shared, wang, "Wang")
        seen = await web.all()
        assert [shown for shown in seen if answer in shown.text]
        assert not [shown for shown in seen if wrong in shown.text]


async def test_an_edit_from_before_a_restart_is_taken_back_everywhere(shared: World) -> None:
    """Also the one that an answer points at."""
    telegram = TelegramPlace(shared, shared.group, shared.li)
    matrix = MatrixPlace(shared, shared.room, shared.anna)
    mark = secrets.token_hex(3)
    said = await matrix.say(f"关1号阀{mark}")
    copy = await telegram.see_text(f"关1号阀{mark}")
    first = await shared.anna.edit(shared.room, said, f"关2号阀{mark}")
    second = await shared.anna.edit(shared.room, said, f"关3号阀{mark}")
    assert (await telegram.see_text(f"关3号阀{mark}")).id == copy.id
    await shared.bridge.kill()
    await shared.bridge.start()
    await matrix.say(f"收到{mark}", reply_to=second)
    assert (await telegram.see_text(f"收到{mark}")).reply_to == copy.id
    await shared.anna.redact(shared.room, second)
    assert (await telegram.see_text(f"关2号阀{mark}")).id == copy.id
    await shared.anna.redact(shared.room, first)
    assert (await telegram.see_text(f"关1号阀{mark}")).id == copy.id
    assert await telegram.count(f"关3号阀{mark}") == 0


async def test_a_page_that_opens_again_shows_what_was_said_meanwhile(shared: World) -> None:
    """History comes with the welcome."""
    words = f"夜间值班{secrets.token_hex(3)}"
    telegram = TelegramPlace(shared, shared.group, shared.li)
    matrix = MatrixPlace(shared, shared.room, shared.anna)
    await telegram.say(words)
    await matrix.see_text(words)
    async with shared.browser("Wang") as wang:
        shown = await WebPlace(shared, wang, "Wang").see_text(words)
        assert shown.text == f"【消防】李雷：{words}"


async def test_a_group_that_becomes_a_supergroup_goes_on_with_all_that_it_had(
    shared: World,
) -> None:
    """Its bridge, its language, the words that were waiting for it, the answers to old words."""
    old = shared.api.group("抢修组", shared.li, shared.bot)
    telegram = TelegramPlace(shared, old, shared.li, agency="")
    matrix = MatrixPlace(shared, shared.room, shared.anna)
    made = await telegram.command("/桥接 新建 抢修")
    code = made.text.partition("加入 ")[2][:8]
    async with shared.browser("Zhao", "spare") as zhao:
        web = WebPlace(shared, zhao, "Zhao", "spare")
        await web.command(f"/bridge join {code}")
        before = f"前{secrets.token_hex(3)}"
        await telegram.say(before)
        copy = await web.see_text(before)
        shared.api.faults.next("sendMessage", "429", chat=old.id, retry_after=2)
        waiting = f"候{secrets.token_hex(3)}"
        await web.say(waiting)
        await shared.api.until(
            lambda: [c for c in shared.api.calls_of("sendMessage") if waiting in str(c.params)]
        )
        new = TelegramPlace(shared, old.migrate(shared.li), shared.li, agency="")
        assert (await new.see_text(waiting)).text == f"Zhao：{waiting}"
        assert await new.count(waiting) == 1
        after = f"后{secrets.token_hex(3)}"
        await web.say(after, reply_to=copy.id)
        await new.see_text(after)
        back = f"回{secrets.token_hex(3)}"
        await new.say(back)
        assert (await web.see_text(back)).text == f"李雷：{back}"
        assert "抢修" in (await new.command("/桥接 列表")).text
    assert await matrix.count(before) == 0
