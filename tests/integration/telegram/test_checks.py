"""`check` finds what is wrong and says how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import aiohttp

from bot.transports.base import Finding
from tests.integration.telegram.conftest import TOKEN, Side
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person


async def findings(side: Side, *rooms: str) -> Mapping[str, Finding]:
    """By part; every finding that is not well must say how to mend it."""
    found = await side.transport.check(rooms)
    for each in found:
        assert each.ok or each.mend is not None, each
    return {each.part: each for each in found}


async def test_a_well_made_group_is_well(side: Side, group: Chat) -> None:
    """No finding asks for anything."""
    room = f"telegram:{group.id}"
    found = await findings(side, room)
    assert all(each.ok for each in found.values()), found
    assert f"telegram.room {room}" in found


async def test_a_refused_token_is_the_only_finding(
    new_side: Callable[..., Side], api: BotApi
) -> None:
    """Nothing else can be tried without one."""
    side = new_side(token="7000001:not-the-right-one")
    found = await findings(side, "telegram:-1001")
    assert [(each.part, each.ok) for each in found.values()] == [("telegram.token", False)]


async def test_an_address_that_does_not_answer_is_named(side: Side, api: BotApi) -> None:
    """With the address, since it may be mistyped."""
    await api.outage()
    found = await findings(side)
    assert found["telegram.reach"].text.param("address") == api.url


async def test_privacy_mode_says_what_to_tell_botfather(
    side: Side, api: BotApi, bot: BotAccount, li: Person
) -> None:
    """In general, and for each group in which it matters."""
    bot.can_read_all_group_messages = False
    plain = api.supergroup("群", li, bot)
    room = f"telegram:{plain.id}"
    found = await findings(side, room)
    for part in ("telegram.privacy", f"telegram.room {room} privacy"):
        mend = found[part].mend
        assert mend is not None
        assert "/setprivacy" in mend.id


async def test_an_administrator_needs_no_privacy_setting(
    side: Side, bot: BotAccount, group: Chat
) -> None:
    """Administrators read everything whatever the mode."""
    bot.can_read_all_group_messages = False
    found = await findings(side, f"telegram:{group.id}")
    assert f"telegram.room telegram:{group.id} privacy" not in found


async def test_each_trouble_with_a_room_is_told_apart(
    side: Side, api: BotApi, bot: BotAccount, li: Person
) -> None:
    """Not there, not writing, not administrator, moved, unknown, mistyped."""
    outside = api.supergroup("外", li, bot)
    outside.leave(bot, by=li)
    muted = api.supergroup("静", li, bot)
    muted.mute(bot)
    plain = api.supergroup("平", li, bot)
    old = api.group("旧", li, bot)
    new = old.migrate(li)
    weak = api.supergroup("弱", li)
    weak.join(bot, by=li)
    weak.promote(bot, "can_pin_messages", by=li)
    rooms = [f"telegram:{each.id}" for each in (outside, muted, plain, old, weak)]
    found = await findings(side, *rooms, "telegram:-100777", "telegram:abc")
    said = {part: each.text.id for part, each in found.items() if not each.ok}
    assert said == {
        f"telegram.room {rooms[0]}": "The chat cannot be reached: {reason}.",
        f"telegram.room {rooms[1]}": "The bot may not write in {title}.",
        f"telegram.room {rooms[2]} reactions": (
            "In {title} the bot is no administrator: it sees no reactions there."
        ),
        f"telegram.room {rooms[3]}": "The group goes on as {room}.",
        f"telegram.room {rooms[4]} deletion": (
            "In {title} the bot may not delete messages: after 48 hours it cannot "
            "take its own back."
        ),
        "telegram.room telegram:-100777": "The chat cannot be reached: {reason}.",
        "telegram.room telegram:abc": "{room} is no Telegram room.",
    }
    assert found[f"telegram.room {rooms[3]}"].text.param("room") == f"telegram:{new.id}"


async def test_a_webhook_that_takes_the_updates_is_named(side: Side, api: BotApi) -> None:
    """Somebody else may be serving it."""
    async with aiohttp.ClientSession() as session:
        address = {"url": "http://127.0.0.1:9/other"}
        await session.post(f"{api.url}/bot{TOKEN}/setWebhook", json=address)
    found = await findings(side)
    assert found["telegram.updates"].text.param("url") == "http://127.0.0.1:9/other"


async def test_a_wrong_clock_is_measured(new_side: Callable[..., Side]) -> None:
    """Against the Date of an answer."""
    late = new_side(now=lambda: datetime.now(UTC) - timedelta(minutes=5))
    clock = (await findings(late))["telegram.clock"]
    assert not clock.ok
    skew = clock.text.param("n")
    assert isinstance(skew, int)
    assert 298 <= skew <= 302
