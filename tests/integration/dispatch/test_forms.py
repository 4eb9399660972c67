"""A command that lacks something asks for it, one thing at a time, and survives restarts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers import forms
from tests.integration.dispatch.desk import A, B, Desk


@pytest.fixture
async def asked(desk: Desk) -> Desk:
    """A person was asked the first question."""
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/trial order")
    assert "What is to be done?" in desk.texts(A)[-1]
    return desk


async def ordered(desk: Desk) -> list[str]:
    """What was ordered, as the room reads it."""
    return [text for text in desk.texts(A) if text.startswith("ordered")]


async def test_the_question_stands_only_in_the_persons_room(asked: Desk) -> None:
    assert asked.texts(B) == ["Li: /trial order"]


async def test_answers_by_message_button_and_number(asked: Desk) -> None:
    await asked.say(A, "pumps to the north")
    assert "How?" in asked.texts(A)[-1]
    await asked.take(asked.pressed(A, asked.choices(A)["Slow"]))
    assert "Anything else?" in asked.texts(A)[-1]
    await asked.say(A, "/skip")
    assert await ordered(asked) == ["ordered pumps to the north slow -"]
    assert await asked.ledger() == ["ordered"]


async def test_a_number_answers_a_question_with_choices(asked: Desk) -> None:
    await asked.say(A, "pumps")
    question = asked.remote(A, "How?")
    await asked.say(A, "1", reply_to=question)
    assert "Anything else?" in asked.texts(A)[-1]
    await asked.say(A, "by night")
    assert await ordered(asked) == ["ordered pumps fast by night"]


async def test_an_answer_that_does_not_do_is_explained_and_asked_again(asked: Desk) -> None:
    await asked.say(A, "pumps")
    await asked.say(A, "sideways")
    assert "How?" in asked.texts(A)[-1]
    assert await ordered(asked) == []
    await asked.say(A, "快")
    assert "Anything else?" in asked.texts(A)[-1]


async def test_back_and_another_answer(asked: Desk) -> None:
    await asked.say(A, "pumps")
    await asked.say(A, "返回")
    assert "What is to be done?" in asked.texts(A)[-1]
    await asked.say(A, "boats")
    await asked.say(A, "slow")
    await asked.say(A, "skip")
    assert await ordered(asked) == ["ordered boats slow -"]


@pytest.mark.parametrize("word", ["cancel", "/cancel", "取消", "算了"])
async def test_leaving(asked: Desk, word: str) -> None:
    await asked.say(A, word)
    assert asked.texts(A)[-1] == "Left. Nothing was done."
    await asked.say(A, "pumps")
    assert await ordered(asked) == []
    assert "How?" not in asked.texts(A)[-1]
    async with asked.world.store.read() as uow:
        assert await uow.timers.next() is None


async def test_what_others_say_is_no_answer(asked: Desk) -> None:
    await asked.say(A, "pumps", by="wang")
    await asked.say(B, "pumps")
    assert "How?" not in "".join(asked.texts(A))


async def test_another_command_in_between_leaves_the_question_open(asked: Desk) -> None:
    await asked.say(A, "/trial yes")
    await asked.say(A, "pumps")
    assert "How?" in asked.texts(A)[-1]


async def test_a_restart_in_the_middle_loses_nothing(asked: Desk) -> None:
    await asked.say(A, "pumps")
    button = asked.choices(A)["Fast"]
    await asked.world.crash()
    asked.restart()
    await asked.take(asked.pressed(A, button))
    await asked.say(A, "skip")
    assert await ordered(asked) == ["ordered pumps fast -"]


async def test_a_question_ends_after_its_time_and_says_how_to_begin_again(asked: Desk) -> None:
    asked.world.moment += forms.LIFE - timedelta(seconds=1)
    await asked.clock.ring()
    await asked.delivered()
    assert "closed" not in asked.texts(A)[-1]
    asked.world.moment += timedelta(seconds=1)
    await asked.clock.ring()
    await asked.clock.ring()
    await asked.delivered()
    assert "is closed" in asked.texts(A)[-1]
    assert "/trial order" in asked.texts(A)[-1]
    assert len([text for text in asked.texts(A) if "is closed" in text]) == 1
    await asked.say(A, "pumps")
    assert "How?" not in asked.texts(A)[-1]


async def test_each_answer_gives_new_time(asked: Desk) -> None:
    asked.world.moment += timedelta(minutes=20)
    await asked.say(A, "pumps")
    asked.world.moment += timedelta(minutes=20)
    await asked.clock.ring()
    await asked.say(A, "fast")
    assert "Anything else?" in asked.texts(A)[-1]


async def test_a_new_form_takes_the_place_of_the_open_one(asked: Desk) -> None:
    await asked.say(A, "pumps")
    old = asked.choices(A)["Fast"]
    await asked.say(A, "/trial order")
    await asked.take(asked.pressed(A, old))
    assert asked.world.net.answered[-1] == ("press li", "This question is over.")
    await asked.say(A, "boats")
    await asked.say(A, "fast")
    await asked.say(A, "skip")
    assert await ordered(asked) == ["ordered boats fast -"]


@pytest.mark.parametrize("state", [{"form": {}}, {"form": {"command": "no.such"}}, {"form": None}])
async def test_a_form_that_can_no_longer_be_read_ends_and_swallows_nothing(
    asked: Desk, state: dict[str, object]
) -> None:
    """As after an update that has taken the command away."""
    async with asked.world.store.write() as uow:
        form = await uow.forms.open(A, "loopback:li")
        assert form is not None
        form.state = state
    await asked.say(A, "pumps")
    assert asked.texts(A)[-1] == "This question is over."
    await asked.say(A, "talk")
    assert asked.texts(B)[-2:] == ["Li: pumps", "Li: talk"]
    assert len(asked.texts(A)) == 2


async def test_a_form_that_can_no_longer_be_read_ends_in_time_as_well(asked: Desk) -> None:
    async with asked.world.store.write() as uow:
        form = await uow.forms.open(A, "loopback:li")
        assert form is not None
        form.state = {"form": None}
    asked.world.moment += forms.LIFE
    await asked.clock.ring()
    await asked.delivered()
    assert "is closed" in asked.texts(A)[-1]
    async with asked.world.store.read() as uow:
        assert await uow.forms.open(A, "loopback:li") is None


async def test_a_wrong_answer_is_asked_for_again_when_only_the_command_could_know(
    desk: Desk,
) -> None:
    await desk.say(A, "/bridge new North", by="admin")
    code = desk.texts(A)[-1].split("/bridge join ")[1].split()[0].strip(".。")
    await desk.say(B, "/bridge join", by="admin")
    await desk.say(B, "ABCD2340", by="admin")
    assert "ABCD2340" in desk.texts(B)[-1]
    assert "Answer with your next message" in desk.texts(B)[-1]
    await desk.say(B, code, by="admin")
    async with desk.world.store.read() as uow:
        assert await uow.bridges.linked(B) == [A]


async def test_a_form_whose_command_is_refused_says_that_it_is_over(desk: Desk) -> None:
    await desk.bridge("north", a="en", b="en")
    await desk.say(A, "/agency new Fire", by="admin")
    await desk.say(A, "/agency new", by="admin")
    await desk.say(A, "Fire", by="admin")
    told = desk.texts(A)[-1]
    assert "Nothing was done and the form is closed. To begin again: /agency new" in told


async def test_typing_what_a_button_says_is_pressing_it(desk: Desk) -> None:
    await desk.bridge("north", a="both", b="en")
    await desk.say(A, "/trial order")
    await desk.say(A, "pumps")
    await desk.say(A, "取消 / Cancel")
    assert "Nothing was done" in desk.texts(A)[-1]
