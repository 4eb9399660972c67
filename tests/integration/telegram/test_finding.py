"""A send whose answer was lost is found again, and nobody's words are touched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from bot.richtext import from_plain
from bot.transports.base import (
    AnswerLost,
    AskKnown,
    KnownIds,
    Outgoing,
    Payload,
    RateLimited,
    Sending,
    Unreachable,
)
from bot.transports.location import Location
from bot.transports.telegram.doubts import ARRIVAL_SECONDS
from bot.transports.telegram.finding import MAX_CANDIDATES
from tests.integration.telegram.conftest import Side, order, stored, text
from tests.servers.botapi import PNG, BotApi, Chat
from tests.servers.botapi.accounts import BotAccount, Person


def ids(chat: Chat, *, without: int = 0) -> AskKnown:
    """The ids that the message map would know now; those below `without` from before it was
    sent."""
    known = [str(each.id) for each in reversed(chat.messages) if each.id != without]
    before = [each for each in known if int(each) < without]
    return stored(*known, before=before[0] if before else None)


async def lose(side: Side, api: BotApi, chat: Chat, sending: Sending, kind: str) -> int:
    """Send so that the answer is lost; the id that the message got."""
    api.faults.next(str(sending.payload["method"]), kind)
    with pytest.raises(AnswerLost):
        await side.transport.send(sending)
    return chat.from_bots[-1].id if chat.from_bots else 0


@pytest.mark.parametrize("kind", ["lost_reset", "lost_close", "lost_hang"])
async def test_a_message_that_arrived_is_found_and_left_as_it_is(
    side: Side, api: BotApi, group: Chat, li: Person, kind: str
) -> None:
    """By an identical edit, which Telegram refuses as no change."""
    group.say(li, "一")
    known = ids(group)
    lost = await lose(side, api, group, order(group, text("二")), kind)
    assert await side.transport.find_sent(order(group, text("二")), known) == str(lost)
    assert not group.message(lost).edited
    assert group.texts == ["一", "二"]


@pytest.mark.parametrize(
    "location", [Location(1, 2), Location(1, 2, live=600), Location(1, 2, "三号库", "江边路1号")]
)
async def test_a_place_that_arrived_is_found(
    side: Side, api: BotApi, group: Chat, li: Person, location: Location
) -> None:
    """It has no words to be edited, but buttons, of which there are none."""
    group.say(li, "一")
    words, place = side.transport.compose(Outgoing(from_plain("二"), "zh", location=location))
    await side.transport.send(order(group, words))
    known = ids(group)
    lost = await lose(side, api, group, order(group, place), "lost_reset")
    assert await side.transport.find_sent(order(group, place), known) == str(lost)
    assert not group.message(lost).edited


async def test_a_message_that_never_arrived_is_surely_absent(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """So it may be sent again without a mark."""
    group.say(li, "一")
    api.faults.next("sendMessage", "reset")
    with pytest.raises(AnswerLost):
        await side.transport.send(order(group, text("二")))
    assert await side.transport.find_sent(order(group, text("二")), ids(group)) is False
    assert group.texts == ["一"]


async def test_it_is_found_behind_other_people_s_and_deleted_messages(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """The group went on talking, unseen by us so far."""
    group.say(li, "一")
    known = ids(group)
    group.say(li, "插话")
    group.delete(group.say(li, "删掉"))
    group.pin(li, 1)
    lost = await lose(side, api, group, order(group, text("二")), "lost_reset")
    group.say(li, "后话")
    assert await side.transport.find_sent(order(group, text("二")), known) == str(lost)
    assert not any(each.edited for each in group.messages)


async def test_many_holes_among_known_ids_do_not_end_the_search(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """Messages that were deleted look like nothing, but more is known to lie behind them."""
    first = group.say(li, "一")
    for number in range(6):
        group.delete(group.say(li, str(number)))
    lost = await lose(side, api, group, order(group, text("二")), "lost_reset")
    last = group.say(li, "三")
    known = stored(str(last.id), str(first.id), before=str(first.id))
    assert await side.transport.find_sent(order(group, text("二")), known) == str(lost)


@pytest.mark.parametrize("restarted", [False, True])
async def test_it_is_found_although_later_messages_are_known_by_now(
    side: Side,
    new_side: Callable[..., Side],
    api: BotApi,
    group: Chat,
    li: Person,
    restarted: bool,
) -> None:
    """People wrote after it, and those lines were stored before anybody looked."""
    side.listen()
    for word in ("一", "二", "三"):
        group.say(li, word)
    await side.inbox.until(3)
    sending = order(group, text("我们的"))
    lost = await lose(side, api, group, sending, "lost_reset")
    for word in ("四", "五"):
        group.say(li, word)
    await side.inbox.until(5)
    finder = new_side() if restarted else side
    known = ids(group, without=lost)
    assert await finder.transport.find_sent(sending, known) == str(lost)
    assert not any(each.edited for each in group.messages)


async def test_a_known_id_is_never_touched(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """Our own messages that the map or this process knows keep their words."""
    sent = await side.transport.send(order(group, text("已知"), txn="t0"))
    mapped = await side.transport.send(order(group, text("也已知"), txn="t1"))
    assert await side.transport.find_sent(order(group, text("新"), txn="t2"), stored(sent)) is False
    assert (
        await side.transport.find_sent(order(group, text("新"), txn="t2"), stored(mapped)) is False
    )
    touched = {each.params["message_id"] for each in api.calls_of("editMessageText")}
    assert not touched & {sent, mapped, int(sent), int(mapped)}
    assert group.texts == ["已知", "也已知"]


async def test_a_lost_picture_is_found_by_its_caption(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """Media have captions to compare."""
    said = group.say(li, "一")
    sent = group.send(li, "photo", PNG)
    photo = sent.content["photo"]
    assert isinstance(photo, list)
    payload: Payload = {
        "method": "sendPhoto",
        "file_id": photo[-1]["file_id"],
        "caption": "张三：看",
    }
    lost = await lose(side, api, group, order(group, payload), "lost_close")
    assert await side.transport.find_sent(order(group, payload), stored(str(said.id))) == str(lost)
    assert not group.message(lost).edited


async def test_where_ids_tell_nothing_the_answer_is_open(
    side: Side, api: BotApi, bot: BotAccount, li: Person, group: Chat
) -> None:
    """Basic groups and private chats."""
    for chat in (api.group("小组", li, bot), api.private(li)):
        assert await side.transport.find_sent(order(chat, text("一")), stored("1")) is True
    assert api.calls_of("editMessageText") == []


async def test_where_no_id_is_known_yet_it_is_looked_for_once_one_is(
    side: Side, new_side: Callable[..., Side], api: BotApi, group: Chat, li: Person
) -> None:
    """A restart at the very first message: what people wrote is handed over again, and may stand
    behind the message sought."""
    lost = await lose(side, api, group, order(group, text("一")), "lost_reset")
    finder = new_side()
    with pytest.raises(AnswerLost):
        await finder.transport.find_sent(order(group, text("一")), stored(new=True))
    group.say(li, "二")
    finder.listen()
    await finder.inbox.until(1)
    assert await finder.transport.find_sent(order(group, text("一")), stored()) is True
    known = stored(new=True)
    assert await finder.transport.find_sent(order(group, text("一")), known) == str(lost)
    assert await finder.transport.find_sent(order(group, text("无")), known) is False


async def test_too_many_strangers_leave_it_open(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """The search is bounded: limits count edits too."""
    first = group.say(li, "一")
    for number in range(MAX_CANDIDATES + 20):
        group.say(li, str(number))
    assert await side.transport.find_sent(order(group, text("无")), stored(str(first.id))) is True
    assert len(api.calls_of("editMessageText")) <= MAX_CANDIDATES


async def test_an_outage_while_looking_is_raised(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """Nothing is decided without an answer."""
    known = ids(group) if group.messages else stored(str(group.say(li, "一").id))
    await api.outage()
    with pytest.raises((Unreachable, AnswerLost)):
        await side.transport.find_sent(order(group, text("二")), known)


async def test_a_marked_repeat_is_looked_for_with_its_mark(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """What was sent is what is compared."""
    known = stored(str(group.say(li, "一").id))
    sending = Sending(f"telegram:{group.id}", text("二"), "t1", mark="可能重复")
    lost = await lose(side, api, group, sending, "lost_reset")
    assert await side.transport.find_sent(sending, known) == str(lost)


async def test_only_what_lies_above_the_ids_from_before_the_call_is_touched(
    side: Side, new_side: Callable[..., Side], api: BotApi, group: Chat, li: Person
) -> None:
    """After a restart the store tells which those are: our own words of old keep standing."""
    old = await side.transport.send(order(group, text("旧的"), txn="t0"))
    before = group.say(li, "一").id
    lost = await lose(side, api, group, order(group, text("新的")), "lost_reset")
    after = group.say(li, "二").id
    known = stored(str(after), str(before), before=str(before))
    finder = new_side().transport
    assert await finder.find_sent(order(group, text("新的")), known) == str(lost)
    known = stored(str(after), str(lost), before=str(before))
    assert await finder.find_sent(order(group, text("别的"), txn="t9"), known) is False
    assert group.message(int(old)).content["text"] == "旧的"


async def test_where_not_all_ids_since_the_call_are_known_nothing_is_touched(
    side: Side, new_side: Callable[..., Side], api: BotApi, group: Chat, li: Person
) -> None:
    """Among them may be words of ours."""
    before = group.say(li, "一").id
    await side.transport.send(order(group, text("我们的"), txn="t0"))
    last = group.say(li, "二").id
    known = stored(str(last), whole=False, before=str(before))
    finder = new_side().transport
    assert await finder.find_sent(order(group, text("新"), txn="t2"), known) is True
    assert api.calls_of("editMessageText") == []


async def test_while_another_send_to_the_chat_is_in_doubt_nothing_is_touched(
    side: Side, new_side: Callable[..., Side], api: BotApi, group: Chat, li: Person
) -> None:
    """A probe for one would make the other read as the first: both topics lose."""
    group.say(li, "一")
    known = ids(group)
    theirs = order(group, text("给甲组"), txn="t1")
    lost = await lose(side, api, group, theirs, "lost_reset")
    mine = order(group, text("给乙组"), txn="t2")
    async with side.store.write() as uow:
        row = {"room": f"telegram:{group.id}/7", "priority": 3, "action": "send", "payload": {}}
        await uow.outbox.add([{**row, "txn": "t1", "state": "sending", "made_at": side.now()}])
    after = new_side()
    await after.transport.start()
    remotes = (await known()).remotes
    for finder in (side, after):
        beside = stored(*remotes, before=remotes[0], others={"t1"})
        assert await finder.transport.find_sent(mine, beside) is True
    assert group.message(lost).content["text"] == "给甲组"
    fine = stored(*remotes, before=remotes[0], others={"t7"})
    assert await side.transport.find_sent(theirs, fine) == str(lost)


async def test_where_words_of_ours_may_stand_under_ids_that_nobody_knows_nothing_is_touched(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """One that was repeated since may have its first copy there."""
    before = group.say(li, "一").id
    lost = await lose(side, api, group, order(group, text("二"), txn="t1"), "lost_reset")
    mine = order(group, text("三"), txn="t2")
    known = stored(str(before), before=str(before), strays=True)
    assert await side.transport.find_sent(mine, known) is True
    assert group.message(lost).content["text"] == "二"


async def test_a_send_that_was_surely_refused_leaves_no_doubt(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    before = group.say(li, "一").id
    api.faults.next("sendMessage", "429", retry_after=1, times=1)
    with pytest.raises(RateLimited):
        await side.transport.send(order(group, text("别的"), txn="t1"))
    lost = await lose(side, api, group, order(group, text("二"), txn="t2"), "lost_reset")
    known = stored(str(before), before=str(before), others={"t1"})
    assert await side.transport.find_sent(order(group, text("二"), txn="t2"), known) == str(lost)


async def test_strangers_words_are_looked_at_once(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """So that the next look goes on where this one ended."""
    before = group.say(li, "一").id
    for number in range(MAX_CANDIDATES + 5):
        group.say(li, str(number))
    lost = await lose(side, api, group, order(group, text("二")), "lost_reset")
    known = stored(str(before), before=str(before))
    assert await side.transport.find_sent(order(group, text("二")), known) is True
    assert await side.transport.find_sent(order(group, text("二")), known) == str(lost)


async def test_nothing_is_sent_to_a_chat_in_which_a_message_is_looked_for(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """What arrives meanwhile has an id that nobody knows yet."""
    group.say(li, "一")
    lost = await lose(side, api, group, order(group, text("二")), "lost_reset")
    known, asked, go_on = ids(group, without=lost), asyncio.Event(), asyncio.Event()

    async def slowly() -> KnownIds:
        asked.set()
        await go_on.wait()
        return await known()

    looking = asyncio.create_task(side.transport.find_sent(order(group, text("二")), slowly))
    await asked.wait()
    sending = asyncio.create_task(side.transport.send(order(group, text("三"), txn="t3")))
    done, _waiting = await asyncio.wait((sending,), timeout=0.2)
    assert not done
    assert len(group.from_bots) == 1
    go_on.set()
    assert await looking == str(lost)
    await sending
    assert group.texts[-1] == "三"


async def test_what_was_cut_off_is_let_arrive_before_it_is_looked_for(
    side: Side, api: BotApi, group: Chat, li: Person
) -> None:
    """A request that we have given up may still be on its way."""
    group.say(li, "一")
    known = ids(group)
    began = time.time()
    await lose(side, api, group, order(group, text("二")), "lost_reset")
    await side.transport.find_sent(order(group, text("二")), known)
    assert api.calls_of("editMessageText")[0].time - began >= ARRIVAL_SECONDS
