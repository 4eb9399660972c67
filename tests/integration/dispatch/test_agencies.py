"""Joining an agency: whoever may agrees or refuses by a button, and nobody is left guessing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.transports.base import Sender
from tests.integration.dispatch.desk import A, B, C, D, Desk
from tests.integration.dispatch.leak import last
from tests.integration.dispatch.test_organisation import private

AGREE, REFUSE = "Agree", "Refuse"
HAN = Sender("telegram:4815162342", "Han")
SUN = Sender("matrix:@sun.of-the=south/1:example.org:8448", "Sun")


@pytest.fixture
async def asked(desk: Desk) -> Desk:
    """Li is the Liaison Officer of 消防; Han of Telegram asks in B to join it."""
    await desk.bridge("north", a="zh", b="en")
    await desk.take(
        *(desk.said(A, "在", by=name) for name in ("li", "zhao")),
        desk.said(A, "/单位 新建 消防", by="admin"),
        desk.said(A, "/单位 联络官 Li 单位=消防", by="admin"),
    )
    await types(desk, B, "/agency join 消防", HAN)
    return desk


async def types(desk: Desk, room: str, text: str, who: Sender, *, private: bool = False) -> None:
    """Somebody of whichever network writes."""
    await desk.take(replace(desk.said(room, text), sender=who, private=private))


async def press(desk: Desk, label: str, *, by: str, room: str = B) -> str:
    """Somebody taps a choice of the newest question; what the room reads then."""
    offered = [
        call.sending.payload.get("choices")
        for call in desk.world.net.calls
        if call.sending.room == room
    ]
    token = next(
        str(each[label]) for each in reversed(offered) if isinstance(each, dict) and label in each
    )
    await desk.take(desk.pressed(room, token, by=by))
    return last(desk, room)


async def belongs(desk: Desk, who: Sender = HAN) -> bool:
    """Whether that person is of some agency now."""
    async with desk.world.store.read() as uow:
        account = await uow.people.account(who.account)
        assert account is not None
        return bool(await uow.agencies.of_person(account.person_id))


async def test_the_question_says_who_decides_and_offers_both_answers(asked: Desk) -> None:
    assert "Han asks to belong to 消防" in last(asked, B)
    assert "Its Liaison Officer, Li, or an administrator decides" in last(asked, B)
    assert list(asked.choices(B)) == [AGREE, REFUSE]


@pytest.mark.parametrize("by", ["li", "admin"])
async def test_the_liaison_officer_and_an_administrator_let_somebody_in_by_a_tap(
    asked: Desk, by: str
) -> None:
    assert "Han belongs to 消防 from now on" in await press(asked, AGREE, by=by)
    assert await belongs(asked)
    assert (await asked.ledger()).count("agency.approved") == 2


@pytest.mark.parametrize("by", ["li", "admin"])
async def test_both_refuse_by_a_tap_and_the_asker_stays_outside(asked: Desk, by: str) -> None:
    assert "Han was not let into 消防" in await press(asked, REFUSE, by=by)
    assert not await belongs(asked)


@pytest.mark.parametrize("label", [AGREE, REFUSE])
async def test_whoever_else_taps_is_told_why_not_and_whom_to_ask(asked: Desk, label: str) -> None:
    before = await asked.ledger()
    told = await press(asked, label, by="zhao")
    assert "Only the Liaison Officer of 消防, Li, or an administrator may do this" in told
    assert await asked.ledger() == before


async def test_without_a_liaison_officer_only_an_administrator_is_named(asked: Desk) -> None:
    await asked.say(A, "/单位 新建 公安", by="admin")
    await types(asked, B, "/agency join 公安", HAN)
    assert "An administrator decides:" in last(asked, B)
    assert "公安 has no Liaison Officer yet" in await press(asked, AGREE, by="li")
    assert "Han belongs to 公安" in await press(asked, AGREE, by="admin")


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (AGREE, AGREE, "Han belongs to 消防 already: Li agreed"),
        (AGREE, REFUSE, "Han belongs to 消防 already: Li agreed"),
        (REFUSE, AGREE, "Han was not let into 消防: Li refused"),
        (REFUSE, REFUSE, "Han was not let into 消防: Li refused"),
    ],
)
async def test_of_two_who_tap_the_second_learns_who_was_faster(
    asked: Desk, first: str, second: str, told: str
) -> None:
    await press(asked, first, by="li")
    before = await asked.ledger()
    assert told in await press(asked, second, by="admin")
    assert await asked.ledger() == before
    assert await belongs(asked) == (first == AGREE)


async def test_two_taps_that_come_together_have_one_effect(asked: Desk) -> None:
    token = asked.choices(B)[AGREE]
    await asked.take(asked.pressed(B, token, by="admin"), asked.pressed(B, token, by="li"))
    assert "Han belongs to 消防 already: Admin agreed" in last(asked, B)
    assert (await asked.ledger()).count("agency.approved") == 2


async def test_a_request_that_was_taken_back_cannot_be_agreed_to(asked: Desk) -> None:
    await types(asked, B, "/agency leave 消防", HAN)
    assert "Your request to 消防 is taken back" in last(asked, B)
    told = await press(asked, AGREE, by="li")
    assert "Han has taken the request back, or left 消防" in told
    assert not await belongs(asked)


async def test_yesterdays_button_decides_what_still_waits_and_nothing_else(asked: Desk) -> None:
    """Who was the Liaison Officer then and is no more is refused by it, too."""
    await asked.say(A, "/单位 联络官 Zhao", by="li")
    asked.world.moment += timedelta(days=1)
    assert "消防, Zhao, or an administrator" in await press(asked, AGREE, by="li")
    assert "Han belongs to 消防 from now on" in await press(asked, AGREE, by="zhao")
    asked.world.moment += timedelta(days=1)
    await types(asked, B, "/agency leave 消防", HAN)
    assert "taken the request back, or left" in await press(asked, AGREE, by="zhao")


async def test_the_answers_are_in_the_language_of_the_room(asked: Desk) -> None:
    await types(asked, A, "/单位 加入 消防", SUN)
    assert "由其联络官Li或管理员决定" in last(asked, A)
    assert "只有消防的联络官Li或管理员可以这样做" in await press(asked, "同意", by="wang", room=A)
    assert "Sun加入消防的申请未获批准" in await press(asked, "拒绝", by="li", room=A)
    assert "Li已于" in await press(asked, "同意", by="admin", room=A)


async def test_the_liaison_officer_decides_in_private_and_the_asker_is_told(asked: Desk) -> None:
    room = await private(asked, "li")
    await asked.bridge("south", c="en", d="zh")
    await types(asked, C, "/agency join 消防", SUN)
    assert "Sun asks to belong to 消防" in last(asked, room)
    assert "Sun belongs to 消防" in await press(asked, AGREE, by="li", room=room)
    assert "Sun belongs to 消防" in last(asked, C)
    assert "belongs" not in "".join(asked.texts(D))
    assert "Li agreed" in await press(asked, REFUSE, by="admin", room=C)


async def test_who_asks_in_private_learns_who_was_asked_or_what_to_have_typed(asked: Desk) -> None:
    """The chat with the bot has nobody in it who could press a button."""
    room = "loopback:sun-private"
    for text in ("/me", "/lang en", "/agency join 消防"):
        await types(asked, room, text, SUN, private=True)
    assert "Nobody who may agree reads this chat" in last(asked, room)
    typed = f"/agency approve {SUN.account} agency=“消防”"
    assert typed in last(asked, room)
    await asked.say(B, typed, by="li")
    assert await belongs(asked, SUN)


async def test_who_asks_in_private_learns_that_the_liaison_officer_was_asked(asked: Desk) -> None:
    liaison, room = await private(asked, "li"), "loopback:sun-private"
    for text in ("/me", "/lang en", "/agency join 消防"):
        await types(asked, room, text, SUN, private=True)
    assert "Li, Liaison Officer of 消防, was asked" in last(asked, room)
    assert "Sun belongs to 消防" in await press(asked, AGREE, by="li", room=liaison)
    assert "Sun belongs to 消防" in last(asked, room)


async def test_who_answers_for_no_agency_learns_nothing_of_what_others_asked(asked: Desk) -> None:
    await asked.say(A, "/单位 新建 公安", by="admin")
    told = []
    for _each in range(2):
        await asked.say(B, "/agency approve Han", by="zhao")
        told.append(last(asked, B))
        await types(asked, B, "/agency join 公安", HAN)
    assert told[0] == told[1]
    assert "消防" not in told[0]
    assert "With agency=NAME you learn who that is" in told[0]
    assert not await belongs(asked)


async def test_a_liaison_officer_decides_about_the_own_agency_and_sees_no_other(
    asked: Desk,
) -> None:
    """Han waits for two; an administrator has to say which."""
    await asked.say(A, "/单位 新建 公安", by="admin")
    await types(asked, B, "/agency join 公安", HAN)
    await asked.say(B, "/agency approve Han", by="admin")
    assert "has asked several agencies" in last(asked, B)
    await asked.say(B, "/agency approve Han", by="li")
    assert "Han belongs to 消防" in last(asked, B)
    await asked.say(B, "/agency refuse Han", by="li")
    assert "Han has not asked to join, or has been answered" in last(asked, B)


async def test_a_name_with_quotation_marks_does_not_spoil_the_buttons(asked: Desk) -> None:
    await asked.say(A, "/单位 新建 «The “Red” ones» 简称=R”d", by="admin")
    await types(asked, B, "/agency", SUN)
    token = asked.choices(B)["Join R”d"]
    await asked.take(replace(asked.pressed(B, token), sender=SUN))
    assert "Sun asks to belong to" in last(asked, B)
    assert "Sun belongs to" in await press(asked, AGREE, by="admin")
