"""Alerts: told everywhere at once, acknowledged by name, who has not is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery.priority import Priority
from bot.marks import GATHER
from bot.transports.base import Batch, Inbound
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import TITLE, belongs, declared, last
from tests.integration.dispatch.test_organisation import private
from workflows import alerts


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


async def to_act(desk: Desk, name: str, role: str, *, deputy: bool = False) -> None:
    """That person of 水务 holds a role."""
    await desk.say(A, "在", by=name.lower())
    await belongs(desk, name, "水务")
    more = " 副职=是" if deputy else ""
    await desk.say(A, f"/角色 任命 {role} {name}{more}", by="li")


async def told(desk: Desk, number: int = 1) -> set[str]:
    """The names of those whom an alert asks."""
    async with desk.world.store.read() as uow:
        alert = await uow.alerts.get(1, number)
        assert alert is not None
        people = [await uow.people.person(each) for each in alert.told]
        return {each.name for each in people if each is not None}


@pytest.mark.parametrize(
    "typed",
    ["/alert Out now to=safety", "/警报 立即撤出 对象=安全官", "/警报 立即撤出 发给：安全官"],
)
async def test_an_alert_to_a_role_reaches_holder_and_deputy_in_private_and_every_room(
    leak: Desk, typed: str
) -> None:
    await to_act(leak, "Zhao", "安全官")
    await to_act(leak, "Qian", "安全官", deputy=True)
    rooms = {name: await private(leak, name) for name in ("zhao", "qian", "han")}
    await leak.say(B, typed, by="li")
    assert await told(leak) == {"Zhao", "Qian"}
    assert "ALERT W1" in last(leak, rooms["zhao"])
    assert "ALERT W1" in last(leak, rooms["qian"])
    assert not any("ALERT W1" in text for text in leak.texts(rooms["han"]))
    assert "Concerns: Safety Officer" in shown(leak, B)
    assert "涉及：安全官" in shown(leak, A)


async def test_an_alert_to_a_role_that_nobody_holds_says_to_whom_it_goes_instead(
    leak: Desk,
) -> None:
    instead = "Nobody holds Safety Officer; Incident Commander answers for it: Li (消防)."
    await leak.say(B, "/checkin", by="li")
    await leak.say(B, "/alert Out now to=safety", by="han")
    assert await told(leak) == {"Li"}
    assert instead in last(leak, B)
    assert instead in shown(leak, B)
    assert "安全官暂缺，由总指挥负责：Li" in shown(leak, A)


async def test_several_are_named_with_commas_and_each_is_asked_once(leak: Desk) -> None:
    await to_act(leak, "Zhao", "安全官")
    await leak.say(B, "/checkin team=一队", by="wang")
    await leak.say(B, "/警报 撤出 对象=现场指挥、安全官，Zhao,水务、一队", by="han")
    assert await told(leak) == {"Li", "Zhao", "Wang"}
    concerns = "Concerns: Incident Commander, Safety Officer, Zhao, 水务, and team 一队"
    assert concerns in shown(leak, B)


async def test_a_role_with_several_seats_means_them_all(leak: Desk) -> None:
    for name, label in (("Zhao", "A"), ("Qian", "B")):
        await leak.say(A, "在", by=name.lower())
        await belongs(leak, name, "水务")
        await leak.say(A, f"/角色 任命 片区 {name} 编号={label}", by="li")
    await leak.say(B, "/alert Out now to=division", by="li")
    assert await told(leak) == {"Zhao", "Qian"}


async def test_a_person_is_named_by_a_mention_and_me_by_me(leak: Desk) -> None:
    await leak.say(B, "/alert Look out to=Han", by="li")
    assert await told(leak) == {"Han"}
    await leak.say(B, "/alert Look out to=me", by="li")
    assert await told(leak, 2) == set()


async def test_an_agency_with_nobody_on_scene_is_asked_through_its_liaison_officer(
    leak: Desk,
) -> None:
    await leak.say(A, "/单位 新建 公安", by="admin")
    await leak.say(A, "在", by="sun")
    await leak.say(A, "/单位 联络官 Sun 单位=公安", by="admin")
    await leak.say(B, "/alert Close the road to=公安", by="li")
    assert await told(leak) == {"Sun"}


async def test_of_a_name_of_several_it_is_asked_which(leak: Desk) -> None:
    await leak.say(B, "/checkin team=水务", by="wang")
    await leak.say(B, "/alert Out now to=commander,水务", by="li")
    assert "is the name of several: an agency and a team" in last(leak, B)
    await leak.say(B, "/alert Out now to=commander,水务 kind=team", by="li")
    assert await told(leak) == {"Wang"}


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
        ("/alert Fire to=Nobody", "li", "agency or checked-in team called “Nobody”"),
        ("/alert Fire to=@nobody", "li", "I know nobody called “nobody”"),
        ("/alert Fire to=saftey", "li", "called “saftey”. Did you mean: safety"),
        ("/alert Fire to=消仿", "li", "called “消仿”. Did you mean: 消防"),
        ("/alert Fire to=commander,@hann", "li", "Did you mean: Han?"),
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
