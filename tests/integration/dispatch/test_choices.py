"""Buttons, reactions and numbers: who may choose, what an old choice does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.integration.dispatch.desk import A, B, Desk


async def test_a_press_runs_the_command_and_is_answered_once_it_is_committed(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial open")
    await desk.take(desk.pressed(A, desk.choices(A)["Yes"], by="wang"))
    assert await desk.ledger() == ["yes"]
    assert desk.texts(A)[-1] == "counted Wang"
    assert desk.world.net.answered == [("press wang", "")]


async def test_a_press_that_is_delivered_twice_counts_once(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial open")
    press = desk.pressed(A, desk.choices(A)["Yes"])
    await desk.take(press)
    await desk.take(press)
    assert await desk.ledger() == ["yes"]


async def test_two_people_who_press_the_same_both_count(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial open")
    token = desk.choices(A)["Yes"]
    await desk.take(desk.pressed(A, token, by="wang"), desk.pressed(A, token, by="zhao"))
    assert await desk.ledger() == ["yes", "yes"]
    assert desk.texts(A)[-2:] == ["counted Wang", "counted Zhao"]


async def test_somebody_elses_choice_is_refused_to_the_presser_alone(desk: Desk) -> None:
    await desk.bridge("north", a="zh", b="en")
    await desk.say(A, "/trial vote")
    shown = len(desk.texts(A))
    await desk.take(desk.pressed(A, desk.choices(A)["Yes"], by="wang"))
    assert await desk.ledger() == []
    assert len(desk.texts(A)) == shown
    ((press, told),) = desk.world.net.answered
    assert press == "press wang"
    assert told
    assert told != "This choice is for somebody else."


async def test_a_choice_that_nobody_knows_is_over(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.take(desk.pressed(A, "forged"))
    assert desk.world.net.answered == [("press li", "This choice is over.")]


async def test_an_old_button_of_a_form_is_over(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial order pumps")
    old = desk.choices(A)
    await desk.say(A, "fast")
    await desk.take(desk.pressed(A, old["Slow"]))
    assert desk.world.net.answered[-1] == ("press li", "This question is over.")
    await desk.say(A, "skip")
    assert desk.texts(A)[-1] == "ordered pumps fast -"


async def test_numbers_choose_as_a_reply_or_with_an_exclamation_mark(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial open")
    await desk.say(A, "1")
    assert await desk.ledger() == []
    await desk.say(A, "!1")
    await desk.say(A, "１。", reply_to=desk.remote(A, "vote"))
    await desk.say(A, "!7")
    assert desk.texts(A)[-1] == "There is no choice 7 here. Choose from !1 to !2."
    assert not any("!7" in text for text in desk.texts(B))
    assert await desk.ledger() == ["yes", "yes"]


async def test_a_text_of_blanks_alone_is_read_at_once(desk: Desk) -> None:
    """Somebody leans on a key: all rooms would wait for it."""
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial open")
    for blanks in (" " * 40_000, "1" + "\u3000" * 40_000 + "x", "!" + " " * 40_000 + "1"):
        async with asyncio.timeout(5):
            await desk.say(A, blanks)
    assert await desk.ledger() == ["yes"]


async def test_a_day_later_a_bare_number_chooses_nothing(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial open")
    desk.world.moment += timedelta(hours=25)
    await desk.say(A, "!1")
    assert await desk.ledger() == []


async def test_a_reaction_chooses_of_two(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial open")
    await desk.take(desk.reacted(A, desk.remote(A, "vote"), "👍"))
    await desk.take(desk.reacted(A, desk.remote(A, "vote"), "🎉"))
    assert await desk.ledger() == ["yes"]


async def test_a_dead_letter_is_sent_again_by_command(desk: Desk) -> None:
    from collections import deque

    from bot.transports.base import Rejected

    await desk.bridge("north", a="en", b="en")
    desk.world.net.faults[B] = deque([Rejected("no")])
    await desk.say(A, "hello")
    assert "was not delivered" in desk.texts(A)[-1]
    await desk.say(A, "/retry send")
    assert "Li: hello" in desk.texts(B)
    assert any("1 message is being sent again" in text for text in desk.texts(A))
