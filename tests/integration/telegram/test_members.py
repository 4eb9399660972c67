"""Who comes and goes in a Telegram chat, told by service messages and by member updates."""

from __future__ import annotations

from bot.transports.base import Change, Passed
from tests.integration.telegram.conftest import Side, event
from tests.servers.botapi import BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person


def changes(side: Side) -> list[Change]:
    """All changes of people, in order."""
    events = [each.event for each in side.inbox.inbounds]
    return [change for each in events if isinstance(each, Passed) for change in each.changes]


def twice(*told: Change) -> list[Change]:
    """An administrator is told of each change in two ways; both say the same."""
    return [change for each in told for change in (each, each)]


async def test_an_administrator_is_told_of_each_in_two_ways_that_say_the_same(
    side: Side, api: BotApi, bot: BotAccount, group: Chat, li: Person
) -> None:
    han = api.user("韩梅梅", "hanmei", "zh-hans")
    who = f"telegram:{han.id}"
    side.listen()
    group.say(li, "开始")
    await side.inbox.next()
    group.join(han)
    group.leave(han)
    group.join(han, by=li)
    group.leave(han, by=li)
    await side.inbox.until(9)
    assert changes(side) == twice(
        Change("joined", who, "韩梅梅"),
        Change("left", who, "韩梅梅"),
        Change("joined", who, "韩梅梅"),
        Change("removed", who, "韩梅梅"),
    )
    assert {each.room for each in side.inbox.inbounds} == {f"telegram:{group.id}"}
    assert "chat_member" in (bot.queue.asked or ())


async def test_who_is_no_administrator_is_told_by_the_service_message_alone(
    side: Side, api: BotApi, bot: BotAccount, li: Person
) -> None:
    bot.can_read_all_group_messages = True
    group = api.supergroup("邻居", li, bot)
    han = api.user("韩梅梅", "hanmei", "zh-hans")
    side.listen()
    group.join(han)
    inbound = await side.inbox.next()
    assert event(inbound, Passed).changes == (Change("joined", f"telegram:{han.id}", "韩梅梅"),)


async def test_a_group_has_its_new_title_at_once(side: Side, group: Chat, li: Person) -> None:
    """Not only when somebody writes there next; it is no news of people."""
    side.listen()
    group.rename(li, "前方指挥部")
    inbound = await side.inbox.next()
    assert inbound.title == "前方指挥部"
    assert changes(side) == []


async def test_rights_and_the_bots_own_coming_are_no_news_of_people(
    side: Side, api: BotApi, bot: BotAccount, group: Chat, li: Person
) -> None:
    side.listen()
    group.say(li, "开始")
    await side.inbox.next()
    group.promote(li)
    group.demote(li)
    group.mute(li)
    fresh = api.supergroup("新群", li)
    fresh.join(bot, by=li)
    group.say(li, "到此为止")
    await side.inbox.until(3)
    assert changes(side) == []
