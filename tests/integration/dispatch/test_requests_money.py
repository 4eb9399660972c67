"""What Finance is asked and told, however a request is cut up, joined or estimated."""

from __future__ import annotations

import pytest

from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.test_incidents import joined, last
from tests.integration.dispatch.test_organisation import private
from tests.integration.dispatch.test_requests import card, ready

LATE = "Finance has not approved that sum, and suppliers have committed already"


@pytest.fixture
async def leak(desk: Desk) -> Desk:
    """Han commands, Anna approves for Operations; Finance is asked above 500,000 yuan."""
    await ready(desk)
    await desk.say(B, "/request limit approval=500000", by="han")
    return desk


async def ordered(desk: Desk, number: int, typed: str, cost: int) -> None:
    """Li asks, with an estimate; Anna approves; Han has it ordered."""
    await desk.say(B, f"/request {typed}", by="li")
    await desk.say(B, f"/request cost R{number} {cost}", by="li")
    await desk.say(B, f"/request approve R{number}", by="anna")
    await desk.say(B, f"/request check R{number} none", by="han")


async def test_halves_of_what_is_above_the_limit_both_wait_for_finance(leak: Desk) -> None:
    await leak.say(B, "/request 2 抢修车", by="li")
    await leak.say(B, "/request cost R1 900000", by="li")
    await leak.say(B, "/request split R1 1", by="li")
    for number in (1, 2):
        await leak.say(B, f"/request approve R{number}", by="anna")
        await leak.say(B, f"/request check R{number} none", by="han")
        assert "💰" in card(leak, number)


async def test_a_half_that_is_joined_with_something_else_still_counts(leak: Desk) -> None:
    await leak.say(B, "/request 2 抢修车", by="li")
    await leak.say(B, "/request cost R1 900000", by="li")
    await leak.say(B, "/request split R1 1", by="li")
    await leak.say(B, "/request 1 水泵", by="li")
    await leak.say(B, "/request cost R3 100", by="li")
    await leak.say(B, "/request join R2 into=R3", by="li")
    await leak.say(B, "/request approve R3", by="anna")
    await leak.say(B, "/request check R3 none", by="han")
    assert "💰" in card(leak, 3)


async def test_the_rest_of_what_was_refused_counts_for_itself(leak: Desk) -> None:
    await leak.say(B, "/request 2 抢修车", by="li")
    await leak.say(B, "/request cost R1 900000", by="li")
    await leak.say(B, "/request split R1 1", by="li")
    await leak.say(B, "/request reject R2 too dear", by="anna")
    await leak.say(B, "/request approve R1", by="anna")
    await leak.say(B, "/request check R1 none", by="han")
    assert "🤝" in card(leak, 1)


async def test_two_below_the_limit_wait_for_finance_when_joined_above_it(leak: Desk) -> None:
    await ordered(leak, 1, "1 抢修车", 300_000)
    await ordered(leak, 2, "1 水泵", 300_000)
    assert "🤝" in card(leak, 1)
    assert "🤝" in card(leak, 2)
    await leak.say(B, "/request join R2 into=R1", by="li")
    assert "💰" in card(leak, 1)
    await leak.say(B, "/request approve R1", by="han")
    assert "🤝" in card(leak, 1)


async def test_what_finance_approved_for_one_alone_is_asked_again_for_both(leak: Desk) -> None:
    await ordered(leak, 1, "1 抢修车", 600_000)
    await leak.say(B, "/request approve R1", by="han")
    await ordered(leak, 2, "1 水泵", 300_000)
    await leak.say(B, "/request join R2 into=R1", by="li")
    assert "💰" in card(leak, 1)


@pytest.mark.parametrize(
    ("cost", "state"), [("", "💰"), (" cost=600000", "💰"), (" cost=400000", "🤝")]
)
async def test_a_dear_thing_that_stands_in_for_a_cheap_one_waits_for_finance(
    leak: Desk, cost: str, state: str
) -> None:
    await ordered(leak, 1, "2 抢修车", 100)
    assert "🤝" in card(leak, 1)
    await leak.say(B, f"/request substitute R1 2 helicopters{cost}", by="han")
    assert state in card(leak, 1)
    assert "Waits for" in card(leak, 1)


async def test_what_finance_approved_is_asked_again_for_what_stands_in(leak: Desk) -> None:
    await ordered(leak, 1, "2 抢修车", 600_000)
    await leak.say(B, "/request approve R1", by="han")
    assert "🤝" in card(leak, 1)
    await leak.say(B, "/request substitute R1 2 helicopters cost=900000", by="han")
    assert "💰" in card(leak, 1)
    assert "approved by Finance" not in card(leak, 1)


async def test_a_substitution_past_commitments_is_refused_where_it_needs_an_approval(
    leak: Desk,
) -> None:
    """It is split off, and then waits."""
    await ordered(leak, 1, "3 抢修车", 100)
    await leak.say(B, "/request commit R1 1", by="wang")
    await leak.say(B, "/request substitute R1 2 helicopters", by="han")
    assert "/request split R1" in last(leak, B)
    assert "helicopters" not in card(leak, 1)
    await leak.say(B, "/request split R1 2", by="han")
    await leak.say(B, "/request substitute R2 2 helicopters", by="han")
    assert "💰" in card(leak, 2)


async def test_who_asked_replaces_nothing_behind_the_sections_back(leak: Desk) -> None:
    await ordered(leak, 1, "2 抢修车", 100)
    await leak.say(B, "/request substitute R1 200 tents cost=1", by="li")
    assert "🆕" in card(leak, 1)
    assert "approved for the section" not in card(leak, 1)


async def asked_by_the_chief(leak: Desk) -> None:
    """Anna, who approves for Operations, asks herself; Wang leads Logistics, Zhou Resources."""
    await joined(leak, "Zhou")
    await leak.say(A, "/角色 任命 后勤部 Wang", by="han")
    await leak.say(A, "/角色 任命 资源单元 Zhou", by="han")
    await leak.say(B, "/request 2 抢修车", by="anna")
    await leak.say(B, "/request cost R1 100", by="anna")
    await leak.say(B, "/request approve R1", by="anna")
    await leak.say(B, "/request check R1 none", by="zhou")


@pytest.mark.parametrize("done", [(), ("order R1 cost=900000",), ("order R1 cost=100",)])
async def test_a_chief_who_asked_replaces_nothing_behind_resources_and_logistics(
    leak: Desk, done: tuple[str, ...]
) -> None:
    """Whether it waits for the order, for Finance or for suppliers."""
    await asked_by_the_chief(leak)
    for each in done:
        await leak.say(B, f"/request {each}", by="wang")
    await leak.say(B, "/request substitute R1 1 helicopter cost=1", by="anna")
    shown = card(leak, 1)
    assert "helicopter" in shown
    assert "🔎" in shown
    assert "approved for the section" in shown
    assert "checked by Resources" not in shown
    assert "ordered by Logistics" not in shown


async def test_who_may_check_and_order_replaces_without_being_asked_again(leak: Desk) -> None:
    await asked_by_the_chief(leak)
    await leak.say(B, "/request order R1 cost=100", by="wang")
    await leak.say(B, "/request substitute R1 1 helicopter cost=1", by="han")
    assert "🤝" in card(leak, 1)


async def test_what_stands_in_for_something_on_hand_is_looked_for_again(leak: Desk) -> None:
    await leak.say(A, "/角色 任命 后勤部 Wang", by="han")
    await leak.say(B, "/request 2 抢修车", by="li")
    await leak.say(B, "/request approve R1", by="anna")
    await leak.say(B, "/request check R1 have", by="han")
    await leak.say(B, "/request substitute R1 2 tents", by="wang")
    assert "🔎" in card(leak, 1)


async def test_below_the_limit_a_join_asks_nobody_for_money(leak: Desk) -> None:
    await ordered(leak, 1, "1 抢修车", 200_000)
    await ordered(leak, 2, "1 水泵", 200_000)
    await leak.say(B, "/request join R2 into=R1", by="li")
    assert "🤝" in card(leak, 1)


async def test_finance_is_told_of_a_sum_that_rises_above_the_limit_after_a_commitment(
    leak: Desk,
) -> None:
    await leak.say(A, "/角色 任命 财务部 Wang", by="han")
    room = await private(leak, "wang")
    await ordered(leak, 1, "2 抢修车", 1)
    await leak.say(B, "/request commit R1 1", by="wang")
    await leak.say(B, "/request cost R1 400000", by="li")
    assert not [text for text in leak.texts(room) if LATE in text]
    await leak.say(B, "/request cost R1 900000", by="li")
    (told,) = [text for text in leak.texts(room) if LATE in text]
    assert "R1 is now estimated to cost 900,000.00 yuan" in told
    await leak.say(B, "/request cost R1 800000", by="li")
    assert (await leak.ledger()).count("request.above-limit") == 1
