"""Alerts: told everywhere at once, acknowledged by name, who has not is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery.priority import Priority
from bot.marks import GATHER
from bot.transports.base import Batch, Inbound
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import TITLE, declared, last
from workflows.incidents import alerts


@pytest.fixture
async def leak(desk: Desk) -> Desk:
    """An incident whose commander Li is, with Han of another agency on scene."""
    await declared(desk)
    await desk.say(B, "/checkin", by="han")
    return desk


def shown(desk: Desk, room: str, reference: str = "W1") -> str:
    """The alert's card as the room shows it now."""
    return next(text for text in desk.texts(room) if text.startswith("🚨") and reference in text)


async def put(desk: Desk, inbound: Inbound) -> None:
    """Somebody puts a mark; what other rooms are shown of that is gathered."""
    await desk.dispatcher.take("loopback", Batch((inbound,)))
    desk.world.moment += GATHER
    desk.world.delivery.wake([A, B])
    await desk.delivered()


async def test_an_alert_goes_to_every_room_before_all_that_waits(leak: Desk) -> None:
    await leak.say(A, "/警报 北岸立即撤离 等级=I")
    assert "🚨🔴 RED ALERT W1\n北岸立即撤离" in shown(leak, B)
    assert "🚨🔴 红色警报 W1" in shown(leak, A)
    assert "Not yet by 1: Han" in shown(leak, B)
    alerted = [row for row in await leak.rows() if row.priority == Priority.ALERT]
    assert {row.room for row in alerted} == {A, B}


@pytest.mark.parametrize("way", ["👀", "✅", "button", "command"])
async def test_people_acknowledge_by_name_in_whichever_way(leak: Desk, way: str) -> None:
    await leak.say(A, "/警报 北岸立即撤离")
    if way == "button":
        await leak.take(leak.pressed(B, leak.choices(B)["✅ Acknowledge"], by="han"))
    elif way == "command":
        await leak.say(B, "/alert ack W1", by="han")
    else:
        await put(leak, leak.reacted(B, leak.remote(B, "ALERT W1"), way, by="han"))
    assert "Acknowledged by 1: Han" in shown(leak, B)
    assert "Not yet" not in shown(leak, B)
    assert "已收到 1 人：Han" in shown(leak, A)
    await leak.say(B, "/alert ack W1", by="han")
    assert "You have acknowledged W1 already" in last(leak, B)
    assert (await leak.ledger()).count("alert.acknowledged") == 1


async def test_who_has_a_private_chat_is_told_there_and_acknowledges_there(leak: Desk) -> None:
    private = "loopback:han-private"
    hello = leak.said(private, "/me", by="han")
    await leak.take(replace(hello, private=True))
    await leak.say(A, "/警报 北岸立即撤离")
    assert "ALERT W1" in last(leak, private)
    press = leak.pressed(
        private, leak.choices(private)[next(iter(leak.choices(private)))], by="han"
    )
    await leak.take(replace(press, private=True))
    assert "Acknowledged by 1: Han" in shown(leak, B)


async def test_who_does_not_answer_in_time_is_named_to_everybody_once(leak: Desk) -> None:
    await leak.say(A, "/警报 北岸立即撤离")
    told = len(leak.texts(B))
    leak.world.moment += alerts.PATIENCE
    await leak.clock.ring()
    await leak.delivered()
    assert "not acknowledged by" in last(leak, B)
    assert "Han" in last(leak, B)
    leak.world.moment += timedelta(hours=1)
    reminders = len(leak.texts(B))
    await leak.clock.ring()
    await leak.delivered()
    assert reminders == told + 1
    assert not any("not acknowledged" in text for text in leak.texts(B)[reminders:])


async def test_one_agency_can_be_asked_and_the_list_says_who_is_missing(leak: Desk) -> None:
    await leak.say(B, "/alert Shut the sluice to=水务", by="li")
    assert "Concerns: 水务" in shown(leak, B)
    await leak.say(B, "/alert Cordon off to=消防", by="li")
    assert "Not yet" not in shown(leak, B, "W2")
    await leak.say(B, "/alert")
    assert "ALERT W2 Cordon off" in last(leak, B)
    assert "not yet by 1" in last(leak, B)


@pytest.mark.parametrize(
    ("typed", "by", "told"),
    [
        ("/alert 🔥🔥", "li", "An alert needs words"),
        ("/alert " + "x" * 1500, "li", "1,500"),
        ("/alert Fire to=Nobody", "li", "There is no agency “Nobody”"),
        ("/alert Fire level=VII", "li", "level"),
        ("/alert ack W9", "li", "There is no alert I1-W9"),
        ("/alert Fire", "wang", "Only people of an agency"),
    ],
)
async def test_bad_input_is_answered_and_alarms_nobody(
    leak: Desk, typed: str, by: str, told: str
) -> None:
    before = await leak.ledger()
    await leak.say(B, typed, by=by)
    assert told in last(leak, B)
    assert await leak.ledger() == before


async def test_markup_in_an_alert_is_shown_as_typed_and_a_closed_incident_sends_none(
    leak: Desk,
) -> None:
    await leak.say(B, "/alert <b>Out</b> & *now*", by="li")
    assert "<b>Out</b> & *now*" in shown(leak, B)
    await leak.say(A, "/事件 关闭")
    await leak.say(B, "/alert Out", by="li")
    assert "I1 is closed" in last(leak, B)
    assert TITLE in shown(leak, B)
