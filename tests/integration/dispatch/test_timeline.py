"""The timeline: what people write and pin, what becomes of it, and who may strike it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.marks import GATHER
from bot.transports.base import Batch, Change, Deleted, Inbound, Passed, Pinned, Reacted
from tests.integration.dispatch.desk import A, B, C, Desk
from tests.integration.dispatch.leak import declared, last, timeline
from workflows.incidents.replay import replay


@pytest.fixture
async def leak(desk: Desk) -> Desk:
    """An incident that was declared."""
    return await declared(desk)


async def marked(desk: Desk, *inbounds: Inbound) -> None:
    """People put marks and take them off; what other rooms are shown of that is gathered."""
    await desk.dispatcher.take("loopback", Batch(inbounds))
    desk.world.moment += GATHER
    desk.world.delivery.wake([A, B, C])
    await desk.delivered()


async def test_an_entry_stands_with_its_references_at_the_time_that_was_named(leak: Desk) -> None:
    await leak.say(B, "/log Valve 3 is shut at=13:40", by="han")
    assert "Sat, Jul 18 13:40 Han: Valve 3 is shut [L3, ledger" in last(leak, B)
    assert "13:40 Han：Valve 3 is shut" in last(leak, A)
    (entry,) = await timeline(leak, "log.")
    assert (entry.name, entry.agency, entry.thing) == ("Han", "水务", "L3")


async def test_a_pin_on_a_message_of_any_room_keeps_its_words_as_its_authors(leak: Desk) -> None:
    said = (await leak.say(A, "压力 8 bar", by="wang")).remote
    await marked(leak, leak.reacted(B, leak.remote(B, "8 bar"), "📌", by="han"))
    (entry,) = await timeline(leak, "log.pinned")
    assert (entry.name, entry.content, entry.room) == ("Wang", {"text": "压力 8 bar"}, A)
    await marked(leak, leak.reacted(A, said or "", "📌", by="li"))
    assert len(await timeline(leak, "log.pinned")) == 1
    await leak.say(B, "/log list", by="han")
    assert "Wang: 压力 8 bar [L3" in last(leak, B)


async def test_the_entry_is_struck_when_the_last_pin_is_taken_off_and_never_deleted(
    leak: Desk,
) -> None:
    said = (await leak.say(A, "8 bar")).remote or ""
    await marked(leak, leak.reacted(A, said, "📌"), leak.reacted(A, said, "📌", by="han"))
    await marked(leak, leak.event(A, Reacted(said, (), ("📌",))))
    assert (await timeline(leak, "log.pinned"))[0].struck_at is None
    await marked(leak, leak.event(A, Reacted(said, (), ("📌",)), by="han"))
    (entry,) = await timeline(leak, "log.pinned")
    assert entry.struck_at is not None
    await leak.say(B, "/log list kind=log")
    assert "(struck Sat, Jul 18 14:00)" in last(leak, B)
    assert "Li: 8 bar [L3" in last(leak, B)
    await marked(leak, leak.reacted(A, said, "📌"))
    assert len(await timeline(leak, "log.pinned")) == 2


async def test_a_reaction_that_has_an_id_of_its_own_is_taken_off_by_it(leak: Desk) -> None:
    said = (await leak.say(A, "8 bar")).remote or ""
    put = leak.reacted(A, said, "📌️")
    await marked(leak, replace(put, remote="m1"))
    await marked(leak, leak.event(A, Deleted("m1")))
    assert (await timeline(leak, "log.pinned"))[0].struck_at is not None


@pytest.mark.parametrize("way", ["pin", "reply", "hand", "command"])
async def test_where_there_is_no_such_reaction_there_are_other_ways(leak: Desk, way: str) -> None:
    """A pin of the network's own, an answer of nothing but 📌, Telegram's ✍, a command."""
    said = (await leak.say(A, "8 bar")).remote or ""
    if way == "pin":
        await leak.take(leak.event(A, Pinned(added=(said,))))
    elif way == "reply":
        await leak.say(A, "📌", reply_to=said)
    elif way == "hand":
        await marked(leak, leak.reacted(A, said, "✍"))
    else:
        await leak.say(A, "/日志", reply_to=said)
    entries = await timeline(leak, "log.")
    assert [entry.content for entry in entries] == [{"text": "8 bar"}]
    if way == "pin":
        await leak.take(leak.event(A, Pinned(removed=(said,))))
        assert (await timeline(leak, "log."))[0].struck_at is not None


async def test_an_edit_of_a_kept_message_keeps_the_original_and_is_noted(leak: Desk) -> None:
    said = (await leak.say(A, "8 bar")).remote or ""
    await marked(leak, leak.reacted(A, said, "📌"))
    await leak.take(leak.edited(A, said, "6 bar"))
    pinned, edited = await timeline(leak, "log.")
    assert pinned.content == {"text": "8 bar"}
    assert pinned.changed_at is not None
    assert edited.kind == "log.edited"
    await leak.say(B, "/log list kind=log")
    assert "Li: 8 bar [L3" in last(leak, B)
    assert "as first written; changed" in last(leak, B)
    assert "Li edited the message in L3; it reads now: 6 bar" in last(leak, B)


@pytest.mark.parametrize("way", ["network", "redact"])
async def test_a_kept_message_that_is_taken_back_keeps_its_words(leak: Desk, way: str) -> None:
    said = (await leak.say(A, "8 bar")).remote or ""
    await marked(leak, leak.reacted(A, said, "📌"))
    if way == "network":
        await leak.take(leak.deleted(A, said))
    else:
        await leak.say(A, "/撤回", reply_to=said)
    pinned, gone = await timeline(leak, "log.")
    assert (pinned.content, gone.kind) == ({"text": "8 bar"}, "log.deleted")
    assert pinned.struck_at is None
    assert pinned.original is not None


async def test_a_pin_where_there_is_no_incident_is_only_a_pin(leak: Desk) -> None:
    await leak.bridge("other", c="en")
    said = (await leak.say(C, "hello")).remote or ""
    before = leak.texts(C)
    await marked(leak, leak.reacted(C, said, "📌"))
    assert leak.texts(C) == before


async def test_an_entry_is_struck_with_a_reason_by_its_author_or_by_people_with_a_role(
    leak: Desk,
) -> None:
    await leak.say(B, "/log Valve 4 is shut", by="han")
    await leak.say(B, "/log strike L3 reason=wrong", by="wang")
    assert "Only who wrote the entry, or people with a role" in last(leak, B)
    await leak.say(B, "/log strike L3 reason=wrong valve", by="han")
    assert "(struck Sat, Jul 18 14:00: wrong valve) " in last(leak, B)
    await leak.say(A, "/日志 划去 L3 原因=再次")
    assert "已划去" in last(leak, A)
    async with leak.world.store.read() as uow:
        again = replay(await uow.ledger.entries())["I1-L3"]
    assert again["reason"] == "wrong valve"
    assert again["text"] == "Valve 4 is shut"


async def test_the_timeline_of_a_person_a_kind_and_a_time(leak: Desk) -> None:
    await leak.say(B, "/log one at=12:00", by="han")
    await leak.say(B, "/log two at=13:00", by="han")
    await leak.say(B, "/log three at=13:30", by="li")
    await leak.say(B, "/log list Han since=12:30")
    assert "Activity log (form 214) of Han" in last(leak, B)
    assert "two" in last(leak, B)
    assert "one" not in last(leak, B)
    assert "three" not in last(leak, B)
    await leak.say(B, "/log list kind=incident")
    assert "declared by Li" in last(leak, B)
    assert "two" not in last(leak, B)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/log strike L99 reason=wrong", "There is no entry I1-L99"),
        ("/log strike L1 reason=wrong", "L1 tells what was done, and stays"),
        ("/log strike L9999999999 reason=wrong", "L9999999999"),
        ("/log list Nobody", "I know nobody called “Nobody”"),
        ("/log list since=whenever", "since"),
        ("/log list kind=gossip", "kind"),
        ("/log " + "x" * 5000, "5,000"),
        ("/log something incident=I99", "There is no incident I99"),
    ],
)
async def test_bad_input_is_answered_and_writes_nothing(leak: Desk, typed: str, told: str) -> None:
    before = await leak.ledger()
    await leak.say(B, typed)
    assert told in last(leak, B)
    assert await leak.ledger() == before


async def test_nothing_is_written_into_a_closed_incident_and_strangers_write_none(
    leak: Desk,
) -> None:
    await leak.bridge("other", c="en")
    await leak.say(C, "/log hello incident=I1", by="wang")
    assert "does not belong to the incident" in last(leak, C)
    await leak.say(A, "/事件 关闭")
    before = await leak.ledger()
    await leak.say(B, "/log too late")
    assert "I1 is closed" in last(leak, B)
    said = (await leak.say(B, "8 bar")).remote or ""
    await marked(leak, leak.reacted(B, said, "📌"))
    assert "I1 is closed" in last(leak, B)
    assert await leak.ledger() == before


async def test_who_joins_late_reads_where_things_stand(leak: Desk) -> None:
    """By a mention, or in private where there is a private chat; people of one moment together."""
    await leak.take(replace(leak.said("loopback:han-private", "/me", by="han"), private=True))
    for who in ("mei", "han", "bo"):
        change = Change("joined", f"loopback:{who}", who.capitalize())
        await leak.take(leak.event(B, Passed((change,)), by=who))
    before = len(leak.texts(B))
    leak.world.moment += timedelta(seconds=21)
    await leak.clock.ring()
    await leak.delivered()
    (told,) = leak.texts(B)[before:]
    assert "Mei" in told
    assert "Bo" in told
    assert "Han" not in told
    assert "declared by Li [L1, ledger" in told
    assert "[L1, ledger" in leak.texts("loopback:han-private")[-1]


async def test_who_joins_a_room_without_an_incident_is_told_nothing(leak: Desk) -> None:
    await leak.bridge("other", c="en", d="en")
    change = Change("joined", "loopback:mei", "Mei")
    await leak.take(leak.event(C, Passed((change,)), by="mei"))
    leak.world.moment += timedelta(seconds=21)
    await leak.clock.ring()
    await leak.delivered()
    assert leak.texts(C) == []


async def test_what_has_to_stay_in_an_encrypted_room_is_not_put_where_others_read_it(
    leak: Desk,
) -> None:
    secret = replace(leak.said(A, "secret"), encrypted=True)
    await leak.take(secret)
    await marked(leak, leak.reacted(A, secret.remote or "", "📌"))
    assert await timeline(leak, "log.") == []
    assert "加密频道" in last(leak, A)
    await leak.say(B, "/bridge confirm leak", by="admin")
    await marked(leak, leak.reacted(A, secret.remote or "", "📌", by="han"))
    assert len(await timeline(leak, "log.pinned")) == 1
